"""A recursion reduces over an axis along which its own state is one and the same."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import finding


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where the state was only stretched along the axis, and a square table lies along it."""
    if trial.kind == "alignment" and trial.pattern == "unreduced":
        yield finding(
            trial,
            RULE.slug,
            RULE.severity,
            f"the state of the step before is the same all along axis {trial.detail}, over which "
            "this step reduces: nothing of it is reduced",
            expected="the state along the axis that is reduced",
            actual=trial.operation,
            cause="the table of transitions is square, so both ways fit",
        )


RULE = Rule(
    "state-not-reduced",
    Severity.WARNING,
    "A recursion reduces over an axis along which its own state is one and the same.",
    Trial,
    check,
)
