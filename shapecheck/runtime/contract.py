"""A function's annotations as a contract: what each parameter and the return was declared to be."""

from __future__ import annotations

import ast
import inspect
import sys
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType, FrameType, FunctionType
from typing import Any

from shapecheck.core.evidence import Declaration, DeclaredAs
from shapecheck.core.finding import DeclarationError
from shapecheck.core.site import Place
from shapecheck.runtime.blame import def_line
from shapecheck.runtime.judging.judge import Names, missing_name
from shapecheck.runtime.judging.pieces import Pieces
from shapecheck.runtime.judging.tally import Tally
from shapecheck.runtime.ownership import is_ours

_ANYTHING = (Any, object, inspect.Parameter.empty)
_YIELDING = {"Generator", "AsyncGenerator"}
_ITERATING = {"Iterator", "Iterable", "AsyncIterator", "AsyncIterable"}


@dataclass(frozen=True)
class Declared:
    """One declaration that can be judged: its name, what it declares, the annotation itself."""

    name: str
    declared_as: DeclaredAs
    annotation: Any


@dataclass
class Contract:
    """The declarations of one function, resolved when it is first called.

    Annotations that cannot be evaluated are left out of `declared` and kept in the tally with the
    reason. Raises DeclarationError for one that can be evaluated but not read
    (`"batch, seq"`).
    """

    function: Callable[..., Any]
    tally: Tally
    scope_names: dict[str, Any] = field(default_factory=dict)
    pieces: Pieces = field(default_factory=Pieces)
    wrapper: Any = None  # the checked function, weakly: decorators leave their marks on it

    @property
    def code(self) -> CodeType:
        """The user's code, below every wrapper."""
        code: CodeType = inspect.unwrap(self.function).__code__
        return code

    @cached_property
    def name(self) -> str:
        """`Net.forward`; what stands inside a function is named from there on."""
        return short_name(self.function)

    @cached_property
    def place(self) -> Place:
        """Where the function is defined."""
        return Place(self.code.co_filename, def_line(self.code), function=self.name)

    @cached_property
    def signature(self) -> inspect.Signature:
        """Parameters by name, kind and default, as the user's own function states them."""
        return inspect.signature(self.function)

    @cached_property
    def names(self) -> Names:
        """Where string annotations find their names.

        Of the names around the function only those are kept that annotations use: a closure may
        hold tensors.
        """
        function = inspect.unwrap(self.function)
        wanted = names_used(function)
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        closure = {
            name: cell.cell_contents
            for name, cell in cells
            if name in wanted and not _is_empty(cell)
        }
        return Names(function.__globals__, {**self.scope_names, **closure})

    @cached_property
    def declared(self) -> dict[str, Declared]:
        """Everything that can be judged, by parameter name; `return` for the return value."""
        found = {}
        for name, declared_as, raw in self._annotations():
            annotation = self._resolve(name, declared_as, raw)
            if not any(annotation is anything for anything in _ANYTHING):
                found[name] = Declared(name, declared_as, annotation)
        return found

    @property
    def parameters(self) -> Iterator[Declared]:
        """Declarations of parameters, in order."""
        return (d for d in self.declared.values() if d.declared_as == "parameter")

    def begin(self) -> None:
        """Count a call."""
        self.tally.calls += 1
        if self.tally.calls == 1:
            self.tally.declarations = len(self.declared)

    def stepwise(self) -> dict[str, Declared]:
        """For a generator: what it yields, takes by `send`, and returns."""
        whole = self.declared.get("return")
        if whole is None:
            return {}
        origin, args = typing.get_origin(whole.annotation), typing.get_args(whole.annotation)
        kind = getattr(origin, "__name__", "")
        if kind in _ITERATING and len(args) == 1:
            parts: list[tuple[str, DeclaredAs, Any]] = [("yield", "yield", args[0])]
        elif kind in _YIELDING and args:
            labels: list[tuple[str, DeclaredAs]] = [
                ("yield", "yield"),
                ("send", "send"),
                ("return", "return"),
            ]
            parts = [(n, d, a) for (n, d), a in zip(labels, args, strict=False)]
        else:
            return {}
        return {n: Declared(n, d, a) for n, d, a in parts if a not in (Any, object)}

    def _annotations(self) -> Iterator[tuple[str, DeclaredAs, Any]]:
        for parameter in self.signature.parameters.values():
            annotation = parameter.annotation
            unpacked = annotation is not None and getattr(annotation, "__unpacked__", False)
            if annotation is not inspect.Parameter.empty and not unpacked:
                yield parameter.name, "parameter", annotation
        if self.signature.return_annotation is not inspect.Signature.empty:
            if _kind(self.function) == _kind(inspect.unwrap(self.function)):
                yield "return", "return", self.signature.return_annotation
            else:  # `@contextmanager` between `@checked` and a generator
                text = inspect.formatannotation(self.signature.return_annotation)
                reason = "a decorator below `checked` returns something else"
                self.tally.leave(Declaration("return", "return", text), reason)

    def _resolve(self, name: str, declared_as: DeclaredAs, raw: Any) -> Any:
        annotation = raw
        try:
            while isinstance(annotation, str):
                annotation = eval(annotation, self.names.globals, self.names.locals)
            hash(typing.get_origin(annotation) or annotation)  # what is no type may be anything
        except ValueError as error:  # jaxtyping's word for a shape string it cannot read
            message = f"the annotation of `{name}` in {self.name} cannot be read: {error}"
            raise DeclarationError(message, self.place) from None
        except Exception as error:  # a name under TYPE_CHECKING, syntax of a newer Python, …
            self.tally.leave(Declaration(name, declared_as, str(raw)), reason_of(error))
            return Any
        return annotation


def short_name(target: Callable[..., Any] | type) -> str:
    """A function's or class's qualified name, from the innermost function around it on."""
    return target.__qualname__.rsplit("<locals>.", 1)[-1]


def declares(function: Callable[..., Any]) -> bool:
    """True where a function has any annotation that could be judged."""
    return bool(getattr(function, "__annotations__", ()))


def enclosing_names(function: FunctionType) -> dict[str, Any]:
    """Names of the scopes around a definition that its string annotations use.

    They live in the frame that is defining it, and nowhere else; only the names used are read,
    so that no tensor of that frame is kept alive by accident.
    """
    wanted = names_used(function)
    if not wanted or "." not in function.__qualname__:
        return {}
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    found: dict[str, Any] = {}
    while frame is not None and frame.f_code.co_name != "<module>":
        code = frame.f_code
        if code.co_flags & inspect.CO_OPTIMIZED:  # a function; above it is what called it
            if wanted.isdisjoint({*code.co_varnames, *code.co_cellvars, *code.co_freevars}):
                return found
            return {n: v for n, v in frame.f_locals.items() if n in wanted} | found
        found = {n: v for n, v in frame.f_locals.items() if n in wanted} | found
        frame = frame.f_back  # a class body runs in the frame of the scope around it
    return found


def names_used(function: Callable[..., Any]) -> set[str]:
    """The names in a function's string annotations."""
    annotations = getattr(function, "__annotations__", {}).values()
    return {name for a in annotations for text in _texts(a) for name in _names_in(text)}


def _texts(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, typing.ForwardRef):
        yield annotation.__forward_arg__
    elif isinstance(annotation, str):
        yield annotation
    elif isinstance(annotation, (list, tuple)) or typing.get_args(annotation):
        inner = typing.get_args(annotation) or annotation
        if typing.get_origin(annotation) is not typing.Literal:
            for part in inner:
                yield from _texts(part)


def _names_in(text: str) -> set[str]:
    """Names in an annotation, those in strings inside it as well."""
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return set()
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            names |= _names_in(node.value) if node.value != text else set()
    return names


def _kind(function: Callable[..., Any]) -> tuple[bool, bool, bool]:
    return (
        inspect.isgeneratorfunction(function),
        inspect.iscoroutinefunction(function),
        inspect.isasyncgenfunction(function),
    )


def reason_of(error: Exception) -> str:
    """Why an annotation could not be evaluated, in a few words."""
    if isinstance(error, NameError):
        return missing_name(error)
    return f"{type(error).__name__}: {error}"


def _is_empty(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  (reading it is the test: an empty cell raises)
    except ValueError:
        return True
    return False
