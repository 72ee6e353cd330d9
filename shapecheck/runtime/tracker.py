"""Axes through torch operations, as they run: a mode that follows and never touches values.

Used as a context manager. Each tensor that is met has its axes held beside it, by identity and
weakly; each operation's flow gives the axes of its result. What an operation does at one line
with the same axes is worked out once and remembered, so that loops stay cheap.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Sequence
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch._C import DisableTorchFunctionSubclass
from torch.overrides import TorchFunctionMode

from shapecheck.core.evidence import Skipped
from shapecheck.core.facts import AxisView, Fact
from shapecheck.core.site import Place
from shapecheck.runtime.crashing.earlier import Earlier
from shapecheck.runtime.flow.axes import Axes, given, learn, view_of
from shapecheck.runtime.flow.call import Call, ShapelessError, shape_of
from shapecheck.runtime.flow.contracts.directions import unfollowed
from shapecheck.runtime.flow.frames import Frames, IsUsers
from shapecheck.runtime.flow.gathered import Gathered
from shapecheck.runtime.flow.holding import Holding, Recent
from shapecheck.runtime.flow.lineage import Lineage, tensors_among
from shapecheck.runtime.flow.memory import NOTHING, Hanging, frozen, shapes_of
from shapecheck.runtime.flow.operations.factories import brought_in, declare
from shapecheck.runtime.flow.raised import raised
from shapecheck.runtime.flow.register import Flow, table
from shapecheck.runtime.flow.wording.meaning import from_words
from shapecheck.runtime.flow.wording.sizes import SizeNames, Use
from shapecheck.runtime.ownership import is_programs
from shapecheck.runtime.watching import Watching, lift_all, put_back

_MOST_REMEMBERED = 200_000
_MOST_ERRORS = 50


_tracing = torch._C._get_tracing_state
_is_compiling = torch.compiler.is_compiling
UNKNOWN = Flow("unknown", "", unfollowed, varies=True)
SILENT = Flow("silent", "", unfollowed)


class Tracker(TorchFunctionMode):
    """Follows axes while it is entered; `facts()` is what it saw.

    `users` says which files are the user's, by name. Failures of its own never reach the
    program: they are kept in `errors`. `skipped` says what was not tracked, and why.
    """

    def __init__(self, users: IsUsers = is_programs) -> None:
        super().__init__()
        self.frames = Frames(users)
        self.sizes = SizeNames(self.frames)
        self.errors: list[str] = []
        self.skipped: list[Skipped] = []
        flows, passed_by = table()
        self._flows: dict[Any, Flow] = {**dict.fromkeys(passed_by, SILENT), **flows}
        self._held = Holding()
        self.lineage = Lineage()
        self._memo: dict[Any, Any] = {}
        self.gathered = Gathered()
        self._recent = Recent()
        self._busy = False
        # What is changed in place, as it was before: `t_` and `unsqueeze_` give it another shape.
        self._reshaped: tuple[Tensor, Axes] | None = None
        self.failure: Any = None  # the operation that raised last, see flow/raised.py
        self.earlier = Earlier()
        self.observer: Any = None  # told of calls, see trials/outermost.py
        self.arrays: Any = None  # follows numpy arrays, see flow/ndarrays.py
        self._watching = Watching(self)

    # -- entering -------------------------------------------------------------------------

    def __enter__(self) -> Tracker:
        self._watching.begin()
        return self

    def __exit__(self, *exc: object) -> None:
        self._watching.end()

    # -- following ------------------------------------------------------------------------

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if _is_compiling() or _tracing() is not None:
            return func(*args, **kwargs) if kwargs else func(*args)
        flow = self._flows.get(func, UNKNOWN)
        odd = types and not all(issubclass(kind, Tensor) for kind in types)  # acts like a tensor
        if flow is SILENT or self._busy or odd:
            return func(*args, **kwargs) if kwargs else func(*args)
        frame = self.frames.innermost(sys._getframe(1))
        observer = self.observer
        if observer is not None and frame and observer.awaits(frame):
            self.guarded(observer.met, frame)
        reshaped: tuple[Tensor, Axes] | None = None
        if flow.in_place and args and isinstance(args[0], Tensor):
            with DisableTorchFunctionSubclass():
                axes = self.guarded(self.before, args[0])
            reshaped = (args[0], axes) if axes is not None else None
        try:
            result = func(*args, **kwargs) if kwargs else func(*args)
        except Exception as error:
            self.guarded(raised, self, flow.name, func, args, kwargs or {}, error)
            raise
        self._reshaped = reshaped
        try:
            if types:  # tensors of the user's own kind: what we read of them is not for it to see
                with DisableTorchFunctionSubclass():
                    self._follow(flow, func, args, kwargs, result, frame)
            else:
                self._follow(flow, func, args, kwargs, result, frame)
        except ShapelessError:
            pass
        except Exception:
            self.failed()
        if reshaped is not None:
            self._reshaped = None
        return result

    def _follow(
        self, flow: Flow, func: Any, args: Any, kwargs: Any, result: Any, frame: FrameType | None
    ) -> None:
        if flow.source:
            shape = result.shape if isinstance(result, Tensor) else None
            key: Any = (func, self._chain(frame), shape)
        else:
            parts = [func]
            if frame is not None:
                parts += (id(frame.f_code), frame.f_lasti)
            before = self.before
            for value in args:
                parts.append(frozen(before, value, flow))
            if kwargs:
                parts += [(name, frozen(before, v, flow)) for name, v in kwargs.items()]
            if flow.varies:
                parts.append(shapes_of(result))
            key = tuple(parts)
        made = self._memo.get(key, NOTHING)
        if type(made) is Hanging:
            made = made.now()
        if made is NOTHING:
            made = self._work_out(flow, args, kwargs or {}, result, frame)
            self._remember(key, made, tuple(self.sizes.used))
        if flow.reads:
            if made is not None:
                made()
        elif type(made) is Axes:
            self._held.hold(result, made)
        elif made is not None:
            self._attach(result, made)

    def _work_out(
        self, flow: Flow, args: Any, kwargs: dict[str, Any], result: Any, frame: FrameType | None
    ) -> Any:
        name = flow.name
        self.sizes.used = []
        call = Call(self, name, args, kwargs, result, self.frames.chain(frame, 6))
        self._given(args, kwargs)
        try:
            made = flow.rule(call)
        except ShapelessError:
            raise
        except Exception:
            self.failed()
            made = None
        if flow.reads:
            return made
        made = self._checked(call, made, result)
        self.lineage.made(made, call.place)
        self.earlier.note(call)
        if isinstance(made, Axes) and flow is not UNKNOWN and type(result) is Tensor:
            self._recent.note(result, made)
        return made

    def _given(self, args: Any, kwargs: dict[str, Any]) -> None:
        self.lineage.given(map(self.before, tensors_among([*args, *kwargs.values()])))

    def _checked(self, call: Call, made: Any, result: Any) -> Any:
        """Axes for every tensor of the result: those worked out where they fit, else new ones."""
        if isinstance(result, Tensor):
            shape = shape_of(result)
            if isinstance(made, Axes) and made.shape == shape:
                return made
            if made is not None:
                self.failed(f"{call.name}: {made} does not fit {shape} at {call.place}")
            return call.unknown(shape)
        if isinstance(result, (tuple, list)):
            given = made if isinstance(made, tuple) and len(made) == len(result) else ()
            parts = given or (None,) * len(result)
            return tuple(self._checked(call, m, r) for m, r in zip(parts, result, strict=True))
        return None

    def _attach(self, result: Any, made: Any) -> None:
        if isinstance(result, Tensor):
            if made is not None:
                self._held.hold(result, made)
        elif made is not None and isinstance(result, (tuple, list)):
            for one, axes in zip(result, made, strict=True):
                self._attach(one, axes)

    def _remember(self, key: Any, made: Any, used: tuple[Use, ...] = ()) -> None:
        if len(self._memo) >= _MOST_REMEMBERED:
            self._memo.clear()
            self.lineage.clear()
        if not used:
            self._memo[key] = made
            return
        known = self._memo.get(key)
        hanging = known if type(known) is Hanging else Hanging()
        hanging.add(used, made)
        self._memo[key] = hanging

    def followed(
        self, module: Any, contract: Any, args: Any, kwargs: dict[str, Any], result: Any
    ) -> None:
        """A module with a contract has run as one operation."""
        frame = self.frames.innermost(sys._getframe(2))
        spot = (0, 0) if frame is None else (id(frame.f_code), frame.f_lasti)
        kind = type(module)
        parts = [frozen(self.before, value, UNKNOWN) for value in args]
        parts += [(name, frozen(self.before, value, UNKNOWN)) for name, value in kwargs.items()]
        batch_first = getattr(module, "batch_first", None)
        key = (kind, batch_first, spot, tuple(parts), shapes_of(result))
        made = self._memo.get(key, NOTHING)
        if made is NOTHING:
            call = Call(
                self, f"nn.{kind.__name__}", args, kwargs, result, self.frames.chain(frame, 6)
            )
            self._given(args, kwargs)
            made = self._checked(call, contract(call, module), result)
            self.lineage.made(made, call.place)
            self._remember(key, made)
        self._attach(result, made)

    def partial_batch(self) -> tuple[int | None, int | None, Place | None]:
        """(size, size asked for, the loader's place) where the latest batch is a smaller one."""
        return self._watching.loaders.partial()

    # -- where a call stands ----------------------------------------------------------------

    def _chain(self, frame: FrameType | None) -> tuple[tuple[int, int], ...]:
        found = []
        for one in self.frames.chain(frame):
            self.frames.place(one.f_code, one.f_lasti)
            found.append((id(one.f_code), one.f_lasti))
        return tuple(found)

    # -- tensors and their axes -----------------------------------------------------------

    def before(self, tensor: Tensor) -> Axes:
        """The axes held for a tensor; new ones where it was never met."""
        if self._reshaped is not None and self._reshaped[0] is tensor:
            return self._reshaped[1]
        axes = self._held.of(tensor)
        if axes is not None and axes.shape == tensor.shape:
            return axes
        return self._begin(tensor)

    def _begin(self, tensor: Tensor) -> Axes:
        frame = self.frames.innermost(sys._getframe(2))
        shape = shape_of(tensor)
        key = ("begin", self._chain(frame), shape)
        axes = self._memo.get(key)
        if axes is None or self._held.living_with(axes):  # two living tensors are not the same
            call = Call(self, "", (), {}, tensor, [] if frame is None else [frame])
            axes = given(brought_in(call, tensor) or call.unknown(shape))
            axes.made_by = ""
            self._remember(key, axes)
        self.hold(tensor, axes)
        return axes

    def hold(self, tensor: Tensor, axes: Axes) -> None:
        """Keep the axes of a tensor, weakly."""
        self._held.hold(tensor, axes)

    def recent(self, tensor: Tensor) -> Axes | None:
        """The axes of what this tensor was just made from by sharing its memory (a Parameter)."""
        return self._recent.of(tensor)

    # -- what others use ------------------------------------------------------------------

    def axes_of(self, tensor: Tensor) -> tuple[AxisView, ...]:
        """What is known about the axes of a tensor; () where it was never met."""
        axes = self.axes_held(tensor)
        return tuple(view_of(axis) for axis in axes.items) if axes is not None else ()

    def axes_held(self, tensor: Tensor) -> Axes | None:
        """The axes of a tensor, with their identities; None where it was never met."""
        return self._held.of(tensor)

    def name_axes(self, tensor: Tensor, names: Sequence[str], place: Place) -> None:
        """A declaration at `place` calls the axes of a tensor by these names.

        Raises ValueError where there are not as many names as axes.
        """
        if len(names) != tensor.dim():
            raise ValueError(f"{len(names)} names for {tensor.dim()} axes")
        self.guarded(self._declare, tensor, names, place)

    def suggest(self, tensor: Tensor, words: Sequence[str], place: Place) -> None:
        """A comment at `place` calls the axes so: weak evidence, which never convicts alone."""
        said = [from_words(word, place) for word in words]
        self.guarded(lambda: learn([a.single for a in self.before(tensor).items], said))

    def _declare(self, tensor: Tensor, names: Iterable[str], place: Place) -> None:
        declare(self.before(tensor), names, place)

    def facts(self) -> tuple[Fact, ...]:
        """Everything seen, once each, with what is known about the axes by now."""
        return self.gathered.all()

    def emit(self, fact: Fact) -> None:
        """Record a fact, once for each line and kind of operands."""
        self.gathered.add(fact, self.lineage.now)

    def guarded(self, action: Any, *args: Any) -> Any:
        """Do something of ours: no mode sees it, and its failure is kept, not raised."""
        busy, self._busy = self._busy, True
        modes = lift_all()
        try:
            return action(*args)
        except ShapelessError:
            return None
        except Exception:
            self.failed()
            return None
        finally:
            put_back(modes)
            self._busy = busy

    def skip(self, frame: FrameType | None, reason: str) -> None:
        """Note that something is not tracked."""
        place = self.frames.place(frame.f_code, frame.f_lasti) if frame else Place("?")
        self.skipped.append(Skipped(place.function, place, reason))

    def failed(self, text: str = "") -> None:
        """Keep a failure of ours."""
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(text or traceback.format_exc())
