"""A table of transitions is read as (from, to) at one place and as (to, from) at another."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import finding

_ORDERS = ("(from, to)", "(to, from)")


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where a module reads one square parameter in both orders."""
    if trial.kind != "alignment" or trial.pattern != "ends":
        return
    here, there = _ORDERS[trial.before[0]], _ORDERS[trial.after[0]]
    yield finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"`{trial.output}` is read as {here} here, and as {there} elsewhere: {trial.detail}",
        expected=f"{there} at both places, or {here} at both",
        actual=trial.operation,
        cause="the table is square, so both orders fit",
    )


RULE = Rule(
    "ends-swapped",
    Severity.WARNING,
    "A table of transitions is read as (from, to) at one place and as (to, from) at another.",
    Trial,
    check,
)
