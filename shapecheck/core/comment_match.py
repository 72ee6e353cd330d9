"""Lay a shape as a comment states it along a shape that was seen: what contradicts what.

A comment is read generously: by any of its readings, with or without the batch axis where it
names none, and with names that are bound only where a witness binds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from shapecheck.core.axis import Axis, AxisKind, Role, role_of
from shapecheck.core.comment_evidence import ShapeComment
from shapecheck.core.comment_grammar import ShapeNote
from shapecheck.core.match import evaluate
from shapecheck.core.spec import Spec

Shape = tuple[int, ...]
Witnesses = Mapping[str, frozenset[int]]
Fault = Literal["rank", "number", "repeated", "name"]


@dataclass(frozen=True)
class Contradiction:
    """One way in which a reading does not fit a shape.

    `position` is the axis of the shape, `axis` the element of the comment, `expected` the sizes
    it may have (empty for the rank), `actual` the size seen.
    """

    fault: Fault
    position: int = 0
    axis: Axis | None = None
    expected: frozenset[int] = frozenset()
    actual: int = 0


@dataclass(frozen=True)
class Laid:
    """A reading laid along a shape: what contradicts it, and what sizes its names have."""

    spec: Spec
    shape: Shape
    contradictions: tuple[Contradiction, ...]
    sizes: dict[str, int]
    omitted: int = 0


def spelled_alike(variable: str, word: str) -> bool:
    """True where a variable may be what a word names: `BATCH_SIZE` and `batch size`.

    Single letters are told apart by case: `T` is not `t`.
    """
    if len(word) == 1 or len(variable) == 1:
        return variable == word
    return _bare(variable) == _bare(word)


def _bare(name: str) -> str:
    return name.replace("_", "").lower()


_STEMS = {
    "hid": "hidden",
    "hiddens": "hidden",
    "emb": "embed",
    "embd": "embed",
    "embedding": "embed",
    "sequence": "seq",
    "length": "len",
    "feat": "feature",
    "feats": "feature",
    "features": "feature",
    "layers": "layer",
    "nlayers": "layer",
    "heads": "head",
    "nhead": "head",
    "nheads": "head",
    "classes": "class",
    "channels": "channel",
    "batchsize": "batch",
    "seqlen": "seq",
    "vocabulary": "vocab",
}
_FILLERS = frozenset(("size", "dim", "dims", "num", "n", "nb", "number", "of", "sz"))


@cache
def stem(name: str) -> tuple[str, ...]:
    """What a name is about: `hidden`, `hidden_size` and `n_hidden` are about the same."""
    if len(name) == 1:
        return ()
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    parts = [_STEMS.get(part, part) for part in snake.split("_") if part]
    kept = tuple(part for part in parts if part not in _FILLERS)
    return ("seq",) if kept == ("seq", "len") else kept


@cache
def may_mean(variable: str, word: str) -> bool:
    """True where a word in a comment may speak of a variable: `hid dim` and `hidden_size`."""
    return spelled_alike(variable, word) or (bool(stem(word)) and stem(variable) == stem(word))


def words_of(comments: Iterable[ShapeComment]) -> set[str]:
    """Every name that stands for a size in these comments."""
    return {
        word
        for comment in comments
        for note in comment.notes
        for reading in note.readings
        for axis in reading.axes
        for word in names_in(axis)
    }


def names_in(axis: Axis) -> tuple[str, ...]:
    """The names in one axis: its own, or those of its expression."""
    if axis.kind is AxisKind.NAMED:
        return (axis.name,)
    return tuple(re.findall(r"[^\W\d]\w*", axis.expression))


def lay(note: ShapeNote, shape: Shape, witnesses: Witnesses) -> tuple[Laid, ...]:
    """Every plausible way to lay a note along a shape, the plainest first."""
    return tuple(
        laid
        for reading in note.readings
        for omitted in _omissions(reading, note, len(shape))
        for laid in (_lay(reading, shape, omitted, witnesses),)
    )


def fits(note: ShapeNote, shape: Shape, witnesses: Witnesses) -> Laid | None:
    """The first way in which the note fits the shape, if there is one."""
    for laid in lay(note, shape, witnesses):
        if not laid.contradictions:
            return laid
    if note.readings[0].axes and not note.enclosed and _same_picture(note.readings[0], shape):
        return Laid(note.readings[0], shape, (), {})
    return None


def _omissions(spec: Spec, note: ShapeNote, rank: int) -> tuple[int, ...]:
    """How many leading axes the comment may leave out.

    People leave out the batch axis where they speak of one sample; never where they name it.
    """
    if spec.rank is None or names_batch(spec):
        return (0,)
    missing = rank - spec.rank
    numbers = all(axis.kind is AxisKind.FIXED for axis in spec.axes)
    if missing == 1 or (numbers and missing > 0 and spec.rank > 1):
        return (0, missing)
    return (0,)


def names_batch(spec: Spec) -> bool:
    """True where one of the axes is the batch axis by its name, alone or in a product."""
    roles = [role_of(name) for axis in spec.axes for name in (*names_in(axis), axis.name)]
    return any(hint is not None and hint.role is Role.BATCH for hint in roles) or any(
        name.startswith(("n_samples", "批")) for axis in spec.axes for name in names_in(axis)
    )


def _same_picture(spec: Spec, shape: Shape) -> bool:
    """`28x28x8` said of (batch, 8, 28, 28): a picture is written height, width, channels."""
    sizes = [axis.size for axis in spec.axes if axis.size is not None]
    return len(sizes) == len(spec.axes) > 1 and any(
        sorted(sizes) == sorted(shape[start:]) for start in range(max(1, len(shape) - 2))
    )


def _lay(spec: Spec, shape: Shape, omitted: int, witnesses: Witnesses) -> Laid:
    rest = shape[omitted:]
    if not spec.accepts_rank(len(rest)):
        return Laid(spec, shape, (Contradiction("rank"),), {}, omitted)
    axes = spec.lay(len(rest))
    sizes: dict[str, int] = {}
    wrong: list[Contradiction] = []
    for offset, (axis, size) in enumerate(zip(axes, rest, strict=True)):
        found = _axis(axis, size, sizes, witnesses)
        if found is not None:
            fault, expected = found
            wrong.append(Contradiction(fault, omitted + offset, axis, expected, size))
    return Laid(spec, shape, tuple(wrong), sizes, omitted)


def _axis(
    axis: Axis, size: int, sizes: dict[str, int], witnesses: Witnesses
) -> tuple[Fault, frozenset[int]] | None:
    if axis.kind is AxisKind.FIXED:
        assert axis.size is not None
        return None if axis.size == size else ("number", frozenset((axis.size,)))
    if axis.kind is AxisKind.NAMED:
        known = witnesses.get(axis.name, frozenset())
        earlier = sizes.setdefault(axis.name, size)
        if known:
            return None if size in known else ("name", known)
        if earlier != size and not _may_differ(axis.name):
            return "repeated", frozenset((earlier,))
        return None
    if axis.kind is AxisKind.SYMBOLIC:
        expected = _sizes_of(axis, sizes, witnesses)
        return None if not expected or size in expected else ("name", expected)
    return None


def _may_differ(name: str) -> bool:
    """Lengths are written alike where they differ (attention over another sequence), and so are
    letters."""
    hint = role_of(name)
    return len(name) == 1 or "len" in name.lower() or (hint is not None and hint.role is Role.TIME)


def _sizes_of(axis: Axis, sizes: dict[str, int], witnesses: Witnesses) -> frozenset[int]:
    """What an expression may come to; empty where one of its names is not known."""
    choices: list[dict[str, int]] = [{}]
    for name in dict.fromkeys(names_in(axis)):
        known = witnesses.get(name) or frozenset(
            (sizes[name],) if name in sizes and len(name) > 1 else ()
        )
        if not known or len(known) > 3:
            return frozenset()
        choices = [{**choice, name: value} for choice in choices for value in known]
    found = {evaluate(axis.expression, choice) for choice in choices}
    return (
        frozenset(size for size in found if size is not None) if None not in found else frozenset()
    )
