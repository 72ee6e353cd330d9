"""Weights are normalised over one axis and the weighted values summed over another."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import Fact, NormalisedApart, WeightedApart, WeightedSum
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.shares import EntropyApart
from shapecheck.rules._axes import finding, line, named, shape, told_apart


def check(fact: Fact) -> Iterator[Finding]:
    """Weighted sums, and what else must run along the axis that was normalised."""
    if isinstance(fact, EntropyApart):
        yield _entropy(fact)
    elif isinstance(fact, WeightedSum):
        yield from _sum(fact)
    elif isinstance(fact, NormalisedApart):
        yield _apart(fact)


def _sum(fact: WeightedSum) -> Iterator[Finding]:
    """Only where both axes are of one kind (attention over a sequence, an expectation over a grid):
    soft assignments are normalised over clusters and summed over samples on purpose, as capsules
    are routed and descriptors pooled (Sabour et al., arXiv:1710.09829, section 3). Or where the
    weights do not even lie along what is summed."""
    over_some = fact.normalised.identity == fact.summed.identity != 0
    if over_some and fact.normalised.size != fact.summed.size:
        return  # some of the samples: those that clusters began at
    batch = fact.normalised.role is Role.BATCH
    over, along = told_apart(fact.normalised, fact.summed, fact.place)
    turned = ""
    if isinstance(fact, WeightedApart):
        over, along = (f"axis {at} of the weights" for at in fact.positions)
        turned = ", or the weights transposed" if fact.normalised.size == fact.summed.size else ""
    if fact.operation != "logsumexp" and not (fact.same_kind or batch):
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if batch and fact.normalised.sure else Severity.WARNING,
        f"the weights add up to one over {over}, of size {fact.normalised.size}, "
        f"but the sum runs over {along}, of size {fact.summed.size}",
        expected=f"a softmax over the axis that is summed, {along}{turned}",
        actual=f"a softmax over {over} ({line(fact.normalised_at, fact.place)})",
        cause="the weights of what is added up do not add up to one",
    )


def _entropy(fact: EntropyApart) -> Finding:
    over, along = told_apart(fact.normalised, fact.summed, fact.place)
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"p · log p is summed over {along}, of size {fact.summed.size}, but p adds up to one over "
        f"{over}, of size {fact.normalised.size}: these are no entropies",
        expected=f"a sum over {over}: one entropy for each distribution",
        actual=f"a softmax over {over} ({line(fact.normalised_at, fact.place)})",
        cause="the entropy of a distribution is a sum over its own outcomes",
    )


def _apart(fact: NormalisedApart) -> Finding:
    at, other = fact.positions
    text = fact.left.text or "the left operand"
    here = f"{text} is normalised over axis {at} ({line(fact.places[0], fact.place)})"
    if fact.summed is None:
        message = f"{fact.operation} compares two distributions, but {here} and the other over "
        message += f"axis {other} ({line(fact.places[1], fact.place)})"
        wanted = f"both over axis {other}"
    elif fact.operation == "gather":
        message = f"gather picks along axis {fact.summed}, but {here}"
        wanted = f"one entry along axis {at}, {named(fact.left.axes[at])}"
    elif fact.operation == "Categorical":
        message = f"Categorical draws along axis {fact.summed}, but {here}"
        wanted = f"shares of axis {fact.summed}, {named(fact.left.axes[fact.summed])}"
    else:
        message = f"{fact.operation} sums over axis {fact.summed}, but {here}"
        wanted = f"norms along axis {fact.summed}, {named(fact.left.axes[fact.summed])}"
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        message,
        expected=wanted,
        actual=shape(fact.left),
        cause="what is normalised over one axis is summed, compared and picked along that axis",
        remedy=f"dim={_along(fact)}",
    )


def _along(fact: NormalisedApart) -> int:
    """The axis that the norm or the operation should have run along."""
    if fact.operation == "gather":
        return fact.positions[0]
    return fact.positions[1] if fact.summed is None else fact.summed


RULE = Rule(
    "normalised-axis-not-summed",
    Severity.WARNING,
    "Weights are normalised over one axis and the weighted values summed over another.",
    Fact,
    check,
)
