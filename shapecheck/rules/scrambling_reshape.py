"""A view or reshape moves data across axes where their order should have changed."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView, Reshape
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, named, read_as, shape
from shapecheck.rules._reordering import remedy

_OF_DATA = (Role.BATCH, Role.TIME)
_PADS = ("cat", "concat", "concatenate", "pad", "constant_pad_nd")
_RESHAPED = ("reshape", "part of several axes")  # what a slice leaves of an axis of several
_FACTORIES = ("", "rand", "randn", "randint", "zeros", "ones", "full", "empty", "tensor", "arange")


def check(fact: Reshape) -> Iterator[Finding]:
    """Fires where a size names an axis that lies elsewhere, or known axes are cut through."""
    if from_final_state(fact):
        return
    if _shifts(fact):
        return
    if fact.misplaced:
        yield _misplaced(fact, RULE.slug)
    elif fact.crossed and not _by_one(fact):
        severity = _severity(fact)
        if severity is not None:
            yield _crossed(fact, severity)
        else:
            yield from _reordered(fact)
    else:
        yield from _reordered(fact)


def _reordered(fact: Reshape) -> Iterator[Finding]:
    if _turned(fact):
        yield _permuted(fact)
    elif _regrouped(fact):
        yield _crossed(fact, Severity.WARNING)


def from_final_state(fact: Reshape) -> bool:
    """True for a recurrent layer's `h_n`: hidden-state-layout speaks of it."""
    return bool(fact.source.axes) and "_n of nn." in fact.source.axes[0].origin


def _shifts(fact: Reshape) -> bool:
    """True for the relative shift: (n, m+1) read as (m+1, n) on purpose, sliced, and viewed back.

    See Dai et al., Transformer-XL, appendix B. It pads by one before, which the sizes show or say.
    """
    a, b = fact.source.shape, fact.target
    moved = [i for i, (one, other) in enumerate(zip(a, b, strict=False)) if one != other]
    if len(a) != len(b) or len(moved) != 2 or moved[1] - moved[0] != 1:
        return False
    first, second = moved
    if (a[first], a[second]) != (b[second], b[first]):
        return False
    back = fact.source.axes[first].origin in _RESHAPED
    padded = fact.source.made_by in _PADS and not any(fact.texts)
    return back or padded or any(map(_one_more, fact.texts))


def _by_one(fact: Reshape) -> bool:
    """True for (n, n+1) read as (n+1, n), the relative shift of as many positions as queries."""
    a, b = fact.source.shape[-2:], fact.target[-2:]
    return len(a) == len(b) == 2 and a == b[::-1] and abs(a[0] - a[1]) == 1


def _one_more(text: str) -> bool:
    return text.endswith("+ 1") or text.startswith("1 +")


def _turned(fact: Reshape) -> bool:
    """Sizes in another order, of three axes or of known ones: a matrix of numbers may be an
    exercise in views. A size written as a product merges axes: (B, E) read as (B * H, D)."""
    if not fact.permuted or fact.counted or _by_one(fact) or _stays(fact):
        return False
    if any(fact.source.shape[at : at + 1] != (fact.target[at],) for at in fact.products):
        return False
    axes = [axis for axis in fact.source.axes if axis.size > 1]
    return len(axes) > 2 or any(axis.parts or axis.role for axis in axes) or _asked_for(fact)


def _stays(fact: Reshape) -> bool:
    """True where an axis that the sizes name is what it asks for: out of a product, say.

    (steps, batch·heads 12, width 4) read as (steps, batch 4, 12) has the batch where it is named;
    that the other sizes are those of before is chance.
    """
    return any(
        wanted is not None and 0 != wanted.identity == held.identity and sizes[:1] != (held.size,)
        for at, (wanted, held) in enumerate(zip(fact.wanted, fact.held, strict=False))
        for sizes in (fact.source.shape[at:],)
    )


def _asked_for(fact: Reshape) -> bool:
    """True where the result is said to be, or is read as, samples and steps."""
    named_so = any(w is not None and w.role in _OF_DATA for w in fact.wanted)
    return named_so or any(read_as(axis, *_OF_DATA) for axis in fact.held)


def _regrouped(fact: Reshape) -> bool:
    """Axes merged that do not stand side by side; of numbers just made it may be an exercise."""
    known = any(axis.role or axis.names or axis.reads for axis in fact.source.axes)
    return fact.regrouped and not fact.counted and (known or fact.source.made_by not in _FACTORIES)


def _permuted(fact: Reshape) -> Finding:
    text = fact.source.text or "x"
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} from {fact.source.shape} to {fact.target} gives the sizes another "
        "order, not the data",
        expected=f"{text}.permute(…) or {text}.transpose(…), which exchange axes",
        actual=f"{shape(fact.source)} read in memory order as {fact.target}",
        cause="view and reshape keep the order in memory; they do not exchange axes",
        remedy=remedy(fact) or _permutation(fact),
        notes=_seen_apart(fact),
    )


def _seen_apart(fact: Reshape) -> tuple[str, ...]:
    """How the call itself hides it: axes of one size."""
    if not fact.today:
        return ()
    return (f"in the call the shape was {fact.today} before and after: no axis was exchanged",)


def _permutation(fact: Reshape) -> str:
    """The exchange of axes that gives the target's sizes, where only one does."""
    have, want = fact.source.shape, fact.target
    if len(have) != len(want) or len(set(have)) < len(have):
        return ""
    order = ", ".join(str(have.index(size)) for size in want)
    return f"{fact.source.text or 'x'}.permute({order})"


def _misplaced(fact: Reshape, slug: str) -> Finding:
    at = fact.misplaced[0]
    return finding(
        fact,
        slug,
        Severity.ERROR,
        f"{fact.operation} puts the size of {_said(fact, at)} where {_held(fact.held[at])} lies: "
        "the data moves across axes",
        expected=f"axis {at} to be {_said(fact, at)}, the size that {fact.texts[at]} gives",
        actual=f"{shape(fact.source)} read in memory order as {fact.target}",
        cause="view and reshape keep the order in memory; they do not exchange axes",
        remedy=remedy(fact),
        notes=_seen_apart(fact),
    )


def _said(fact: Reshape, at: int) -> str:
    wanted = fact.wanted[at]
    return fact.texts[at] if wanted is None or wanted.label == "?" else named(wanted)


def _held(axis: AxisView) -> str:
    return "other data" if axis.label == "?" else named(axis)


def _crossed(fact: Reshape, severity: Severity) -> Finding:
    return finding(
        fact,
        RULE.slug,
        severity,
        f"{fact.operation} from {fact.source.shape} to {fact.target} cuts through axes: "
        "their data is mixed",
        expected="sizes that merge neighbouring axes or split one",
        actual=f"{shape(fact.source)} read in memory order as {fact.target}",
        cause="in memory order the new sizes hold pieces of several axes"
        if fact.regrouped
        else "the products of the sizes have no common boundary there",
        remedy=remedy(fact),
        notes=_seen_apart(fact),
    )


def _severity(fact: Reshape) -> Severity | None:
    """How sure: axes with proven roles, or only with names, or read as samples or steps later on.

    None where nothing is known.
    """
    axes = [axis for axis in fact.source.axes if axis.size > 1]
    roles = {axis.role for axis in axes if axis.sure or _read(axis)}
    if roles & {Role.BATCH, Role.TIME}:
        return Severity.ERROR
    if len([axis for axis in axes if axis.names or axis.role]) > 1:
        return Severity.WARNING
    cut = [fact.held[at] for at in fact.crossed]
    return Severity.WARNING if any(read_as(axis, *_OF_DATA) for axis in cut) else None


def _read(axis: AxisView) -> bool:
    return any(witness.role is axis.role for witness in axis.reads)


RULE = Rule(
    "scrambling-reshape",
    Severity.ERROR,
    "A view or reshape moves data across axes where their order should have changed.",
    Reshape,
    check,
)
