"""A squeeze() without dim took a known axis of size one away, and later code misses it."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView, Broadcast, Fact, Raised, Squeezed
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.signs import spoken
from shapecheck.rules._axes import finding, named, shape


def check(fact: Fact) -> Iterator[Finding]:
    """An error where the loss of the axis makes operands grow; else a note for the batch."""
    if isinstance(fact, Broadcast):
        yield from _missed(fact)
    elif isinstance(fact, Squeezed):
        yield from _removed(fact)
    elif isinstance(fact, Raised):
        yield from _failed(fact)


def _missed(fact: Broadcast) -> Iterator[Finding]:
    lost = [axis for operand in fact.operands for axis in operand.lost]
    if not lost or fact.related or all(fact.asked):
        return
    left, right = fact.operands
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR,
        f"both operands of {spoken(fact.operation)} grow to {fact.result}, since a squeeze() "
        f"without dim took the axis {named(lost[0])} away at size 1",
        expected=f"an operand that kept {named(lost[0])}",
        actual=f"{shape(left)} with {shape(right)} gives {fact.result}",
        cause="squeeze() drops every axis of size one, whatever it means",
        remedy="name the dim to squeeze, or exchange axes with transpose",
    )


def _failed(fact: Raised) -> Iterator[Finding]:
    lost = [axis for operand in fact.operands for axis in operand.lost if axis.role]
    if not lost:
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR,
        f"{spoken(fact.operation)} fails, since a squeeze() without dim took {named(lost[0])} away "
        "where its size was 1",
        expected=f"an operand that kept {named(lost[0])}",
        actual=shape(fact.operands[0]),
        cause="squeeze() drops every axis of size one, whatever it means",
        remedy="name the dim to squeeze",
        notes=(fact.message,),
    )


def _removed(fact: Squeezed) -> Iterator[Finding]:
    known: list[AxisView] = [
        axis for axis in fact.removed if axis.sure and axis.role in (Role.BATCH, Role.TIME)
    ]
    if not known:
        return
    text = fact.operand.text or "the tensor"
    partial = fact.nominal is not None and known[0].role is Role.BATCH and fact.kept > 0
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING if partial else Severity.NOTE,
        f"{text}.squeeze() also drops {named(known[0])}, whose size is 1 here",
        expected="only the axes that are meant, squeeze(dim)",
        actual=shape(fact.operand),
        cause="squeeze() drops every axis of size one, whatever it means",
        notes=(f"the loader's other batches have {fact.nominal} samples",) if partial else (),
    )


RULE = Rule(
    "squeeze-drops-axis",
    Severity.ERROR,
    "A squeeze() without dim took a known axis of size one away, and later code misses it.",
    Fact,
    check,
)
