"""Pieces of the samples that are joined again in another order: each goes to another sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shapecheck.core.shares import PiecesExchanged
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes, Identity
from shapecheck.runtime.flow.call import Call


@dataclass(frozen=True)
class Piece:
    """Number `number` of `count` pieces of an axis, cut by `how`."""

    axis: Identity
    number: int
    count: int
    how: str
    place: Place


def cut(call: Call, source: Axes, pieces: Sequence[Axes]) -> None:
    """Mark the pieces of an axis whose entries were taken at random."""
    changed = [
        i for i, axis in enumerate(source.items) if any(p.items[i].size < axis.size for p in pieces)
    ]
    axis = source.items[changed[0]].single if len(changed) == 1 else None
    if axis is None or axis.shuffled is None:
        return
    for number, piece in enumerate(pieces):
        found = Piece(axis, number, len(pieces), call.name, call.place)
        piece.marks = replace(piece.marks, piece=found)


def joined(call: Call, operands: Sequence[Axes], at: int) -> None:
    """Record that all pieces of one axis lie along it again, in another order."""
    pieces = [axes.marks.piece for axes in operands]
    first = pieces[0]
    if first is None or first.axis.shuffled is None or len(pieces) != first.count:
        return
    if any(p is None or p.axis is not first.axis or p.place != first.place for p in pieces):
        return
    order = [piece.number for piece in pieces if piece is not None]
    turned = order != sorted(order) == list(range(first.count))
    if turned and operands[0].items[at].single is first.axis:
        made, where = call.described(operands[0], call.operand_text(0)), first.axis.shuffled
        call.emit(PiecesExchanged(call.place, call.name, made, at, first.how, first.place, where))
