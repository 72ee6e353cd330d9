"""Gathers the shapes that values had where a shape comment stands, as the program runs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any, Protocol

import torch

from shapecheck.core.comment_evidence import (
    CommentEvidence,
    Moment,
    SeenAs,
    Value,
)
from shapecheck.core.comment_match import may_mean
from shapecheck.core.evidence import Observation
from shapecheck.runtime.comment_names import CommentNames, Namer
from shapecheck.runtime.comment_probes import bound_names
from shapecheck.runtime.commented import Commented, ProbedFile, Silent
from shapecheck.runtime.observe import dtype_name
from shapecheck.runtime.replaying import replaying

_MOST_CONTENTS = 200  # distinct contents of one statement; past that it is not judged
_MOST_CALLS = 20  # calls in which an equal content is kept once more, to compare comments
_MOST_PARTS = 8
_CONFIGS = frozenset(("self", "cls", "args", "config", "cfg", "opt", "hparams", "hp", "params"))


class Unit(Protocol):
    """A piece of code as `source` reads it."""

    @property
    def label(self) -> str: ...
    def tree(self) -> ast.Module: ...


def observe(unit: Unit, commented: Commented, namespace: dict[str, Any]) -> CommentEvidence:
    """Run a unit in a namespace and return what was seen where its shape comments stand.

    The unit's own errors pass through; use a `CommentWatch` to keep the evidence in that case,
    or to run several cells in one namespace.
    """
    watch = CommentWatch(unit.label)
    exec(watch.compile(unit, commented, namespace), namespace)
    return watch.evidence()


class CommentWatch:
    """Listens to the probes of one file, whose units run one after the other.

    `namer` is told what comments call the axes of a value.
    """

    def __init__(self, file: str | ProbedFile, namer: Namer | None = None) -> None:
        self._file = file if isinstance(file, ProbedFile) else ProbedFile(file)
        self.failures = 0
        names = CommentNames(self._file, namer) if namer is not None else None
        self._recorder = _Recorder(self, self._file, names)
        self._file.listen(self._probes)

    def compile(self, unit: Unit, commented: Commented, namespace: dict[str, Any]) -> Any:
        """The code of a unit with its probes; the namespace is given what they need."""
        tree = unit.tree()
        self._file.attach(tree, commented, namespace)
        return compile(tree, unit.label, "exec", dont_inherit=True)

    def evidence(self) -> CommentEvidence:
        """What has been seen so far."""
        found = self._file.found
        return CommentEvidence(
            self._file.file,
            tuple(comment for unit in found for comment in unit.comments),
            tuple(self._recorder.moments),
            tuple(legend for unit in found for legend in unit.legends),
            tuple(sorted({name for unit in found for name in unit.sized})),
            any(unit.doubled for unit in found),
            tuple(sorted({pair for unit in found for pair in unit.multiples})),
            tuple(sorted(self._recorder.overflowing | self._file.missed)),
        )

    def _probes(self, namespace: dict[str, Any]) -> Probes:
        self._recorder.namespace = namespace
        return Probes(self._recorder)


class Probes(Silent):
    """What the code calls. Under compilation nothing is recorded; errors of ours stay ours."""

    def __init__(self, recorder: _Recorder) -> None:
        self._recorder = recorder

    def called(self) -> None:
        """A function that holds a watched statement has begun."""
        if not torch.compiler.is_compiling():
            self._recorder.safely(self._recorder.called, sys._getframe(1), ())

    def state(self, number: int, *values: Any) -> None:
        """A watched statement is reached; these are its variables."""
        if not torch.compiler.is_compiling():
            self._recorder.safely(self._recorder.state, sys._getframe(1), (number, values))

    def seen(self, number: int, text: int, seen_as: SeenAs, value: Any) -> Any:
        """A value on the way: an argument, an operand, what a method is called on."""
        if not torch.compiler.is_compiling():
            self._recorder.safely(
                self._recorder.seen, sys._getframe(1), (number, text, seen_as, value)
            )
        return value

    def made(self, number: int, value: Any) -> Any:
        """What a watched statement assigns, returns or evaluates."""
        if not torch.compiler.is_compiling():
            self._recorder.safely(self._recorder.made, sys._getframe(1), (number, value))
        return value

    def bound(self, number: int, *values: Any) -> None:
        """Variables that a loop, a call or an update has just bound."""
        if not torch.compiler.is_compiling():
            self._recorder.safely(self._recorder.bound, sys._getframe(1), (number, values))


# A value as it is noted in passing: name, how it was seen, its type, shape, dtype, part.
Noted = tuple[str, SeenAs, str, tuple[int, ...] | None, object, str]
Sizes = dict[str, int]


class _Recorder:
    """Notes contents as plain tuples, since most of them have been seen before."""

    def __init__(self, watch: CommentWatch, file: ProbedFile, names: CommentNames | None) -> None:
        self._watch = watch
        self._file = file
        self._names = names
        self.namespace: dict[str, Any] = {}
        self.moments: list[Moment] = []
        self.overflowing: set[str] = set()
        self._pending: dict[tuple[int, int], tuple[list[Noted], Sizes]] = {}
        self._calls: dict[int, int] = {}
        self._count = 0
        self._contents: dict[str, dict[object, set[int]]] = {}
        self._meanings = _Meanings(file.words)
        self._texts: dict[int, str] = {}

    def safely(self, step: Callable[..., None], frame: Any, arguments: tuple[Any, ...]) -> None:
        """Record; a failure of ours is counted and never reaches the program."""
        # The program does not do what a replay does; a size read while tracing warns.
        if replaying() or torch._C._get_tracing_state() is not None:
            return
        try:
            with torch._C.DisableTorchFunction():
                step(frame, *arguments)
        except Exception:
            self._watch.failures += 1

    def called(self, frame: Any) -> None:
        self._count += 1
        self._calls[id(frame)] = self._count

    def state(self, frame: Any, number: int, values: tuple[Any, ...]) -> None:
        point = self._file.probed[number].point
        if point.function:
            named = dict(zip(point.names, values, strict=False))
        else:
            named = {n: self.namespace[n] for n in point.states if n in self.namespace}
        before: list[Noted] = []
        for name in point.states:
            if name in named:
                _note(before, name, named[name], "before")
        self._pending[id(frame), number] = (before, self._sizes(named))

    def seen(self, frame: Any, number: int, text: int, seen_as: SeenAs, value: Any) -> None:
        pending = self._pending.get((id(frame), number))
        if pending is not None:
            _note(pending[0], self._file.probed[number].texts[text], value, seen_as)

    def made(self, frame: Any, number: int, value: Any) -> None:
        values, sizes = self._pending.pop((id(frame), number), ([], {}))
        if self._names is not None:
            self._names.made(number, value, [shape for _, _, _, shape, _, _ in values if shape])
        for target in self._file.probed[number].targets or (None,):
            self._assigned(values, target, value)
        self._keep(frame, number, values, sizes)

    def bound(self, frame: Any, number: int, given: tuple[Any, ...]) -> None:
        probed = self._file.probed[number]
        named = dict(zip(bound_names(probed), given, strict=False))
        found = self._pending.get((id(frame), number))  # a loop binds many times
        values, sizes = (list(found[0]), found[1]) if found else ([], self._sizes(named))
        for name, value in named.items():
            _note(values, name, value, "made")
        self._keep(frame, number, values, sizes)

    def _assigned(self, noted: list[Noted], target: ast.expr | None, value: Any) -> None:
        """Note the values of an assignment, by the variables they go to."""
        several = type(value) in (tuple, list) and isinstance(target, (ast.Tuple, ast.List))
        if several and isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == len(value):
            for inner, item in zip(target.elts, value, strict=True):
                self._assigned(noted, inner, item)
            return
        _note(noted, self._text(target), value, "made")

    def _text(self, target: ast.expr | None) -> str:
        if isinstance(target, ast.Name):
            return target.id
        if not isinstance(target, ast.Attribute):
            return ""
        if id(target) not in self._texts:  # the tree is kept by the probed file
            self._texts[id(target)] = ast.unparse(target)
        return self._texts[id(target)]

    def _sizes(self, named: dict[str, Any]) -> Sizes:
        """The int variables that the words of a comment may mean: local, of `self`, global."""
        meanings = self._meanings
        sizes = {
            spelling: self.namespace[spelling]
            for spelling in meanings.spellings()
            if type(self.namespace.get(spelling)) is int
        }
        for name, value in named.items():
            if type(value) is int:
                if meanings.may(name):
                    sizes[name] = value
            elif name in _CONFIGS and isinstance(getattr(value, "__dict__", None), dict):
                for attribute, held in value.__dict__.items():
                    if type(held) is int and meanings.may(attribute):
                        sizes[f"{name}.{attribute}"] = held
        return sizes

    def _keep(self, frame: Any, number: int, noted: list[Noted], sizes: Sizes) -> None:
        point = self._file.probed[number].point
        call = self._calls.get(id(frame), 0) if point.function else 0
        contents = self._contents.setdefault(point.id, {})
        key = (tuple(noted), tuple(sorted(sizes.items())))
        calls = contents.get(key)
        if calls is None:
            if len(contents) >= _MOST_CONTENTS:
                self.overflowing.add(point.id)
                return
            contents[key] = {call}
        elif call in calls or len(calls) >= _MOST_CALLS:
            return
        else:
            calls.add(call)
        self.moments.append(Moment(point.id, call, tuple(map(_value, noted)), key[1]))


class _Meanings:
    """Which variables the words of the comments may mean, each asked for once."""

    def __init__(self, words: set[str]) -> None:
        self._words = words
        self._counted = -1
        self._spellings: tuple[str, ...] = ()
        self._known: dict[str, bool] = {}

    def spellings(self) -> tuple[str, ...]:
        """The words as globals may be spelled."""
        if len(self._words) != self._counted:  # another cell has brought its own
            self._counted = len(self._words)
            self._known = {}
            found = {w for word in self._words for w in (word, word.upper(), word.lower())}
            self._spellings = tuple(s for s in found if len(s) > 1 or s in self._words)
        return self._spellings

    def may(self, name: str) -> bool:
        """True where one of the words may mean this variable."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = any(may_mean(name, word) for word in self._words)
        return known


def _note(noted: list[Noted], name: str, value: Any, seen_as: SeenAs, part: str = "") -> None:
    """A value as it is; a tuple is followed by what it holds."""
    kind, shape, dtype = _looks(value)
    if shape is not None or seen_as == "made":
        noted.append((name, seen_as, kind, shape, dtype, part))
    if shape is None and isinstance(value, (tuple, list)) and part.count("[") < 2:
        for index, item in enumerate(value[:_MOST_PARTS]):
            _note(noted, name, item, seen_as, f"{part}[{index}]")


def _looks(value: Any) -> tuple[str, tuple[int, ...] | None, object]:
    """Type, shape and dtype of a tensor or array; a shape itself counts as one; else the type."""
    kind = type(value).__name__
    numpy = sys.modules.get("numpy")
    if isinstance(value, torch.Tensor) or (numpy and isinstance(value, numpy.ndarray)):
        try:
            return kind, tuple([int(size) for size in value.shape]), value.dtype
        except (RuntimeError, TypeError, ValueError):  # lazy and nested ones have no shape
            return kind, None, None
    if type(value) in (tuple, torch.Size) and value and all(type(n) is int for n in value):
        return "Size", tuple(value), None
    return kind, None, None


def _value(noted: Noted) -> Value:
    name, seen_as, kind, shape, dtype, part = noted
    dtype_text = dtype_name(dtype) if dtype is not None else ""
    return Value(name, seen_as, Observation(kind, shape, dtype_text), part)
