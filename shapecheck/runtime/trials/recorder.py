"""Records each torch operation of a replay: what it took, what it gave, and the user's line.

A function mode switches off some fast paths and so moves last bits: verdicts are taken without
it, and it only serves to find the operation at which a law breaks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from shapecheck.core.site import Place
from shapecheck.runtime.state.trusted import trusted_file

Shape = tuple[int, ...]


@dataclass
class Step:
    """One operation. `parents` are earlier steps by number; `sources` the tensors it read.

    `numbers` are the integers among its arguments; `module` is the torch.nn module that the
    user's line called, if it did. `error` is set where the operation raised. `operands` say where
    each tensor that it read came from: the step and which of its results, or (-1, id) for one that
    was given.
    """

    name: str
    place: Place
    shapes: tuple[Shape, ...]
    sources: tuple[int, ...]
    parents: frozenset[int]
    numbers: tuple[int, ...]
    options: dict[str, Any]
    module: nn.Module | None
    results: tuple[Tensor, ...] = ()
    leaves: tuple[int, ...] = ()
    error: bool = False
    operands: tuple[tuple[int, int], ...] = ()


@dataclass
class Recording:
    """The steps of one replay; `full` where there were too many to keep.

    `trained_at` is the number of the step that the first backward() came before; the steps from
    there on have no results.
    """

    steps: list[Step] = field(default_factory=list)
    producer: dict[int, int] = field(default_factory=dict)
    given: dict[int, Tensor] = field(default_factory=dict)
    full: bool = False
    trained_at: int = sys.maxsize
    bytes: int = 0
    modules: list[nn.Module] = field(default_factory=list)

    def operand(self, number: int, which: int) -> Tensor | None:
        """A tensor that a step read, as it was when it was made; None where that is not known."""
        step = self.steps[number]
        if which >= len(step.operands):
            return None
        at, index = step.operands[which]
        if at < 0:
            return self.given.get(index)
        results = self.steps[at].results
        return results[index] if index < len(results) else None

    def ancestors(self, tensor: Tensor) -> set[int]:
        """The steps that a tensor came from; empty where none of them made it."""
        last = self.producer.get(id(tensor))
        found: set[int] = set()
        todo = [] if last is None else [last]
        while todo:
            at = todo.pop()
            if at not in found:
                found.add(at)
                todo.extend(self.steps[at].parents)
        return found


class Recorder(TorchFunctionMode):
    """Keeps a copy of every result until `most_bytes` of them."""

    def __init__(self, most_bytes: int, most_steps: int = 5_000) -> None:
        super().__init__()
        self.recording = Recording()
        self._most = (most_bytes, most_steps)
        self._writers: dict[int, set[int]] = {}
        self._index: dict[int, int] = {}
        self._alive: list[Any] = []

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        name = _name_of(func)
        if self.recording.full or name in _QUIET:
            return func(*args, **kwargs)
        read = list(_tensors((args, kwargs)))
        shapes = tuple(tuple(t.shape) for t in read)
        parents = self._parents(read)
        try:
            result = func(*args, **kwargs)
        except Exception:
            self._keep(name, read, shapes, parents, args, kwargs, None, error=True)
            raise
        if name == "backward":  # what follows comes of training; what came before does not
            self.recording.trained_at = min(self.recording.trained_at, len(self.recording.steps))
        written = _written(name, args, kwargs)
        result_tensors = list(_tensors(result)) if written is None else [written]
        if result_tensors:
            self._keep(name, read, shapes, parents, args, kwargs, result_tensors)
        return result

    def failed(self, error: BaseException) -> None:
        """Note the layer whose own checks raised, where no operation did."""
        if any(step.error for step in self.recording.steps):
            return
        user, layer = None, None
        trace = error.__traceback__
        while trace is not None:
            frame = trace.tb_frame
            if not trusted_file(frame.f_code.co_filename):
                user, layer = frame, None
            elif layer is None and _layer_of(frame) is not None:
                layer = frame
            trace = trace.tb_next
        if user is not None and layer is not None:
            self._layer_failed(user, layer)

    def _layer_failed(self, user: FrameType, layer: FrameType) -> None:
        module = _layer_of(layer)
        taken = {k: v for k, v in layer.f_locals.items() if k in _arguments_of(layer)}
        read = list(_tensors(taken))
        step = Step(
            type(module).__name__, _place(user), tuple(tuple(t.shape) for t in read),
            tuple(map(id, read)), self._parents(read), (), {}, module, error=True,
        )  # fmt: skip
        for tensor in read:
            if id(tensor) not in self.recording.producer:
                self.recording.given.setdefault(id(tensor), tensor)
        self._alive.append(read)
        self.recording.steps.append(step)

    def _parents(self, read: list[Tensor]) -> frozenset[int]:
        found: set[int] = set()
        for tensor in read:
            at = self.recording.producer.get(id(tensor))
            if at is not None:
                found.add(at)
            found |= self._writers.get(_storage(tensor), set())
        return frozenset(found)

    def _keep(
        self,
        name: str,
        read: list[Tensor],
        shapes: tuple[Shape, ...],
        parents: frozenset[int],
        args: Any,
        kwargs: Any,
        results: list[Tensor] | None,
        error: bool = False,
    ) -> None:
        recording, number = self.recording, len(self.recording.steps)
        place, module = _where()
        copies: tuple[Tensor, ...] = ()
        with torch.no_grad():
            if results and number < recording.trained_at:
                copies = tuple(r.detach().clone() for r in results)
        recording.bytes += sum(c.numel() * c.element_size() for c in copies)
        recording.full = recording.bytes > self._most[0] or number > self._most[1]
        self._alive.append((read, results))
        for tensor in read:
            if id(tensor) not in recording.producer:
                recording.given.setdefault(id(tensor), tensor)
        sources = tuple(id(t) for t in read)
        leaves = tuple(i for i in sources if i not in recording.producer)
        operands = tuple(
            (recording.producer[i], self._index[i]) if i in recording.producer else (-1, i)
            for i in sources
        )
        recording.steps.append(
            Step(
                name, place, shapes, sources, parents, tuple(_numbers((args, kwargs))),
                _options(args, kwargs), module, copies, leaves, error, operands,
            )
        )  # fmt: skip
        for index, tensor in enumerate(results or ()):
            recording.producer[id(tensor)] = number
            self._index[id(tensor)] = index
            if any(tensor is r for r in read):  # written in place: every view of it has changed
                self._writers.setdefault(_storage(tensor), set()).add(number)


_QUIET = frozenset((
    "size", "dim", "shape", "ndim", "dtype", "device", "requires_grad", "is_leaf",
    "grad_fn", "is_nested", "layout", "is_sparse", "is_cuda", "is_contiguous", "stride",
    "storage_offset", "numel", "nelement", "element_size", "data_ptr", "is_floating_point",
    "is_complex", "item", "tolist", "__len__", "__bool__", "__int__", "__float__",
    "__index__", "__contains__", "__repr__", "__format__", "__hash__", "_set_grad_enabled",
    "is_same_size", "allclose", "equal", "_version", "names", "is_meta", "untyped_storage",
    "is_quantized", "is_mkldnn", "retain_grad", "is_pinned", "is_conj", "is_neg",
))  # fmt: skip


def _name_of(func: Any) -> str:
    name = getattr(func, "__name__", str(func))
    if name == "__get__":
        return str(getattr(getattr(func, "__self__", None), "__name__", name))
    return str(name)


def _written(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """The tensor that an operation changes in place."""
    if isinstance(kwargs.get("out"), Tensor):
        out: Tensor = kwargs["out"]
        return out
    in_place = name == "__setitem__" or (name.endswith("_") and not name.endswith("__"))
    in_place = in_place or (name.startswith("__i") and name in _IN_PLACE)
    return args[0] if in_place and args and isinstance(args[0], Tensor) else None


_IN_PLACE = frozenset((
    "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__", "__imod__",
    "__ipow__", "__iand__", "__ior__", "__ixor__", "__ilshift__", "__irshift__",
    "__imatmul__", "__idiv__",
))  # fmt: skip


def _tensors(value: Any, depth: int = 4) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        if value.layout is torch.strided:
            yield value
    elif depth and isinstance(value, (tuple, list)):
        for item in value:
            yield from _tensors(item, depth - 1)
    elif depth and isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item, depth - 1)


def _numbers(value: Any, depth: int = 4) -> Iterator[int]:
    if type(value) is int:
        yield value
    elif depth and isinstance(value, (tuple, list)):
        for item in value:
            yield from _numbers(item, depth - 1)
    elif depth and isinstance(value, dict):
        for item in value.values():
            yield from _numbers(item, depth - 1)
    elif isinstance(value, slice):
        yield from (v for v in (value.start, value.stop) if type(v) is int)


def _options(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The plain arguments: by keyword, and `args` for the positional ones after the first."""
    plain = {k: v for k, v in kwargs.items() if isinstance(v, (int, float, str, tuple, list))}
    plain = {k: v for k, v in plain.items() if not any(True for _ in _tensors(v))}
    positional = [a for a in args if not any(True for _ in _tensors(a))]
    return {**plain, "args": positional}


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr() or id(tensor)


def _where() -> tuple[Place, nn.Module | None]:
    """The user's line that an operation came from, and the torch.nn module called there."""
    frame: FrameType | None = sys._getframe(3)
    module: nn.Module | None = None
    while frame is not None:
        code = frame.f_code
        if not trusted_file(code.co_filename):
            return _place(frame), module
        owner = _layer_of(frame)
        if owner is not None:
            module = module if isinstance(owner, nn.Sequential) else owner
        frame = frame.f_back
    return Place(""), None


def _layer_of(frame: FrameType) -> nn.Module | None:
    """The torch.nn module whose `forward` a frame runs."""
    if frame.f_code.co_name != "forward":
        return None
    owner = frame.f_locals.get("self")
    ours = isinstance(owner, nn.Module) and type(owner).__module__.startswith("torch.")
    return owner if ours else None


def _arguments_of(frame: FrameType) -> tuple[str, ...]:
    code = frame.f_code
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _place(frame: FrameType) -> Place:
    code = frame.f_code
    positions = list(code.co_positions())
    at = frame.f_lasti // 2
    column = positions[at][2] if 0 <= at < len(positions) else 0
    return Place(code.co_filename, frame.f_lineno or 0, column or 0, code.co_qualname)
