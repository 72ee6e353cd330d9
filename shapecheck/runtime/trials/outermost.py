"""The calls of a watched program that are worth trying again, kept as they were before they ran.

Outermost calls of modules (`model(x)`) are met by the tracker's module hooks, the user's functions
by the first operation that runs in them. At the first call of each kind the state is copied; the
trials come when the program has ended, so that they meet nothing of it. What is copied belongs to
nobody else, and no object of the program lives longer for it.
"""

from __future__ import annotations

import dis
import inspect
import threading
import time
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import CodeType, FrameType
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
from shapecheck.runtime.trials.probed import Call, Leaf, Path, bound, tensor_at
from shapecheck.runtime.trials.samples import counted

if TYPE_CHECKING:
    from shapecheck.runtime.tracker import Tracker

ANY = parse_shape("...")
_CALLING = nn.Module._call_impl.__code__
_GENERATES = 0x20 | 0x80 | 0x100 | 0x200  # generators and coroutines, by the flags of their code
_OWN_NAMES = 0x1 | 0x2  # a function's body, not that of a class or a module
_MOST_KEPT = 48
_MOST_BYTES = 256 << 20
_MOST_LEAVES = 16
_MOST_LOOKS = 24


@dataclass
class Kept:
    """A call as it was before it ran. `given` holds the axes of its tensors as they were tracked.

    Of a module's call, `returned` and `came` are what it gave and the axes of that. `seconds` are
    those that the call took, of the processor and on the wall.
    """

    call: Call
    within: str
    snapshot: Snapshot
    given: dict[Path, Axes]
    observed: dict[Path, Tensor] = field(default_factory=dict)
    came: dict[Path, Axes] = field(default_factory=dict)
    returned: bool = False
    seconds: tuple[float, float] = (0.0, 0.0)


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
        self.awaited: nn.Module | None = None  # the module whose call was kept last, and runs
        self._open: tuple[Any, Kept] | None = None
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
        named = frame.f_locals.get("kwargs")
        caller = self._tracker.frames.innermost(frame)
        if caller is None or threading.get_ident() != self._thread:
            return
        place = self._tracker.frames.place(caller.f_code, caller.f_lasti)
        function, bare = _forward(module)
        name = (
            f"{type(module).__qualname__.rpartition('<locals>.')[2]}.forward"
            if bare
            else (f"nn.{type(module).__name__}")
        )
        call = Call(
            function, (module, *args), dict(named or {}), (), (), replace(place, function=name)
        )
        try:
            kept = self._keep(call, "module", provisional=looks == 1)
        except NoCopyError:
            self.settled.add(key)  # the next one cannot be copied either
            return
        if kept is not None:
            self.awaited, self._open = module, (key, kept)
            kept.seconds = (-time.thread_time(), -time.monotonic())

    def left(self, *result: Any) -> None:
        """The call that is awaited has returned a result; or none, where it has raised."""
        assert self._open is not None
        key, kept = self._open
        self.awaited = self._open = None
        known = any(counted(axes) for axes in kept.given.values())
        if not result or not known:  # another of its kind may be kept
            self.kept.remove(kept)
            self._bytes -= kept.snapshot.bytes
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
        self.settled.add(key)

    def met(self, frame: FrameType) -> None:
        """The first operation of a function of the user's is about to run, in `frame`."""
        inside = _inside(frame, 1) or threading.get_ident() != self._thread
        for one in reversed(self._tracker.frames.chain(frame, 8)):
            if id(one.f_code) not in self.seen:
                self.seen.add(id(one.f_code))
                self._tracker.frames.place(one.f_code, one.f_lasti)  # keeps the code alive
                if not inside and not self._open_or_full():
                    self._function(one)

    # -- keeping ------------------------------------------------------------------------------

    def _open_or_full(self) -> bool:
        return self._left < 0 or len(self.kept) >= _MOST_KEPT or self._bytes > _MOST_BYTES

    def _function(self, frame: FrameType) -> None:
        code = frame.f_code
        if code.co_flags & _OWN_NAMES != _OWN_NAMES or code.co_flags & _GENERATES:
            return
        if code.co_name.startswith("<") or _rebound(code, frame.f_lasti):
            return
        held = frame.f_locals
        names = code.co_varnames[: code.co_argcount]
        if not all(name in held for name in names):
            return
        if not any(isinstance(held[name], (Tensor, tuple, list, dict)) for name in names):
            return
        function, cells = _function_of(frame)
        args, named = _arguments(code, held)
        place = Place(code.co_filename, code.co_firstlineno, 0, code.co_qualname)
        try:
            self._keep(Call(function, args, named, (), (), place), "function", provisional=False)
        except NoCopyError:
            return
        finally:
            for cell in cells:  # or it would keep what it holds alive
                del cell.cell_contents

    def _keep(self, call: Call, within: str, *, provisional: bool) -> Kept | None:
        """Copy the state of a call, where its tensors carry samples or, once, in any case.

        Raises NoCopyError, when the reason is noted.
        """
        given = self._given(call)
        if not given or not (provisional or any(counted(axes) for axes in given.values())):
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


def _forward(module: nn.Module) -> tuple[Any, bool]:
    """The function that a module's call runs, and whether it is `forward` itself."""
    forward = getattr(type(module), "forward", None)
    hooked = (
        module._forward_hooks or module._forward_pre_hooks
        or module._backward_hooks or module._backward_pre_hooks
    )  # fmt: skip
    plain = isinstance(forward, types.FunctionType) and "forward" not in vars(module)
    if plain and not hooked and not isinstance(module, nn.Sequential):
        return forward, True
    return nn.Module._wrapped_call_impl, False


def _rebound(code: CodeType, before: int) -> bool:
    """True where an argument may have got another value earlier than instruction `before`."""
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    names = set(code.co_varnames[:count])
    return any(
        instruction.offset < before
        and instruction.opname in ("STORE_FAST", "DELETE_FAST", "STORE_DEREF", "DELETE_DEREF")
        and instruction.argval in names
        for instruction in dis.get_instructions(code)
    )


def _function_of(frame: FrameType) -> tuple[types.FunctionType, list[types.CellType]]:
    """A function like the one whose body the frame runs, with cells of its own."""
    code, held = frame.f_code, frame.f_locals
    cells = [
        types.CellType(held[name]) if name in held else types.CellType()
        for name in code.co_freevars
    ]
    function = types.FunctionType(code, frame.f_globals, code.co_name, None, tuple(cells))
    return function, [
        cell for name, cell in zip(code.co_freevars, cells, strict=True) if name in held
    ]


def _arguments(code: CodeType, held: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a running function, from its local variables."""
    at, only = code.co_argcount, code.co_kwonlyargcount
    args = tuple(held[name] for name in code.co_varnames[:at])
    named = {name: held[name] for name in code.co_varnames[at : at + only] if name in held}
    rest = at + only
    if code.co_flags & inspect.CO_VARARGS:
        args = (*args, *held.get(code.co_varnames[rest], ()))
        rest += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        named |= held.get(code.co_varnames[rest], {})
    return args, named


def _modes() -> str:
    """Why a call cannot be replayed because of what is switched on around it, or ""."""
    if torch._C._functorch.peek_interpreter_stack() is not None:
        return "inside a functorch transform (vmap, grad)"
    if torch._C._len_torch_dispatch_stack():
        return "under a torch dispatch mode"
    return ""
