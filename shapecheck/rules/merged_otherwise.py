"""A reshape merges other axes than its size is written with, or in another order."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import finding


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where the names in the product are those of axes that the tensor has."""
    if trial.kind != "alignment" or trial.pattern != "merged":
        return
    yield finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"{trial.function} writes {trial.declared}, but merges {trial.detail}",
        expected=f"an axis of {trial.declared}",
        actual=trial.operation,
        cause="the sizes are equal in this call, or their product is, so no size tells it",
    )


RULE = Rule(
    "merged-otherwise",
    Severity.WARNING,
    "A reshape merges other axes than its size is written with, or in another order.",
    Trial,
    check,
)
