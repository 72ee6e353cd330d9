"""An index into flattened axes is taken apart by the size of the outer one."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import FlatIndex
from shapecheck.rules._axes import finding, named

_REST = ("__mod__", "remainder", "fmod")


def check(fact: FlatIndex) -> Iterator[Finding]:
    """Entries of the last axis stand side by side, so its size is what divides a flat index."""
    text = fact.operand.text or "the index"
    sign = "%" if fact.operation in _REST else "//"
    outer, inner = (_said(axis.label, named(axis), axis.size) for axis in (fact.outer, fact.inner))
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if fact.outer.size != fact.inner.size else Severity.WARNING,
        f"{text} counts entries of axes of sizes {fact.sizes}, but is taken apart by {outer}, the "
        "outer one",
        expected=f"{text} {sign} {fact.inner.size}, {inner}",
        actual=f"{text} {sign} {fact.divisor}",
        cause="of axes that were flattened, the last one runs fastest",
        remedy=f"{text} {sign} {fact.inner.size}",
    )


def _said(label: str, words: str, size: int) -> str:
    return f"{size}" if label == "?" else f"{words} of size {size}"


RULE = Rule(
    "flat-index-size",
    Severity.ERROR,
    "An index into flattened axes is taken apart by the size of the outer one.",
    FlatIndex,
    check,
)
