"""Heads whose weights were normalised together, though each head has weights of its own.

Features are read as (heads, width), and queries meet keys along the width: scores of each head. A
softmax over heads and keys merged shares one between all heads (Vaswani et al., 2017, section 3.2.2
has one for each); that is told once the heads are taken apart again, as weights of their own.
"""

from __future__ import annotations

from dataclasses import replace

from shapecheck.core.standards import HeadsNormalised
from shapecheck.runtime.flow.axes import Axes, Axis, Identity
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import HeadsMerged, Marks


def softmaxed(call: Call, scores: Axes, at: int, marks: Marks) -> Marks:
    """The weights remember a softmax over heads and keys at once."""
    axis = scores.items[at]
    heads = _heads(scores)
    found = [part.identity for part in axis.parts if part.identity in heads]
    if len(axis.parts) < 2 or len(found) != 1 or len(heads) < 2:
        return marks
    operand = call.described(scores, call.operand_text(0))
    return replace(marks, heads=HeadsMerged(found[0], operand, at, call.place, call.name))


def _heads(scores: Axes) -> list[Identity]:
    """The outer parts of features whose inner parts were summed along: one of each operand.

    One alone makes no heads: so many things, each of which meets all keys.
    """
    made = scores.marks.scores
    if made is None or not made.made:
        return []
    widths = [width.parent for width in made.summed]
    return [
        kept
        for kept in made.kept
        if kept.parent and kept.parent[1] == 0 and (kept.parent[0], 1, kept.parent[2]) in widths
    ]


def taken_apart(call: Call, weights: Axes, held: tuple[Axis, ...]) -> None:
    """Record weights whose heads stand alone after a reshape, as before their softmax."""
    found = weights.marks.heads
    if found is not None and any(axis.single is found.head for axis in held):
        call.emit(HeadsNormalised(found.place, found.by, found.operand, found.position, call.place))
