"""A softmax over an axis of size one: every weight is 1."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import AxisView, Fact, Normalised
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.shares import RunsNowhere
from shapecheck.rules._axes import finding, shape

_BUILT = ("None", "unsqueeze", "keepdim")


def check(fact: Fact) -> Iterator[Finding]:
    """A softmax, and sums so far, over an axis that the model made of size one."""
    if isinstance(fact, RunsNowhere):
        yield _nowhere(fact)
    elif isinstance(fact, Normalised):
        yield from _softmax(fact)


def _nowhere(fact: RunsNowhere) -> Finding:
    others = [i for i, axis in enumerate(fact.operand.axes) if axis.size > 1]
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} runs along axis {fact.position}, which has size 1: it changes nothing",
        expected="an axis with more than one index",
        actual=shape(fact.operand),
        cause="what is to be added up lies along another axis",
        remedy=f"dim={others[0]}" if len(others) == 1 else "",
    )


def _softmax(fact: Normalised) -> Iterator[Finding]:
    """Silent where the size is the data's (a sequence of one step), not the model's."""
    axis = fact.operand.axes[fact.position]
    if axis.size != 1 or "softm" not in fact.operation:
        return
    if not (_built(axis) or _of_one_output(fact)):
        return
    others = [i for i, a in enumerate(fact.operand.axes) if a.size > 1]
    if not others:
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if _of_one_output(fact) else Severity.WARNING,
        f"{fact.operation} over axis {fact.position}, which has size 1: every weight is 1",
        expected="an axis with more than one index",
        actual=shape(fact.operand),
        cause="the scores compete along another axis",
        remedy=f"dim={others[-1]}" if len(others) == 1 and not _flat(fact, others[0]) else "",
    )


def _built(axis: AxisView) -> bool:
    """True where the model makes the axis: a layer with one output, or a new axis."""
    if axis.parts or axis.names or axis.role is not None or axis.reads:
        return False
    return axis.grown in _BUILT or axis.origin.startswith(("nn.Linear", "nn.Conv", "nn.Bilinear"))


def _of_one_output(fact: Normalised) -> bool:
    """True where the axis is what a linear layer with one output gives."""
    axis, last = fact.operand.axes[fact.position], len(fact.operand.axes) - 1
    made = fact.operand.made_by == "linear" or axis.origin.startswith("nn.Linear")
    return made and fact.position == last and not (axis.names or axis.parts or axis.role)


def _flat(fact: Normalised, position: int) -> bool:
    return bool(fact.operand.axes[position].parts)


RULE = Rule(
    "singleton-softmax",
    Severity.WARNING,
    "A softmax over an axis of size one: every weight is 1.",
    Fact,
    check,
)
