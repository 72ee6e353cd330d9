"""A shape comment as it should read, tried: read again, it fits what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

from shapecheck.core.axis import Axis, AxisKind
from shapecheck.core.comment_grammar import read_shapes
from shapecheck.core.comment_match import fits
from shapecheck.rules._refuted import Refutation, factor_of
from shapecheck.rules._stated import Candidate, Claim, Stated

Texts = list[str]


def shown(shape: tuple[int, ...]) -> str:
    """A shape as Python writes a tuple."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def rewritten(stated: Stated, claim: Claim, candidate: Candidate, reason: Refutation) -> str:
    """The comment with this shape corrected; empty where no correction fits.

    Where several corrections of one kind fit, the next kind is tried, down to plain numbers.
    """
    witnesses = {
        **stated.bindings(claim, candidate.moment.call),
        **stated.witnesses(claim.note, candidate.moment),
    }
    names = _names_of(stated, candidate, witnesses)
    if all(axis.kind is AxisKind.FIXED and not axis.name for axis in reason.laid.spec.axes):
        names = {}  # numbers alone are corrected by numbers
    for kind in _corrections(claim, candidate, reason, names):
        tried = {
            text: None for texts in kind if (text := _tried(claim, candidate, texts, witnesses))
        }
        if len(tried) == 1:
            return next(iter(tried))
    return ""


def _tried(
    claim: Claim, candidate: Candidate, texts: Texts, witnesses: dict[str, frozenset[int]]
) -> str:
    """The comment with these axes, if it fits when it is read again."""
    note, comment = claim.note, claim.comment
    text = comment.text[: note.start] + _joined(note.text, texts) + comment.text[note.end :]
    for again in read_shapes(text):
        laid = fits(again, candidate.shape, witnesses) if again.start == note.start else None
        if laid is not None and not laid.omitted:
            return text
    return ""


def reversed_arrow(before: Claim, after: Claim) -> str:
    """The comment with the two sides of its arrow exchanged."""
    text, left, right = after.comment.text, before.note, after.note
    return (
        text[: left.start]
        + text[right.start : right.end]
        + text[left.end : right.start]
        + text[left.start : left.end]
        + text[right.end :]
    )


def _corrections(
    claim: Claim, candidate: Candidate, reason: Refutation, names: dict[int, str]
) -> Iterator[list[Texts]]:
    """The texts of the axes as they may be meant, kind by kind, likeliest first."""
    shape, laid = candidate.shape, reason.laid
    axes = laid.spec.axes
    texts = [axis.text for axis in axes]
    at = reason.contradiction.position - laid.omitted
    wrong = {c.position - laid.omitted: c for c in laid.contradictions}
    if reason.why == "swapped":
        yield [_exchanged(texts, order) for order in permutations(wrong)]
    if reason.why == "doubled":
        yield [[*texts[:at], f"2 * {texts[at]}", *texts[at + 1 :]]]
    if reason.why == "factor":
        multiples = _multiplied(axes[at], reason)
        yield [[*texts[:at], text, *texts[at + 1 :]] for text in multiples]
    if reason.why == "rank":
        yield list(_of_other_rank(shape, axes, texts, names))
    else:
        named = {i: names.get(c.actual, str(c.actual)) for i, c in wrong.items()}
        yield [[named.get(i, text) for i, text in enumerate(texts)]]
        yield [[str(wrong[i].actual) if i in wrong else text for i, text in enumerate(texts)]]
    yield [[str(size) for size in shape]]


def _multiplied(axis: Axis, reason: Refutation) -> Iterator[str]:
    """The variable with the factor that gives the size."""
    (expected,) = reason.contradiction.expected
    name, times = factor_of(axis) or (axis.text, 1)
    size, rest = divmod(reason.contradiction.actual * times, expected)
    if not rest:
        yield name if size == 1 else f"{size} * {name}"


def _exchanged(texts: Texts, order: tuple[int, ...]) -> Texts:
    """The texts at some places in another order."""
    result = list(texts)
    for place, source in zip(sorted(order), order, strict=True):
        result[place] = texts[source]
    return result


def _of_other_rank(
    shape: tuple[int, ...], axes: tuple[Axis, ...], texts: Texts, names: dict[int, str]
) -> Iterator[Texts]:
    """The axes written, less those that the value lacks, or with those that it has more."""
    if len(texts) > len(shape):
        for kept in combinations(range(len(texts)), len(shape)):
            fixed = [axes[i].kind is AxisKind.FIXED and not axes[i].name for i in kept]
            yield [
                str(size) if is_fixed else texts[i]
                for i, size, is_fixed in zip(kept, shape, fixed, strict=True)
            ]
        return
    for places in combinations(range(len(shape)), len(texts)):
        slots = [names.get(size, str(size)) for size in shape]
        for place, text in zip(places, texts, strict=True):
            slots[place] = text
        yield slots


def _names_of(
    stated: Stated, candidate: Candidate, witnesses: dict[str, frozenset[int]]
) -> dict[int, str]:
    """For each size, the one name that has it: a variable used as a size, or another comment's."""
    sized = {name.rsplit(".", 1)[-1] for name in stated.evidence.sized}
    found: dict[int, set[str]] = {}
    for name, size in candidate.moment.sizes:
        if name.rsplit(".", 1)[-1] in sized:
            found.setdefault(size, set()).add(name.rsplit(".", 1)[-1])
    for name, sizes in witnesses.items():
        for size in sizes:
            found.setdefault(size, set()).add(name)
    return {size: min(names) for size, names in found.items() if len(names) == 1 and size != 1}


def _joined(written: str, texts: Texts) -> str:
    """The texts put together as the comment wrote them: its brackets, its separators."""
    if written[:1] in "([":
        opening, closing = written[0], written[-1]
        inner = written[1:-1]
        separator = " x " if "," not in inner and " x " in inner else ", "
        tail = "," if len(texts) == 1 and opening == "(" else ""
        return f"{opening}{separator.join(texts)}{tail}{closing}"
    for separator in (" x ", "x", " × ", ", ", ","):
        if separator in written:
            return separator.join(texts)
    return f"({', '.join(texts)})"
