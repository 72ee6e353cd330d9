"""Axes of numpy arrays: operations on them move axes as torch's operations of the same meaning do.

An array is followed through a tensor that shares its memory and lives as long as one operation is
looked at. Its axes are held beside the array, weakly; the array itself is never touched.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, from_numpy
from torch.nn import Parameter

from shapecheck.runtime.arrays.points import ArrayPoint, MissingError, value_of
from shapecheck.runtime.flow.axes import Axes, given
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.numpy.numpy_calls import Torch, as_torch
from shapecheck.runtime.flow.numpy.numpy_words import UnfollowedError
from shapecheck.runtime.flow.register import Flow, table
from shapecheck.runtime.replaying import replaying

if TYPE_CHECKING:
    from shapecheck.runtime.tracker import Tracker

_MOST_COPIED = 1_000_000  # elements of what a tensor cannot share
_MOST_REMEMBERED = 50_000
_MOST_AT_ONE_POINT = 5_000
_TOLD_APART = 6
_ASKED = ("None", "unsqueeze", "view")


class _Held(weakref.ref[Any]):
    """An array's axes, for as long as the array lives."""

    __slots__ = ("axes", "key")
    axes: Axes
    key: int


class ArrayFlow:
    """Listens to the probes of array code, and follows what it hears of in a tracker."""

    arrays: type = np.ndarray
    tensors: tuple[type, ...] = (Tensor, Parameter)

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        tracker.arrays = self
        self._all: dict[int, _Held] = {}
        self._memo: dict[Any, Any] = {}
        self._met: dict[Any, _Held] = {}  # arrays of unknown origin, by where they were met
        self._times: dict[int, int] = {}

    def see(
        self, number: int, point: ArrayPoint, seen: Mapping[int, Any], made: Any, frame: FrameType
    ) -> None:
        """An operation met these, by slots, and made this."""
        if torch.compiler.is_compiling() or replaying():
            return
        key = self._key(number, seen, made)
        known = self._memo.get(key) if key is not None else None
        if known is not None:
            self._hold(made, known)
            return
        times = self._times[number] = self._times.get(number, 0) + 1
        if times <= _MOST_AT_ONE_POINT:
            self._tracker.guarded(self._see, number, point, seen, made, frame)

    def release(self, array: Any) -> None:
        """Keep nothing of this array."""
        self._all.pop(id(array), None)
        self._met = {key: held for key, held in self._met.items() if held() is not array}

    def saw(self, array: Any) -> bool:
        """True where the operation that made an array was followed."""
        axes = self.axes_of(array)
        return axes is not None and axes.made_by != ""

    def axes_of(self, array: np.ndarray[Any, Any]) -> Axes | None:
        """The axes held for an array; None where it was never met."""
        held = self._all.get(id(array))
        if held is None or held() is not array:
            return None
        return held.axes if held.axes.shape == array.shape else None

    # -- an operation -----------------------------------------------------------------------

    def _see(
        self, number: int, point: ArrayPoint, seen: Mapping[int, Any], made: Any, frame: FrameType
    ) -> None:
        otherwise = _unseen if point.kind in ("operator", "changed") else _missing
        try:
            args = [value_of(recipe, seen, otherwise) for recipe in point.args]
            named = {name: value_of(recipe, seen, otherwise) for name, recipe in point.named}
            if point.kind == "handed" and not self._tells(args[0], made):
                return
            if point.name == "__mul__" and self._outer(args, made):
                return
            torchs = as_torch(point, args, named, made, _flow_of)
            self._work_out(number, torchs, made, frame)
        except (MissingError, UnfollowedError):
            return
        if not (torchs.flow.source or torchs.flow.reads or self._tracker.sizes.used):
            held = self.axes_of(made) if type(made) is np.ndarray else None
            key = self._key(number, seen, made)  # by now all that it met has axes
            if held is not None and key is not None:
                if len(self._memo) > _MOST_REMEMBERED:
                    self._memo.clear()
                self._memo[key] = held

    def _work_out(self, number: int, torchs: Torch, made: Any, frame: FrameType) -> None:
        tracker = self._tracker
        shadows = _Shadows(self, number)
        args = tuple(shadows.of(value) for value in torchs.args)
        named = {name: shadows.of(value) for name, value in torchs.named.items()}
        result = shadows.result(made)
        tracker.sizes.used = []
        tracker.gathered.of_numpy = True
        try:
            tracker._follow(torchs.flow, torchs.function, args, named, result, frame)
        finally:
            tracker.gathered.of_numpy = False
        self._keep(made, result)

    def _outer(self, args: list[Any], made: Any) -> bool:
        """True for `x[:, None] * y`: a product of all pairs is asked for by one side alone."""
        if type(made) is not np.ndarray or not all(type(a) is np.ndarray for a in args):
            return False
        grown = [a for a in args if a.size < made.size]
        known = [axes for a in grown if (axes := self.axes_of(a)) is not None]
        asked = (axis.grown in _ASKED for axes in known for axis in axes.items)
        return len(grown) == 2 and any(asked)

    def _tells(self, array: Any, tensor: Any) -> bool:
        """True where the array knows more of its axes than the tensor made of it."""
        axes = self.axes_of(array) if type(array) is np.ndarray else None
        if axes is None or not isinstance(tensor, Tensor) or tuple(tensor.shape) != axes.shape:
            return False
        known = self._tracker.axes_held(tensor)
        mine = sum(axis.evidence for axis in axes.items)
        theirs = sum(axis.evidence for axis in known.items) if known is not None else 0
        return mine > 0 and mine >= theirs

    # -- arrays and their axes ----------------------------------------------------------------

    def _keep(self, made: Any, shadow: Any) -> None:
        """What was worked out for a result is that of the array."""
        if type(made) is np.ndarray and isinstance(shadow, Tensor):
            axes = self._tracker.axes_held(shadow)
            if axes is not None and axes.shape == made.shape:
                self._hold(made, axes)
        elif isinstance(made, (tuple, list)) and isinstance(shadow, (tuple, list)):
            for one, other in zip(made, shadow, strict=False):
                self._keep(one, other)

    def _hold(self, array: Any, axes: Axes) -> None:
        key = id(array)
        held = self._all.get(key)
        if held is None or held() is not array:
            held = self._all[key] = _Held(array, _forgetting(self._all))
            held.key = key
        held.axes = axes

    def axes_or_new(self, array: Any, number: int) -> Axes:
        """The axes of an array; new ones where it was never met."""
        axes = self.axes_of(array)
        if axes is not None:
            return axes
        key = (number, array.shape)
        before = self._met.get(key)
        if before is not None and before() is None:  # as in the round before of the same loop
            axes = before.axes
        else:
            axes = given(Call(self._tracker, "", (), {}, None, []).unknown(array.shape))
            axes.made_by = ""
        self._hold(array, axes)
        met = self._met[key] = _Held(array)
        met.axes, met.key = axes, id(array)
        return axes

    def _key(self, number: int, seen: Mapping[int, Any], made: Any) -> Any:
        """What a result hangs on; None where it hangs on more than sizes, axes and numbers."""
        if type(made) is not np.ndarray or not seen:
            return None
        parts: list[Any] = [number, made.shape]
        for value in seen.values():
            kind = type(value)
            if kind is np.ndarray:
                axes = self.axes_of(value)
                if axes is None:
                    return None
                parts += (axes, value.dtype.kind)
            elif kind is int:
                parts.append(value if abs(value) <= _TOLD_APART else int)
            elif value is None or kind in (bool, float, str):
                parts.append(value)
            else:
                return None
        return tuple(parts)


class _Shadows:
    """Tensors that stand for arrays while one operation is looked at."""

    def __init__(self, flow: ArrayFlow, number: int) -> None:
        self._flow = flow
        self._number = number
        self._made: dict[int, Tensor] = {}

    def of(self, value: Any) -> Any:
        """The value with tensors, whose axes are known, in the place of arrays."""
        kind = type(value)
        if kind is np.ndarray:
            tensor = self._made.get(id(value))
            if tensor is None:
                tensor = self._made[id(value)] = shadow_of(value)
                axes = self._flow.axes_or_new(value, self._number)
                self._flow._tracker.hold(tensor, axes)
            return tensor
        if kind is tuple:
            return tuple(self.of(item) for item in value)
        if kind is list:
            return [self.of(item) for item in value]
        return value.item() if isinstance(value, np.generic) else value

    def result(self, value: Any) -> Any:
        """A tensor for a result, whose axes are to be worked out."""
        if type(value) is np.ndarray:
            same_as_before = self._made.get(id(value))  # changed in place, or handed on as it is
            return shadow_of(value) if same_as_before is None else same_as_before
        if isinstance(value, np.generic):
            return shadow_of(np.asarray(value))
        if isinstance(value, list):
            return [self.result(item) for item in value]
        return value


def shadow_of(array: Any) -> Tensor:
    """A tensor with the values of an array; it shares them if it can.

    Raises UnfollowedError for what torch has no kind of, and for what is too large to copy.
    """
    copied = not array.flags.writeable or any(stride < 0 for stride in array.strides)
    if copied and array.size > _MOST_COPIED:
        raise UnfollowedError
    try:
        return from_numpy(array.copy() if copied else array)
    except (TypeError, ValueError):
        raise UnfollowedError from None


def _flow_of(function: Any) -> Flow:
    flow = table()[0].get(function)
    if flow is None:
        raise UnfollowedError
    return flow


def _unseen() -> float:
    """What stands for an operand that is no array: a number of which nothing is known."""
    return 1.0


def _missing() -> Any:
    raise MissingError


def _forgetting(all_held: dict[int, _Held]) -> Any:
    def forget(held: _Held) -> None:
        if all_held.get(held.key) is held:
            del all_held[held.key]

    return forget
