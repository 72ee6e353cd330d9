"""Levels of quantiles lie along the targets, where each estimate has a level of its own."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import LevelsAstray
from shapecheck.rules._axes import finding, shape


def check(fact: LevelsAstray) -> Iterator[Finding]:
    """Fires where errors of all estimates with all targets get a level for each target."""
    text = fact.levels.text or "the levels"
    sizes = ["1"] * len(fact.errors.shape)
    sizes[fact.estimate] = "-1"
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{text} lies along axis {fact.target} of {fact.errors.text or 'the errors'}, the targets; "
        f"the estimates, which have these levels, lie along axis {fact.estimate}",
        expected=f"a level for each estimate, along axis {fact.estimate}",
        actual=f"{shape(fact.levels)} beside {shape(fact.errors)}",
        cause="there are as many targets as estimates, so that one fits where the other is meant: "
        "what is trained are the estimates",
        remedy=f"{text}.view({', '.join(sizes)})" if len(fact.levels.shape) == 1 else "",
    )


RULE = Rule(
    "levels-along-targets",
    Severity.WARNING,
    "Levels of quantiles lie along the targets, where each estimate has a level of its own.",
    LevelsAstray,
    check,
)
