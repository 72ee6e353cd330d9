"""A mask is applied to no effect: its result is not used, or it comes after the softmax."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import Masked
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.site import Place
from shapecheck.rules._axes import finding, line, shape

_FAR_BELOW = -100.0


def check(fact: Masked) -> Iterator[Finding]:
    """A zero after the softmax may be meant; minus infinity there never is."""
    if fact.discarded:
        text = fact.operand.text or "the scores"
        yield finding(
            fact,
            RULE.slug,
            Severity.ERROR,
            f"the result of {text}.{fact.operation}(…) is not used, so nothing is masked",
            expected=f"{text} = {text}.{fact.operation}(…), or {fact.operation}_(…)",
            actual="a new tensor that is thrown away",
            cause=f"{fact.operation} leaves its operand as it was",
            remedy=f"{fact.operation}_",
        )
    elif fact.uniform is not None:
        at = len(fact.operand.shape) - 1
        yield finding(
            fact,
            RULE.slug,
            Severity.WARNING,
            f"the mask ({line(fact.uniform, fact.place)}) is the same all along axis {at}, "
            f"over which {fact.operation} runs: it changes no weight",
            expected=f"a mask that differs along axis {at}: mask.unsqueeze(1), not unsqueeze(2)",
            actual=shape(fact.operand),
            cause="whole rows are filled with one value, and a softmax of equal scores is uniform",
        )
    elif fact.rows is not None:
        yield _rows(fact, fact.rows)
    elif fact.faint is not None:
        yield _faint(fact, fact.faint)
    elif fact.inverted is not None:
        yield _inverted(fact, fact.inverted)
    elif fact.after_softmax is not None and fact.fill is not None and fact.fill <= _FAR_BELOW:
        yield finding(
            fact,
            RULE.slug,
            Severity.ERROR,
            f"{fact.fill:g} is filled in after the softmax "
            f"({line(fact.after_softmax, fact.place)}), where weights are expected",
            expected="the mask before the softmax",
            actual=shape(fact.operand),
            cause="after the softmax these are weights, not scores",
        )


def _faint(fact: Masked, where: Place) -> Finding:
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"a triangle of ones and zeros is added to the scores or multiplied with them "
        f"({line(where, fact.place)}), so nothing is hidden: a softmax gives weight to zeros too",
        expected="masked_fill(mask == 0, float('-inf')), or a mask of truths",
        actual=shape(fact.operand),
        cause="a score of 0 is as good as any other; only minus infinity gets no weight",
    )


def _rows(fact: Masked, where: Place) -> Finding:
    at = len(fact.operand.shape) - 1
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"the mask of padding ({line(where, fact.place)}) lies along axis {at - 1}, the queries, "
        f"but {fact.operation} runs over axis {at}: no padding is hidden from any query",
        expected=f"the mask of padding along axis {at}, mask[:, None, None, :]",
        actual=shape(fact.operand),
        cause="all scores of a query that is padding are filled with one value, and its weights "
        "come out uniform; the others are masked by order alone",
    )


def _inverted(fact: Masked, where: Place) -> Finding:
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"the mask ({line(where, fact.place)}) is true where the tokens stand, but what is true is "
        "hidden here: the padding alone is attended to",
        expected="a mask that is true where the padding stands: ids == padding",
        actual=shape(fact.mask),
        cause="some functions take True for what is hidden, others for what is seen",
        remedy="~mask",
    )


RULE = Rule(
    "mask-without-effect",
    Severity.ERROR,
    "A mask is applied to no effect: its result is not used, or it comes after the softmax.",
    Masked,
    check,
)
