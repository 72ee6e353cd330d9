"""One number, taken over all axes, is written along one of them, or masked."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.asked import ConfidenceOfAll
from shapecheck.core.facts import Fact
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.shares import TotalAdded
from shapecheck.core.standards import CentredByAll
from shapecheck.core.sums import MaskLate, SharedNorm, StatisticWritten
from shapecheck.rules._axes import finding, line, named, shape


def check(fact: Fact) -> Iterator[Finding]:
    """Statistics that are written, and norms that vectors are divided by."""
    if isinstance(fact, StatisticWritten):
        yield _written(fact)
    elif isinstance(fact, SharedNorm):
        yield _norm(fact)
    elif isinstance(fact, MaskLate):
        yield _masked(fact)
    elif isinstance(fact, ConfidenceOfAll):
        yield _confidence(fact)
    elif isinstance(fact, CentredByAll):
        yield _centred(fact)
    elif isinstance(fact, TotalAdded):
        yield _total(fact)


def _masked(fact: MaskLate) -> Finding:
    text, rank = fact.mask.text or "the mask", len(fact.source)
    dims = ", ".join(str(at - rank) for at in range(len(fact.mask.shape), rank))
    first = f"{fact.by} over the last axes alone" if dims else "the mask before it is one number"
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{text} is multiplied with one number, the {fact.by} of all entries "
        f"({line(fact.made, fact.place)}): what it leaves out is in that number, and every entry "
        "that it keeps gets all of it",
        expected=f"{first}: one number for each entry of {fact.mask.shape}",
        actual=f"{shape(fact.mask)} times one number, made of {fact.source}",
        cause="a reduction without dim takes all axes, and a single number fits any mask",
        remedy=(f"dim={dims}" if "," not in dims else f"dim=({dims})") if dims else "",
    )


def _confidence(fact: ConfidenceOfAll) -> Finding:
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{shape(fact.weighted)} is weighted by one number, the {fact.by} of all probabilities "
        f"({line(fact.made, fact.place)}): all samples get the confidence of the surest one",
        expected=f"{fact.by} along axis {fact.axis}, one number for each distribution",
        actual=f"one number, made of {fact.values.shape}",
        cause="a reduction without dim takes all axes, and a single number fits any place",
        remedy=f"dim={fact.axis}, keepdim=True",
    )


def _centred(fact: CentredByAll) -> Finding:
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"outputs {fact.operand.shape} of a layer are less one mean over all of them "
        f"({line(fact.made, fact.place)}): what a sample gets depends on all others of its batch",
        expected="the mean over each sample's own outputs",
        actual=f"one number, the mean of {shape(fact.operand)}",
        cause="a reduction without dim takes all axes, and a single number fits any place",
        remedy="mean(dim=1, keepdim=True)",
    )


def _total(fact: TotalAdded) -> Finding:
    dims = [i for i in range(len(fact.operand.axes)) if i != fact.position]
    text = fact.other.text or "the other operand"
    one = str(dims[0]) if len(dims) == 1 else str(tuple(dims))
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{text} has one number for each index of axis {fact.position} of a tensor, and the sum of "
        f"all its entries ({line(fact.made, fact.place)}) is added to each: it takes in the others",
        expected=f"sum(dim={one}), one number for each",
        actual=f"one number, the sum of {shape(fact.operand)}",
        cause="a reduction without dim takes all axes, and a single number fits any place",
        remedy=f"dim={one}",
    )


def _norm(fact: SharedNorm) -> Finding:
    text = fact.operand.text or "x"
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{text} is divided by one norm over all its axes: no vector of it has length one, and "
        "each depends on all others",
        expected=f"{text}.norm(dim=-1, keepdim=True)",
        actual=shape(fact.operand),
        cause="a norm without dim takes all axes",
        remedy="dim=-1, keepdim=True",
    )


def _written(fact: StatisticWritten) -> Finding:
    """The place that is written to has an axis of what the statistic was taken of, not all."""
    axis = named(fact.axis) if fact.axis.label != "?" else "the axis"
    at = [a.identity for a in fact.operand.axes].index(fact.axis.identity)
    others = [i for i in range(len(fact.operand.axes)) if i != at]
    dims = str(others[0]) if len(others) == 1 else str(tuple(others))
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"one {fact.statistic} over all axes fills {axis} of size {fact.axis.size}: every entry "
        "gets the same number",
        expected=f"{fact.statistic}(dim={dims}), one number for each entry of {axis}",
        actual=f"{fact.statistic}() of {shape(fact.operand)}, written to {shape(fact.target)}",
        cause="a reduction without dim takes all axes, and a single number fits any place",
        remedy=f"dim={dims}",
    )


RULE = Rule(
    "statistic-over-all",
    Severity.WARNING,
    "One number, taken over all axes, is written along one of them, or masked.",
    Fact,
    check,
)
