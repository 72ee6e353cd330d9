"""A reduction took the features and left the positions, which a layer then reads as features."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import finding


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where the layer was made for an axis of the same size that was reduced away."""
    if trial.kind != "alignment" or trial.pattern != "pooled":
        return
    size = trial.seen_sizes[0]
    yield finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"a layer made for `{trial.detail}` reads `{trial.axis}`: the axis of {size} that it was "
        "made for was reduced away",
        expected=f"a reduction over `{trial.axis}` that leaves `{trial.detail}`",
        actual=trial.operation,
        cause=f"both have size {size} in this call, so no size tells them apart",
    )


RULE = Rule(
    "wrong-axis-pooled",
    Severity.WARNING,
    "A reduction took the features and left the positions, which a layer reads as features.",
    Trial,
    check,
)
