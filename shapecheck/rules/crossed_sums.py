"""A tensor meets its own sums, or is summed, along the other of two axes of one size."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.laid import LaidAcross
from shapecheck.core.rule import Rule
from shapecheck.rules import _axes
from shapecheck.rules._trial import finding


def check(evidence: Trial | LaidAcross) -> Iterator[Finding]:
    """Fires where values, not sizes, show that rows meet what was taken of columns."""
    if isinstance(evidence, LaidAcross):
        yield _seen(evidence)
    else:
        yield from _tried(evidence)


def _seen(fact: LaidAcross) -> Finding:
    """In a program that ran: where no declaration says which axis is which."""
    text = fact.operand.text or "a tensor"
    why = "rows meet what was taken of others"
    if fact.used is not None:
        why = "its columns add up to one, and not its rows, over which "
        why += f"{_axes.line(fact.used, fact.place)} sums for a layer"
    return _axes.finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{text} meets its own {fact.statistic} over axis {fact.over}, laid along axis "
        f"{fact.along}: {why}",
        expected=f"{fact.statistic} with that axis kept at size one (keepdim=True)",
        actual=f"{_axes.shape(fact.operand)} with {_axes.shape(fact.part)}",
        cause="the two axes have one size in this call, so no size tells them apart",
        remedy="keepdim=True",
    )


def _tried(trial: Trial) -> Iterator[Finding]:
    if trial.kind != "alignment":
        return
    if trial.pattern == "crossed":
        yield _laid_across(trial)
    elif trial.pattern == "unsummed":
        yield _summed_across(trial)


def _laid_across(trial: Trial) -> Finding:
    statistic, _, where = trial.detail.partition(", ")
    return finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"a tensor meets its own {statistic} {where}: rows meet what was taken of others",
        expected=f"{statistic} with that axis kept at size one (keepdim=True)",
        actual=trial.operation,
        cause="the two axes have one size in this call, so no size tells them apart",
    )


def _summed_across(trial: Trial) -> Finding:
    return finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"the weights' {trial.detail}, but the sum runs over their other axis",
        expected="the sum over the axis along which the weights add up to one",
        actual=trial.operation,
        cause="both axes of the weights have one name and one size",
    )


RULE = Rule(
    "crossed-sums",
    Severity.WARNING,
    "A tensor meets its own sums, or is summed, along the other of two axes of one size.",
    Trial,
    check,
    (LaidAcross,),
)
