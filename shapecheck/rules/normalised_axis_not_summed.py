"""Weights are normalised over one axis and the weighted values summed over another."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import WeightedSum
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, line, named

_PRODUCTS = ("sum", "mean")


def check(fact: WeightedSum) -> Iterator[Finding]:
    """A product of matrices only where both axes are of one kind (attention over a sequence):
    soft assignments are normalised over clusters and summed over samples on purpose."""
    batch = fact.normalised.role is Role.BATCH
    if fact.operation not in _PRODUCTS and not (fact.same_kind or batch):
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if batch and fact.normalised.sure else Severity.WARNING,
        f"the weights add up to one over {named(fact.normalised)} of size {fact.normalised.size}, "
        f"but the sum runs over {named(fact.summed)} of size {fact.summed.size}",
        expected=f"a softmax over the axis that is summed, {named(fact.summed)}",
        actual=f"a softmax over {named(fact.normalised)} ({line(fact.normalised_at)})",
        cause="the weights of what is added up do not add up to one",
    )


RULE = Rule(
    "normalised-axis-not-summed",
    Severity.WARNING,
    "Weights are normalised over one axis and the weighted values summed over another.",
    WeightedSum,
    check,
)
