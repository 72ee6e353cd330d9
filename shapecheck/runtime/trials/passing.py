"""An axis passed on to a checked function under the name of another axis of the same tensor.

The caller declares `batch time sensor`, the callee `batch channel time`: handed on as it is, the
callee's `time` is the caller's `sensor`, while the caller's `time` stands at another axis. As many
steps as sensors, and every size is right on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType

from torch import Tensor

from shapecheck.core.axis import role_of
from shapecheck.core.samples import stem
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.trials.probed import Leaf, named_axes, tensor_at

Declared = Mapping[CodeType, tuple[Leaf, ...]]


@dataclass(frozen=True)
class Passed:
    """The callee calls an axis `declared` that the caller calls `axis`; the caller has one of
    that name at position `at` of what it passes as `argument`."""

    place: Place
    callee: str
    argument: str
    declared: str
    axis: str
    position: int
    at: int
    size: int


def arguments_of(frame: FrameType, leaves: tuple[Leaf, ...]) -> Iterator[tuple[Leaf, Tensor]]:
    """The declared tensors of a call that has just begun."""
    for leaf in leaves:
        tensor = tensor_at(frame.f_locals, leaf.path)
        if tensor is not None and leaf.spec.accepts_rank(tensor.dim()):
            yield leaf, tensor


def exchanged(
    leaf: Leaf, axes: Axes, names: Mapping[int, str], callee: str, place: Place
) -> Iterator[Passed]:
    """Axes of an argument that the callee names otherwise; `names` are the caller's, by serial.

    Only for names that say what an axis is: rows and columns may well change places.
    """
    theirs = named_axes(leaf.spec, len(axes.items))
    ours = [names.get(a.single.serial, "") if a.single else "" for a in axes.items]
    for i, (declared, name) in enumerate(zip(theirs, ours, strict=True)):
        hint = role_of(declared)
        if not declared or not name or stem(declared) == stem(name) or hint is None or hint.weak:
            continue
        at = [j for j, own in enumerate(ours) if own and stem(own) == stem(declared)]
        size = axes.shape[i]
        if len(at) == 1 and axes.shape[at[0]] == size > 1:
            yield Passed(place, callee, str(leaf), declared, name, i, at[0], size)
