"""Fourier transforms: an axis of a signal becomes one of frequencies, the others stay.

A frequency is a count of cycles within the axis that was transformed: that axis's length divided by
it is a period.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from shapecheck.core.axis import Role
from shapecheck.core.site import Place
from shapecheck.core.spectra import PeriodOf, Transformed
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part, view_of
from shapecheck.runtime.flow.call import Call, positive, shape_of
from shapecheck.runtime.flow.contracts.recurrent import read
from shapecheck.runtime.flow.marks import NONE, Frequency, Marks
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.wording.reading import text_of

FAMILY = "transforms"
_REFLECTED = frozenset(("__rfloordiv__", "__rtruediv__", "__rdiv__"))
_NAMED = ("div", "divide", "true_divide", "floor_divide")
_QUOTIENTS = frozenset((*_NAMED, "__truediv__", "__floordiv__"))  # arrays have these either way


class Spectrum(Identity):
    """The frequencies of one axis of a signal."""

    __slots__ = ("signal",)

    def __init__(self, signal: Axis, place: Place) -> None:
        super().__init__("spectrum", place)
        self.signal = signal


@flows(
    FAMILY,
    "fft rfft ihfft ifft irfft hfft fft2 rfft2 ihfft2 ifft2 irfft2 hfft2 fftn rfftn ihfftn ifftn "
    "irfftn hfftn",
)
def transform(call: Call) -> Axes:
    """Frequencies in place of each axis that was transformed; of an inverse, nothing is known."""
    source, shape = call.track(call.get(0, "input")), shape_of(call.result)
    dims = _dims(call, len(shape))
    if len(shape) != len(source.items):
        return call.unknown(shape)
    forward = not call.name.startswith(("ifft", "irfft", "hfft"))
    if forward:
        _along_batch(call, source, dims)
    axes = [
        axis.plain() if i not in dims else _frequencies(call, axis, shape[i], forward=forward)
        for i, axis in enumerate(source.items)
    ]
    made = call.new(axes)
    if forward and len(dims) == 1:
        made.marks = replace(NONE, spectrum=axes[min(dims)])
    return made


def _dims(call: Call, rank: int) -> set[int]:
    dim = call.get(2, "dim", (-2, -1) if call.name.endswith("2") else None)
    if dim is None and not call.name.endswith("n"):
        dim = -1
    if dim is None:
        sizes = call.get(1, "s")
        return set(range(rank - len(sizes), rank)) if sizes else set(range(rank))
    return {positive(int(d), rank) for d in (dim if isinstance(dim, (tuple, list)) else (dim,))}


def _frequencies(call: Call, axis: Axis, size: int, *, forward: bool) -> Axis:
    if not forward or isinstance(axis.single, Spectrum):
        return call.fresh(size)
    return Axis((Part(Spectrum(axis.plain(), call.place), size),))


def _along_batch(call: Call, source: Axes, dims: set[int]) -> None:
    for at in dims:
        axis = source.items[at].single
        if axis is not None and axis.role() == (Role.BATCH, True) and len(source.items) > 1:
            operand = call.described(source, call.operand_text(0))
            others = tuple(sorted(dims - {at}))
            unasked = call.get(2, "dim") is None
            call.emit(Transformed(call.place, call.name, operand, at, others, unasked))


@flows(FAMILY, "fftshift ifftshift")
def shifted(call: Call) -> Axes:
    """The middle of some axes comes to stand in front."""
    source, dim = call.track(call.get(0, "input")), call.get(1, "dim")
    rank = len(source.items)
    dims = range(rank) if dim is None else dim if isinstance(dim, (tuple, list)) else (dim,)
    moved = {positive(int(d), rank) for d in dims}
    return call.new(
        call.fresh(axis.size) if i in moved else axis for i, axis in enumerate(source.items)
    )


@flows(FAMILY, "stft", varies=True)
def frames(call: Call) -> Axes:
    """(batch, time) or (time): the batch, then frequencies and frames."""
    x, shape = call.get(0, "input"), shape_of(call.result)
    axes = call.axes(x)
    if len(axes) == 2:
        read(call, x, (Role.BATCH, Role.TIME), "stft takes (batch, time)", "input")
    return call.new((*axes[:-1], *(call.fresh(size) for size in shape[len(axes) - 1 :])))


@flows(FAMILY, "istft", varies=True)
def signal(call: Call) -> Axes:
    """(batch, frequencies, frames) or (frequencies, frames): the batch, then time."""
    axes, shape = call.axes(call.get(0, "input")), shape_of(call.result)
    if len(axes) != len(shape) + 1:
        return call.unknown(shape)
    return call.new((*axes[: len(shape) - 1], call.fresh(shape[-1])))


def ranked(source: Axes, at: int, marks: Marks) -> Marks:
    """The marks of indices along one axis of a spectrum."""
    if source.marks.spectrum is None or not source.items:
        return marks
    axis = source.items[at]
    found = axis.single.signal if isinstance(axis.single, Spectrum) else None
    return replace(marks, frequency=Frequency(axis, found))


def divides(call: Call, indices: Axes) -> None:
    """A length is divided by frequencies: by those of a signal along that very axis, if right."""
    found = indices.marks.frequency
    position = 0 if call.name in _QUOTIENTS else 1 if call.name in _REFLECTED else None
    if found is None or position is None:
        return
    axis, length = found.signal or found.along, call.args[position]
    if type(length) is not int:  # beside an array, what a number is was not seen
        length = 0
    if found.signal is not None and length == axis.size:
        return
    node = call.expression
    written = node.left if isinstance(node, ast.BinOp) else None
    written = written or call.written_argument(0, "input", method=False)
    meant = call.tracker.sizes.speaks_of(written, call.frames, length)
    if meant is None or axis.single is None or (meant is axis.single and found.signal is not None):
        return
    if meant is axis.single or meant.serial in axis.single.beside:
        views = view_of(Axis((Part(meant, length),))), view_of(axis)
        operand = call.described(indices, call.operand_text(1))
        place, averaged = call.place, found.signal is None
        call.emit(PeriodOf(place, call.name, operand, text_of(written), *views, averaged))
