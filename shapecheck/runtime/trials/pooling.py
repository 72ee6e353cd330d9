"""A tracker that also notes what no rule of tracking asks: what is left of reductions, and merged.

What a layer reads where another axis of its size was reduced away; what a reshape merges that is
written as another product.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch
from torch import Tensor

from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes, Identity
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.tracker import Tracker
from shapecheck.runtime.trials.merging import Merged, merged
from shapecheck.runtime.trials.passing import Declared, Passed, arguments_of, exchanged

_MOST = 1_000


@dataclass(frozen=True)
class Read:
    """A layer, made for `made_for` features by its constructor's word, read `axis` instead of one
    that was reduced away."""

    axis: Identity
    made_for: str
    place: Place
    operation: str


@dataclass(frozen=True)
class Differences:
    """What `diff` ran over, and where."""

    axis: Identity
    place: Place
    operation: str


class Pooling(Tracker):
    """Follows axes; `read` are the layers that read what a reduction left over, `merged` the axes
    that were merged otherwise than written, `passed` those that a callee calls otherwise,
    `differences` those that `diff` ran over.

    `made_for` says for a weight, by id, how its constructor called the size that it reads, and
    `tables` for an axis of a square table, by serial number, how both of its sizes are called.
    `names` are those of the call that is tried, by serial number, and `declared` the arguments of
    the functions that it may call.
    """

    def __init__(self) -> None:
        super().__init__()
        self.made_for: dict[int, str] = {}
        self.tables: dict[int, str] = {}
        self.read: list[Read] = []
        self.merged: list[Merged] = []
        self.declared: Declared = {}
        self.names: dict[int, str] = {}
        self.passed: list[Passed] = []
        self.differences: list[Differences] = []
        self._entered: set[int] = set()
        self._permuted: dict[tuple[int, ...], Axes] = {}
        self._reduced: dict[tuple[int, ...], tuple[str, set[int]]] = {}

    def _follow(
        self, flow: Any, func: Any, args: Any, kwargs: Any, result: Any, frame: Any
    ) -> None:
        if frame is not None and frame.f_code in self.declared and id(frame) not in self._entered:
            self._enter(frame)
        source = self.axes_held(args[0]) if flow.family == "views" and args else None
        super()._follow(flow, func, args, kwargs, result, frame)
        if source is not None and isinstance(result, Tensor) and frame is not None:
            self._relaid(
                flow.name, source, Call(self, flow.name, args, kwargs or {}, result, [frame])
            )
        if getattr(func, "__name__", "") == "diff" and args and frame is not None:
            place = self.frames.place(frame.f_code, frame.f_lasti)
            dim = args[2] if len(args) > 2 else (kwargs or {}).get("dim", -1)
            self._differed(args[0], dim, place)
        if flow.family == "reductions":
            self._left_over(flow.name, result)
        elif func is torch.nn.functional.linear and frame is not None:
            place = self.frames.place(frame.f_code, frame.f_lasti)
            self._looked(args[0], args[1] if len(args) > 1 else (kwargs or {})["weight"], place)

    def _differed(self, x: Tensor, dim: int, place: Place) -> None:
        axes = self.axes_held(x)
        single = axes.items[dim].single if axes is not None else None
        if single is not None and len(self.differences) < _MOST:
            operation = f"diff(dim={dim}): {tuple(x.shape)}"
            self.differences.append(Differences(single, place, operation))

    def _enter(self, frame: FrameType) -> None:
        """A checked function was called by the one that is tried: how does it name its axes?"""
        self._entered.add(id(frame))
        caller = self.frames.chain(frame, 2)[1:]
        if not caller or len(self.passed) > _MOST:
            return
        place = self.frames.place(caller[0].f_code, caller[0].f_lasti)
        for leaf, tensor in arguments_of(frame, self.declared[frame.f_code]):
            axes = self.axes_held(tensor)
            if axes is not None:
                callee = frame.f_code.co_qualname
                self.passed += exchanged(leaf, axes, self.names, callee, place)

    def _relaid(self, name: str, source: Axes, call: Call) -> None:
        axes = self.axes_held(call.result)
        if axes is None or len(self._permuted) > _MOST:
            return
        if name in ("permute", "transpose"):
            self._permuted[_identities(axes)] = source
        elif name in ("view", "reshape"):
            self.merged += merged(call, source, axes, self._permuted.get(_identities(source)))

    def _left_over(self, name: str, result: Any) -> None:
        first = result if isinstance(result, Tensor) else result[0]
        axes = self.axes_held(first) if isinstance(first, Tensor) else None
        if axes is None or axes.reduced is None or len(self._reduced) > _MOST:
            return
        kept = set(_identities(axes))
        gone = {a.size for a in axes.reduced.items if a.single is None or id(a.single) not in kept}
        self._reduced[_identities(axes)] = (name, gone)

    def _looked(self, x: Tensor, weight: Tensor, place: Place) -> None:
        axes, made_for = self.axes_held(x), self.made_for.get(id(weight))
        if axes is None or not axes.items or not made_for:
            return
        name, gone = self._reduced.get(_identities(axes), ("", set()))
        last = axes.items[-1].single
        if last is not None and weight.shape[-1] in gone:
            operation = f"{name}, then linear: {tuple(x.shape)}"
            self.read.append(Read(last, made_for, place, operation))


def _identities(axes: Axes) -> tuple[int, ...]:
    return tuple(id(axis.single) for axis in axes.items)
