"""A function's words name one axis, and its softmax or its differences run over another."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import finding


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where the docstring says `for each query` and a softmax runs over `query`, or
    `between successive positions` and a diff runs over the coordinates."""
    if trial.kind == "alignment" and trial.pattern == "promised":
        yield _normalised(trial)
    elif trial.kind == "alignment" and trial.pattern == "out of turn":
        yield _out_of_turn(trial)


def _normalised(trial: Trial) -> Finding:
    return finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"{trial.function} promises something “{trial.detail}”, but its softmax runs over "
        f"`{trial.axis}`",
        expected=f"values that add up to one {trial.detail}, over another axis",
        actual=trial.operation,
        cause=f"over `{trial.axis}` they add up to one for each of the others instead",
    )


def _out_of_turn(trial: Trial) -> Finding:
    return finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"{trial.function} speaks of “{trial.detail}”, but its differences run over `{trial.axis}`",
        expected=f"differences along {trial.declared}",
        actual=trial.operation,
        cause=f"what stands side by side in `{trial.axis}` does not follow one another",
    )


RULE = Rule(
    "docstring-contradicted",
    Severity.WARNING,
    "A function's words name one axis, and its softmax or its differences run over another.",
    Trial,
    check,
)
