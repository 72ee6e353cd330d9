"""A tensor is centred by statistics over some axes and scaled by those over others."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import finding


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where neither set of axes contains the other."""
    if trial.kind != "alignment" or trial.pattern != "at odds":
        return
    yield finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"a tensor in {trial.function} is {trial.detail}",
        expected="mean and deviation over the same axes",
        actual=trial.operation,
        cause="what comes out has neither zero mean nor unit deviation along any axis",
    )


RULE = Rule(
    "statistics-at-odds",
    Severity.WARNING,
    "A tensor is centred by statistics over some axes and scaled by those over others.",
    Trial,
    check,
)
