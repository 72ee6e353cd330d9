"""The calls of a watched program that are worth trying again, kept as they were before they ran.

Outermost calls of modules (`model(x)`) are met by the tracker's module hooks, the user's functions
by the first operation that runs in them. At the first call of each kind the state is copied, and
again where a later one of its kind shows more: samples where none were known, several where there
was one. The trials come when the program has ended, so that they meet nothing of it. What is copied
belongs to nobody else, and no object of the program lives longer for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from shapecheck.core.evidence import Skipped
from shapecheck.core.grammar import parse_shape
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.state.memory import LazyError, NoCopyError
from shapecheck.runtime.state.snapshot import Snapshot
from shapecheck.runtime.trials.bench import ProbeSettings
from shapecheck.runtime.trials.calling import (
    Kind,
    arguments_of,
    forward_of,
    function_of,
    is_function,
    kind_of,
    rebound,
)
from shapecheck.runtime.trials.probed import Call, Leaf, Path, bound, tensor_at
from shapecheck.runtime.trials.samples import carriers, counted

if TYPE_CHECKING:
    from shapecheck.runtime.tracker import Tracker

ANY = parse_shape("...")
_CALLING = nn.Module._call_impl.__code__
_MOST_KEPT = 48
_MOST_BYTES = 256 << 20
_MOST_LEAVES = 16
_MOST_LOOKS = 24  # at calls of one module in one mode
_MOST_CALLS = 8  # of one function that are looked at
_MOST_KINDS = 3  # of one module in one mode, or of one function
_SLOW = 0.5  # seconds; a first call may take them, when another of its kind does not


@dataclass
class Kept:
    """A call as it was before it ran. `given` holds the axes of its tensors as they were tracked.

    Of a module's call, `returned` and `came` are what it gave and the axes of that. `seconds` are
    those that it took, of the processor and on the wall. It is kind number `nth` of what is called.
    """

    call: Call
    within: str
    snapshot: Snapshot
    given: dict[Path, Axes]
    observed: dict[Path, Tensor] = field(default_factory=dict)
    came: dict[Path, Axes] = field(default_factory=dict)
    returned: bool = False
    seconds: tuple[float, float] = (0.0, 0.0)
    nth: int = 0

    def worth(self) -> int:
        """How much its trials may show: 0 for no samples that are known, 3 for several."""
        return _worth_of(self.given, self.within)


class Outermost:
    """Keeps the first call of each kind. `settings` say how large and slow a call may be.

    `seconds` of the processor is what keeping may take in all; past it no call is kept.
    """

    def __init__(self, tracker: Tracker, settings: ProbeSettings, seconds: float) -> None:
        self.kept: list[Kept] = []
        self.skipped: dict[Skipped, None] = {}
        self.seen: set[int] = set()
        self._tracker = tracker
        self._settings = settings
        self._left = seconds
        self._bytes = 0
        self.settled: set[Any] = set()
        self._looks: dict[Any, int] = {}
        self._calls: dict[int, int] = {}
        self._best: dict[Any, dict[Kind, Kept]] = {}  # the best of each kind, by what is called
        self._entries: dict[int, int] = {}  # where functions run their first operation
        self.awaited: nn.Module | None = None  # the module whose call was kept last, and runs
        self._open: tuple[Any, Kind, Kept] | None = None
        self._thread = threading.get_ident()

    # -- what the tracker's hooks tell --------------------------------------------------------

    def entering(self, module: nn.Module, args: Any, frame: FrameType) -> None:
        """A module is about to be called, by way of `frame`."""
        if not _worth(module):
            self.settled.add(id(module))
            return
        key = (id(module), module.training, len(args), torch.is_grad_enabled())
        if key in self.settled or self._open_or_full():
            return
        if _inside(frame):
            return
        looks = self._looks[key] = self._looks.get(key, 0) + 1
        if looks > _MOST_LOOKS:
            self.settled.add(key)
            return
        named = frame.f_locals.get("kwargs") or {}
        kind = kind_of(args, named)
        if not self._may_show_more(key, kind):
            return
        caller = self._tracker.frames.innermost(frame)
        if caller is None or threading.get_ident() != self._thread:
            return
        place = self._tracker.frames.place(caller.f_code, caller.f_lasti)
        function, bare = forward_of(module)
        name = (
            f"{type(module).__qualname__.rpartition('<locals>.')[2]}.forward"
            if bare
            else (f"nn.{type(module).__name__}")
        )
        call = Call(function, (module, *args), dict(named), (), (), replace(place, function=name))
        try:
            kept = self._keep(call, "module", self._shown(key, kind), provisional=looks == 1)
        except NoCopyError:
            self.settled.add(key)  # the next one cannot be copied either
            return
        if kept is not None:
            self.awaited, self._open = module, (key, kind, kept)
            kept.seconds = (-time.thread_time(), -time.monotonic())

    def left(self, *result: Any) -> None:
        """The call that is awaited has returned a result; or none, where it has raised."""
        assert self._open is not None
        key, kind, kept = self._open
        self.awaited = self._open = None
        if not result or kept.worth() <= self._shown(key, kind):  # another may show more
            self._drop(kept)
            return
        processor, wall = kept.seconds
        kept.seconds = (processor + time.thread_time(), wall + time.monotonic())
        outputs = tensors_in(("return",), result[0])
        kept.call = replace(kept.call, outputs=tuple(Leaf(path, ANY) for path, _ in outputs))
        with torch.inference_mode(False), torch.no_grad():
            for path, tensor in outputs:
                kept.observed[path] = tensor.detach().clone()
                kept.came[path] = self._tracker.before(tensor)
        kept.returned = True
        self._shows(key, kind, kept)

    def awaits(self, frame: FrameType) -> bool:
        """True where this may be the first operation of a call that is looked at."""
        return id(frame.f_code) not in self.seen and frame.f_trace is not _met

    def met(self, frame: FrameType) -> None:
        """The first operation of a function of the user's is about to run, in `frame`.

        The frame is marked, so that no other operation of this call is taken for the first. What
        marks it is what Python would call in it if it were traced, and does nothing.
        """
        inside = _inside(frame, 1) or threading.get_ident() != self._thread
        for one in reversed(self._tracker.frames.chain(frame, 8)):
            if not self.awaits(one):
                continue
            self._tracker.frames.place(one.f_code, one.f_lasti)  # keeps the code alive
            self._count(one)
            entry = self._entries.setdefault(id(one.f_code), one.f_lasti)
            if not inside and entry == one.f_lasti and not self._open_or_full():
                self._function(one)

    def _count(self, frame: FrameType) -> None:
        """Of few calls each is looked at, of one whose frames are traced by others the first."""
        code = id(frame.f_code)
        looks = self._calls[code] = self._calls.get(code, 0) + 1
        if looks >= _MOST_CALLS or frame.f_trace is not None or not is_function(frame.f_code):
            self.seen.add(code)
        else:
            frame.f_trace = _met

    # -- keeping ------------------------------------------------------------------------------

    def _open_or_full(self) -> bool:
        return self._left < 0 or len(self.kept) >= _MOST_KEPT or self._bytes > _MOST_BYTES

    def _may_show_more(self, key: Any, kind: Kind) -> bool:
        """True where a call of this kind may show more than those that were kept."""
        known = self._best.get(key, {})
        best = known.get(kind)
        return len(known) < _MOST_KINDS if best is None else best.worth() < 3 or _slow(best)

    def _shown(self, key: Any, kind: Kind) -> int:
        """How much is shown by what was kept of a kind."""
        best = self._best.get(key, {}).get(kind)
        return 0 if best is None else best.worth() - _slow(best)

    def _shows(self, key: Any, kind: Kind, kept: Kept) -> None:
        """This is the best of its kind by now."""
        known = self._best.setdefault(key, {})
        before = known.get(kind)
        kept.nth = len(known) if before is None else before.nth
        if before is not None and before in self.kept:
            self._drop(before)
        known[kind] = kept

    def _drop(self, kept: Kept) -> None:
        self.kept.remove(kept)
        self._bytes -= kept.snapshot.bytes

    def _function(self, frame: FrameType) -> None:
        code, held = frame.f_code, frame.f_locals
        if not is_function(code) or rebound(code, frame.f_lasti):
            return
        names = code.co_varnames[: code.co_argcount]
        if not all(name in held for name in names):
            return
        if not any(isinstance(held[name], (Tensor, tuple, list, dict)) for name in names):
            return
        args, named = arguments_of(code, held)
        key, kind = id(code), kind_of(args, named)
        if not self._may_show_more(key, kind):
            return
        function, cells = function_of(frame)
        place = Place(code.co_filename, code.co_firstlineno, 0, code.co_qualname)
        call = Call(function, args, named, (), (), place)
        try:
            kept = self._keep(call, "function", self._shown(key, kind), provisional=False)
        except NoCopyError:
            self.seen.add(id(code))
            return
        finally:
            for cell in cells:  # or it would keep what it holds alive
                del cell.cell_contents
        if kept is not None:
            self._shows(key, kind, kept)

    def _keep(self, call: Call, within: str, shown: int, *, provisional: bool) -> Kept | None:
        """Copy the state of a call, where it may show more than was `shown` or, once, in any case.

        Raises NoCopyError, when the reason is noted.
        """
        given = self._given(call)
        if not given or not (provisional or _worth_of(given, within) > shown):
            return None
        started = time.thread_time()
        try:
            why = _modes()
            if why:
                self.skip(call, why)
                return None
            call = replace(call, inputs=tuple(Leaf(path, ANY) for path in given))
            snapshot = Snapshot(call, self._settings.most_bytes)
        except LazyError:
            return None
        except NoCopyError as error:
            if any(counted(axes) for axes in given.values()):
                self.skip(call, f"cannot copy {error}")
            raise
        finally:
            self._left -= time.thread_time() - started
        self._bytes += snapshot.bytes
        kept = Kept(replace(call, args=(), kwargs={}), within, snapshot, given)
        self.kept.append(kept)
        return kept

    def _given(self, call: Call) -> dict[Path, Axes]:
        try:
            arguments = bound(call.function, call.args, call.kwargs).arguments
        except (TypeError, ValueError):
            return {}
        found: dict[Path, Axes] = {}
        for name, value in arguments.items():
            for path, tensor in tensors_in((name,), value):
                found[path] = self._tracker.before(tensor)
        return found if len(found) <= _MOST_LEAVES else {}

    def skip(self, call: Call, reason: str) -> None:
        """Note that a call is not tried."""
        said = f"{call.name} is not tried again: {reason}"
        self.skipped.setdefault(Skipped(call.name, call.place, said))


def _met(frame: FrameType, event: str, argument: object) -> None:
    """Marks a frame whose first operation was met."""


def _worth_of(given: Mapping[Path, Axes], within: str) -> int:
    """0 where no samples are known, 1 where they are in doubt, 2 for one sample, 3 for several."""
    if not any(map(counted, given.values())):
        return 0
    found = carriers(given, within)
    sizes = [given[path].shape[samples.position] for path, samples in found.items()]
    return 1 if not sizes else 2 + (sizes[0] > 1)


def _slow(kept: Kept) -> bool:
    return kept.returned and max(kept.seconds) > _SLOW


def tensors_in(path: Path, value: Any, depth: int = 3) -> list[tuple[Path, Tensor]]:
    """The tensors in a value and in the plain containers it is made of, each with its path."""
    return list(_walk(path, value, depth))[: _MOST_LEAVES + 1]


def _walk(path: Path, value: Any, depth: int) -> Iterator[tuple[Path, Tensor]]:
    if isinstance(value, Tensor):
        if tensor_at(value, ()) is not None and value.layout is torch.strided:
            yield path, value
    elif depth and isinstance(value, (tuple, list)) and len(value) <= _MOST_LEAVES:
        for i, item in enumerate(value):
            yield from _walk((*path, i), item, depth - 1)
    elif depth and isinstance(value, Mapping) and len(value) <= _MOST_LEAVES:
        for key, item in value.items():
            if isinstance(key, str):
                yield from _walk((*path, key), item, depth - 1)


def _inside(frame: FrameType | None, calls: int = 2) -> bool:
    """True where a module's call is under way above `frame`; its own call is the first."""
    while frame is not None:
        calls -= frame.f_code is _CALLING
        if not calls:
            return True
        frame = frame.f_back
    return False


def _worth(module: nn.Module) -> bool:
    """A module of the user's, or a container of torch's; the tracker knows what layers read."""
    if isinstance(module, torch.jit.ScriptModule):
        return False
    ours = type(module).__module__.startswith("torch.")
    return not ours or isinstance(module, nn.Sequential)


def _modes() -> str:
    """Why a call cannot be replayed because of what is switched on around it, or ""."""
    if torch._C._functorch.peek_interpreter_stack() is not None:
        return "inside a functorch transform (vmap, grad)"
    if torch._C._len_torch_dispatch_stack():
        return "under a torch dispatch mode"
    return ""
