"""Functional layers: convolutions, pooling, embeddings, normalisation over the batch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisReading, Normalised, Witness
from shapecheck.core.tracked import agreed
from shapecheck.runtime.flow.asking import resized
from shapecheck.runtime.flow.attention.padding import embedded
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call, shape_of
from shapecheck.runtime.flow.contracts.directions import kept
from shapecheck.runtime.flow.contracts.recurrent import read
from shapecheck.runtime.flow.marks import NONE
from shapecheck.runtime.flow.meeting import differing
from shapecheck.runtime.flow.order.positions import looked_up
from shapecheck.runtime.flow.register import flows

FAMILY = "layers"
_RECURRENT = ("nn.LSTM", "nn.GRU", "nn.RNN")


@flows(FAMILY, "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d")
def convolution(call: Call) -> Axes:
    """(batch, channel, …): new channels from the weight, the others keep their identity."""
    x, weight = call.get(0, "input"), call.get(1, "weight")
    a, w, shape = call.axes(x), call.axes(weight), call.shape
    spatial = int(call.name[-2])
    channel = len(a) - spatial - 1
    transposed = "transpose" in call.name
    if w[1 - transposed].size == a[channel].size:
        differing(call, (x, channel - len(a)), (weight, (transposed and -len(w)) or 1 - len(w)))
    out = w[1] if transposed else w[0]
    axes = [*a[:channel], out if out.size == shape[channel] else call.fresh(shape[channel])]
    axes += _resized(call, a[channel + 1 :], shape[channel + 1 :])
    if channel == 1:
        _layout(call, x, a, sized=True)
        _along_vectors(call, x, a, w)
        if w[-1].size > 1:
            _steps_as_channels(call, x, w[1])
    if channel == 1:
        call.reads(a[0], Role.BATCH, f"{call.name} takes (batch, channel, …)")
    return call.new(axes)


def _layout(call: Call, x: Tensor, axes: tuple[Axis, ...], *, sized: bool = False) -> None:
    """Channels known to stand elsewhere while something else stands where they are read.

    A layer that is `sized` was made for as many as it reads: told only where both are as many.
    """
    roles = [axis.single.role()[0] if axis.single else None for axis in axes]
    last = Role.TIME if len(axes) == 3 else None
    outside = roles[1] in (Role.TIME, Role.HEIGHT, Role.WIDTH)
    if outside and any(role in (Role.CHANNEL, Role.FEATURE) for role in roles[2:]):
        at = next(i for i, r in enumerate(roles) if i > 1 and r in (Role.CHANNEL, Role.FEATURE))
        if sized and axes[at].size != axes[1].size:
            return
        order: list[Role | None] = [None, Role.CHANNEL, *([None] * (len(axes) - 2))]
        order[at] = last or (Role.TIME if len(axes) == 5 and at == 2 else Role.WIDTH)
        text = f"{call.name} takes (batch, channel, …)"
        read(call, x, tuple(order), text, "input")


def _along_vectors(call: Call, x: Tensor, a: tuple[Axis, ...], w: tuple[Axis, ...]) -> None:
    """Windows that run along the vector of each token, where as many tokens came as it has entries.

    A window of one mixes nothing along it; where the sizes differ, tokens as channels are meant.
    """
    vector = a[-1].single
    table = call.track(x).root
    looked_up = table.made_by == "embedding" and table.items[-1].single is vector is not None
    if len(a) != 3 or not looked_up or w[-1].size == 1 or a[1].size != a[2].size:
        return
    assert vector is not None
    text = "an embedding gives each token a vector along its last axis"
    vector.witness(Witness(Role.FEATURE, call.place, text))
    remedy = f"{call.operand(x).text or 'x'}.transpose(1, 2)"
    expected = (None, None, Role.TIME)
    read(call, x, expected, f"{call.name} takes (batch, channel, time)", "input", remedy)


def _steps_as_channels(call: Call, x: Tensor, made_for: Axis) -> None:
    """What a recurrent layer put out batch first, with as many steps as features: its features are
    the channels, unless this layer was made for the steps by name."""
    axes = call.axes(x)
    if len(axes) != 3 or axes[1].size != axes[2].size:
        return
    steps, features = axes[1].single, axes[2].single
    if steps is None or features is None or not features.origin.startswith(_RECURRENT):
        return
    meant = made_for.single.role()[0] if made_for.single is not None else None
    if agreed(steps.reads)[0] is not Role.TIME or meant is Role.TIME:
        return
    text = f"{features.origin} puts out (batch, time, feature)"
    features.witness(Witness(Role.FEATURE, call.place, text))
    remedy = f"{call.operand(x).text or 'x'}.transpose(1, 2)"
    contract = f"{call.name} takes (batch, channel, time)"
    read(call, x, (None, None, Role.TIME), contract, "input", remedy)


@flows(FAMILY, "dropout1d dropout2d dropout3d", scalars=False)
def channel_dropout(call: Call) -> Axes:
    """(batch, channel, …): whole channels are dropped. The axes stay.

    Nothing fails where steps stand at axis 1, so this convicts no other reading of it.
    """
    x = call.get(0, "input")
    channels(call, x, "and drops whole channels")
    return call.new(call.track(x).items)


def channels(call: Call, x: Tensor, doing: str) -> None:
    """Record that axis 1 was read as channels by an operation to which any axis is as good."""
    axes = call.axes(x)
    if len(axes) < 3 or axes[1].single is None:
        return
    contract = f"{call.name} takes (batch, channel, …) {doing}"
    operand = call.operand(x)
    remedy = f"{operand.text or 'x'}.transpose(1, 2)"
    call.emit(
        AxisReading(call.place, call.name, contract, "input", operand, 1, Role.CHANNEL, (), remedy)
    )


def _resized(call: Call, axes: tuple[Axis, ...], shape: tuple[int, ...]) -> list[Axis]:
    """Axes that were walked over by windows: the same axes, of another size."""
    return [axis.plain().with_size(size) for axis, size in zip(axes, shape, strict=True)]


@flows(
    FAMILY,
    "max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d "
    "adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d "
    "adaptive_max_pool3d lp_pool1d lp_pool2d interpolate upsample "
    "max_pool1d_with_indices max_pool2d_with_indices",
)
def pooling(call: Call) -> Any:
    """The axes stay, of other sizes. An axis pooled down to one index is as if reduced."""
    results = call.result if isinstance(call.result, tuple) else (call.result,)
    source = call.track(call.get(0, "input"))
    resized(call, source)
    if len(source.items) == 3:
        _layout(call, call.get(0, "input"), source.items)
        channels(call, call.get(0, "input"), "and pools along its last axis")
    made = []
    for result in results:
        shape = shape_of(result)
        if len(shape) != len(source.items):
            return None
        axes = [
            call.fresh(1, grown="pool") if s == 1 < a.size else a.plain().with_size(s)
            for a, s in zip(source.items, shape, strict=True)
        ]
        made.append(call.new(axes))
    return tuple(made) if isinstance(call.result, tuple) else made[0]


@flows(FAMILY, "embedding", varies=True)
def embedding(call: Call) -> Axes:
    """A row of the table for each index: the indices' axes, then the table's last."""
    index, weight = call.get(0, "input"), call.get(1, "weight")
    embedded(call, call.track(index))
    result = call.new((*call.axes(index), *call.axes(weight)[1:]))
    marks = replace(NONE, reversal=call.track(index).marks.reversal)
    result.marks = looked_up(call, call.track(index), marks)
    return result


@flows(FAMILY, "embedding_bag", varies=True)
def embedding_bag(call: Call) -> Axes:
    """One row a bag."""
    x, weight = call.axes(call.get(0, "input")), call.axes(call.get(1, "weight"))
    shape = call.shape
    if len(x) == 2:
        return call.new((x[0], weight[-1]))
    return call.unknown(shape)


@flows(FAMILY, "one_hot")
def one_hot(call: Call) -> Axes:
    """The numbers' axes, then one for the classes."""
    axes, shape = call.axes(call.get(0, "input", call.args[0])), call.shape
    node = call.written_argument(1, "num_classes", method=False)
    meant = call.tracker.sizes.speaks_of(node, call.frames, shape[-1])
    last = call.fresh(shape[-1]) if meant is None else axis_of(meant, shape[-1])
    return call.new((*axes, last))


def axis_of(identity: Any, size: int) -> Axis:
    """An axis of one identity."""
    from shapecheck.runtime.flow.axes import Part

    return Axis((Part(identity, size),))


@flows(FAMILY, "batch_norm", scalars=False)
def batch_norm(call: Call) -> Axes:
    """(batch, channel, …) stays."""
    x = call.get(0, "input")
    axes = call.axes(x)
    weight = call.get(3, "weight")
    if len(axes) > 2 and isinstance(weight, Tensor):
        differing(call, (x, 1), (weight, 0))
        _steps_as_channels(call, x, call.axes(weight)[0])
    if len(axes) > 1:
        call.reads(axes[0], Role.BATCH, "batch norm takes (batch, channel, …)")
    return kept(call.track(x), call.new(a.plain() for a in axes))


@flows(
    FAMILY,
    "pixel_shuffle pixel_unshuffle channel_shuffle grid_sample affine_grid fold",
    varies=True,
)
def rearranging(call: Call) -> Axes:
    """Channels and space mixed: only the batch axis goes through."""
    axes, shape = call.axes(call.get(0, "input", call.args[0])), call.shape
    if call.name == "channel_shuffle" or len(shape) != len(axes):
        return call.unknown(shape)
    return call.new((axes[0], *(call.fresh(s) for s in shape[1:])))


@flows(FAMILY, "multinomial", varies=True)
def multinomial(call: Call) -> Axes:
    """Rows as they were, then one axis of draws."""
    axes, shape = call.axes(call.get(0, "input")), call.shape
    if len(axes) == 2:
        operand = call.operand(call.get(0, "input"))
        call.emit(Normalised(call.place, call.name, operand, 1))
    return call.new((*axes[: len(shape) - 1], call.fresh(shape[-1], grown="written")))
