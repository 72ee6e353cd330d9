"""Parameters: a layer's weights have axes named by the sizes that the layer was made with."""

from __future__ import annotations

import ast
import sys
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part
from shapecheck.runtime.flow.call import shape_of
from shapecheck.runtime.flow.wording.expressions import argument_for
from shapecheck.runtime.flow.wording.reading import text_of

if TYPE_CHECKING:
    from shapecheck.runtime.tracker import Tracker

_SIZES: dict[tuple[type, str], tuple[str, ...]] = {
    (nn.Linear, "weight"): ("out_features", "in_features"),
    (nn.Linear, "bias"): ("out_features",),
    (nn.Bilinear, "weight"): ("out_features", "in1_features", "in2_features"),
    (nn.Embedding, "weight"): ("num_embeddings", "embedding_dim"),
    (nn.EmbeddingBag, "weight"): ("num_embeddings", "embedding_dim"),
    **{
        (kind, "weight"): ("out_channels", "in_channels")
        for kind in (nn.Conv1d, nn.Conv2d, nn.Conv3d)
    },
    **{
        (kind, "weight"): ("num_features",)
        for kind in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
    },
    (nn.LayerNorm, "weight"): ("normalized_shape",),
    **{(kind, "bias"): ("out_channels",) for kind in (nn.Conv1d, nn.Conv2d, nn.Conv3d)},
    **{
        (kind, "weight"): ("in_channels", "out_channels")
        for kind in (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
    },
}


def registered(tracker: Tracker, module: nn.Module, name: str, parameter: Tensor) -> None:
    """A module took a parameter: hold its axes. A lazy one has none yet."""
    if is_lazy(parameter):
        return
    kind = next((base for base in type(module).__mro__ if (base, name) in _SIZES), None)
    if kind is None:
        known = tracker.recent(parameter)
        if known is not None:
            tracker.hold(parameter, Axes(known.items, known.made_by, known.made_at, weight=True))
        return
    frame = _maker(sys._getframe(2), kind)
    shape = shape_of(parameter)
    made = getattr(module, "_parameters", {})
    axes = []
    for i, size in enumerate(shape):
        sizes = _SIZES[(kind, name)]
        argument = sizes[i] if i < len(sizes) else ""
        if name == "bias" and (weight := made.get("weight")) is not None:
            axes.append(tracker.before(weight).items[0])
            continue
        identity = _meant(tracker, frame, kind, argument, size) if argument else None
        axes.append(Axis((Part(identity or Identity(f"nn.{kind.__name__}"), size),)))
    tracker.hold(parameter, Axes(axes, f"nn.{kind.__name__}", weight=True))


def _maker(frame: FrameType | None, kind: type) -> FrameType | None:
    """The outermost frame of the layer's own `__init__`, whose caller passed the sizes."""
    codes = _initialisers(kind)
    found = None
    while frame is not None:
        if frame.f_code in codes:
            found = frame
        elif found is not None:
            break
        frame = frame.f_back
    return found


def _initialisers(kind: type) -> set[CodeType]:
    inits = [vars(base).get("__init__") for base in kind.__mro__ if base is not object]
    return {init.__code__ for init in inits if isinstance(init, FunctionType)}


def _meant(
    tracker: Tracker, made: FrameType | None, kind: Any, argument: str, size: int
) -> Identity | None:
    if made is None or made.f_back is None:
        return None
    chain = tracker.frames.chain(made.f_back, 6)
    if not chain or chain[0] is not made.f_back:
        return None
    found = tracker.sizes.node(chain[0].f_code, chain[0].f_lasti)
    if found is None or not isinstance(found[1], ast.Call):
        return None
    node = argument_for(found[1], kind.__init__.__code__, argument)
    return tracker.sizes.speaks_of(node, chain, size) if text_of(node) else None
