"""What a sample gives depends on its place in the batch."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import at_fault, finding, sure


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where the same samples in another order come back as other rows."""
    if trial.kind != "order" or trial.outcome != "broken":
        return
    table = at_fault(trial)
    yield finding(
        trial,
        RULE.slug,
        sure(trial, Severity.ERROR if table else Severity.WARNING),
        f"{trial.output} of a sample depends on its place in `{trial.axis}`",
        expected="the same samples in another order give the same rows in that order",
        actual=trial.detail,
        cause=f"a table with a row for each place is added along the axis; {table}"
        if table
        else "positions, or a value for each place, are laid along the axis",
    )


RULE = Rule(
    "batch-position",
    Severity.WARNING,
    "What a sample gives depends on its place in the batch.",
    Trial,
    check,
)
