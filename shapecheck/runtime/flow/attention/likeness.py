"""Weights of attention: likenesses of queries and keys, a softmax, and the values they weigh.

Each query's weights add up to one over the keys, and values are summed over the keys (Bahdanau et
al., 2015, section 3.1). Where samples compete for slots or clusters, weights are normalised over
these and summed over the samples; whoever does so says it, or divides by the sums of the weights.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from shapecheck.core.facts import WeightedApart
from shapecheck.runtime.flow.axes import Axes, Axis, parts_of
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Likeness, Marks
from shapecheck.runtime.flow.statistics.normalised import layered

_ATTENDS = re.compile(
    r"atten|attn|(?<![a-z])quer(?:y|ies)(?![a-z]).*(?<![a-z])keys?(?![a-z])", re.IGNORECASE
)
_COMPETES = re.compile(
    r"slot|cluster|k_?means|assign|rout|capsul|prototyp|compet|group|codebook|centroid|cent(?:er|re)"
    r"|invert|write|updat|scatter|expert|dispatch|distribut|spread|propagat|broadcast|back|sinkhorn",
    re.IGNORECASE,
)
_CONVOLUTIONS = {"conv1d": 1, "conv2d": 2, "conv3d": 3}  # how many axes stand behind the channels


def multiplied(call: Call, result: Axes) -> None:
    """Mark what was multiplied along one axis, row by row with row."""
    if len(result.items) > 1:
        found = Likeness(call.place, _line(call))
        result.marks = replace(result.marks, likeness=found)


def softmaxed(call: Call, scores: Axes, marks: Marks) -> Marks:
    """The weights keep where they come from."""
    found = scores.marks.likeness
    if found is None:
        return marks
    return replace(marks, likeness=replace(found, text=f"{found.text} {_line(call)}"))


def weigh(call: Call, weights: Axes, normalised: Axis, summed: Axis) -> bool:
    """True where these are the weights of attention, normalised over the other of its two axes."""
    found = weights.marks.likeness
    if found is None or normalised.normalised is None or summed.size == 1 == normalised.size:
        return False
    said = " ".join((found.text, *_said(call)))
    return bool(_ATTENDS.search(said)) and not _COMPETES.search(said)


def from_the_right(call: Call, values: Axes, weights: Axes) -> bool:
    """`values @ weights`: features of each key, which a layer made, by a square of weights.

    Not where the left is such a square as well: steps of a walk come one after another.
    """
    kept, over = values.items[-2], weights.items[-1]
    if not over.normalised or weights.items[-2].normalised:
        return False
    square = list(parts_of(over)) == list(parts_of(weights.items[-2]))
    if not square or list(parts_of(kept)) == list(parts_of(over)) or values.items[-1].normalised:
        return False
    made = layered(call, kept) or _put_out(values, kept)
    return made and weigh(call, weights, over, weights.items[-2])


def _put_out(values: Axes, kept: Axis) -> bool:
    """True for the features that a layer put out, also where nothing is trained (`no_grad`)."""
    by, axes = values.root.made_by, values.root.items
    from_the_end = 1 if by == "linear" else _CONVOLUTIONS.get(by, 0) + 1
    known = by == "linear" or by in _CONVOLUTIONS
    return known and len(axes) >= from_the_end and axes[-from_the_end].parts == kept.parts


def summed(call: Call, source: Axes, dims: set[int]) -> None:
    """Whoever asks how much weight each key gets knows that it is not one."""
    over = [i for i, axis in enumerate(source.items) if axis.normalised]
    if source.marks.likeness is not None and len(over) == 1 and over[0] not in dims:
        place = source.items[over[0]].normalised
        assert place is not None
        call.withdraw(WeightedApart, place)


def _said(call: Call) -> Iterator[str]:
    for frame in call.frames[:2]:
        yield frame.f_code.co_qualname
    yield _line(call)


def _line(call: Call) -> str:
    source, node = call.source, call.expression
    if source is None or not isinstance(node, ast.expr):
        return ""
    return " ".join(source.lines[node.lineno - 1 : node.end_lineno])
