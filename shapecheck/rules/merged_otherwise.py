"""Axes are merged with others than those that are meant, or in another order."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rows import MaskTiled
from shapecheck.core.rule import Rule
from shapecheck.rules import _axes
from shapecheck.rules._trial import finding


def check(evidence: Trial | MaskTiled) -> Iterator[Finding]:
    """Products whose names are those of axes that the tensor has; masks of samples and heads."""
    if isinstance(evidence, MaskTiled):
        yield _tiled(evidence)
    else:
        yield from _written(evidence)


def _tiled(fact: MaskTiled) -> Finding:
    text = fact.mask.text or fact.argument
    return _axes.finding(
        fact,
        RULE.slug,
        Severity.ERROR if fact.sure else Severity.WARNING,
        f"{fact.operation} takes {fact.argument} as (samples · heads, …), all heads of a sample "
        f"one after another, but {text} holds all {fact.batch} samples one after another, "
        f"{fact.heads} times",
        expected=f"({fact.batch} · {fact.heads}, …): mask.repeat_interleave({fact.heads}, dim=0)",
        actual=f"({fact.heads} · {fact.batch}, …): {_axes.shape(fact.mask)}",
        cause="repeat and tile lay out the whole batch again and again, and the size is the same",
        remedy=f"repeat_interleave({fact.heads}, dim=0)",
    )


def _written(trial: Trial) -> Iterator[Finding]:
    if trial.kind != "alignment" or trial.pattern != "merged":
        return
    yield finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"{trial.function} writes {trial.declared}, but merges {trial.detail}",
        expected=f"an axis of {trial.declared}",
        actual=trial.operation,
        cause="the sizes are equal in this call, or their product is, so no size tells it",
    )


RULE = Rule(
    "merged-otherwise",
    Severity.WARNING,
    "Axes are merged with others than those that are meant, or in another order.",
    Trial,
    check,
    (MaskTiled,),
)
