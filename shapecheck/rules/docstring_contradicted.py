"""A function promises something for each of an axis, and normalises over that very axis."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import finding


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where the docstring says `for each query` and a softmax runs over `query`."""
    if trial.kind != "alignment" or trial.pattern != "promised":
        return
    yield finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"{trial.function} promises something “{trial.detail}”, but its softmax runs over "
        f"`{trial.axis}`",
        expected=f"values that add up to one {trial.detail}, over another axis",
        actual=trial.operation,
        cause=f"over `{trial.axis}` they add up to one for each of the others instead",
    )


RULE = Rule(
    "docstring-contradicted",
    Severity.WARNING,
    "A function promises something for each of an axis, and normalises over that very axis.",
    Trial,
    check,
)
