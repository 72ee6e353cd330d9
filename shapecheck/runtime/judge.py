"""jaxtyping and typeguard as the judge of one value against one annotation.

`typeguard.typechecked` 4 cannot be used on jaxtyping's annotations (it parses
`"batch seq feature"` as code), but its checkers can: they walk the annotation, jaxtyping judges
the tensors in it. Through typeguard's plug-in point two things are put right for our judgements
alone: a union whose first member failed leaves no bindings behind, and the tensor that was
refused is named with its place in the value.
"""

from __future__ import annotations

import re
import types
import typing
from dataclasses import dataclass, field
from typing import Any

import typeguard
from jaxtyping import AbstractArray, AnnotationError
from typeguard import (
    CollectionCheckStrategy,
    ForwardRefPolicy,
    TypeCheckConfiguration,
    TypeCheckError,
    TypeCheckMemo,
    check_type_internal,
)

from shapecheck.core.evidence import Binding, Observation
from shapecheck.runtime.annotation import annotation_text, symbolic_expressions
from shapecheck.runtime.observe import observe
from shapecheck.runtime.scope import Memos, Scope, current_memos, restore_memos

_CONFIG = TypeCheckConfiguration(
    forward_ref_policy=ForwardRefPolicy.ERROR,
    collection_check_strategy=CollectionCheckStrategy.ALL_ITEMS,
)


@dataclass
class Names:
    """Where names in string annotations are looked up."""

    globals: dict[str, Any]
    locals: dict[str, Any] = field(default_factory=dict)
    self_type: type | None = None


@dataclass(frozen=True)
class Refusal:
    """Why the judge refused: which element, what was declared and seen there, in plain values.

    `leaf` is jaxtyping's class for the tensor that was refused, or None where something that is
    no tensor annotation was. `values` are the formatted texts of its symbolic axes.
    """

    said: str
    element: str
    actual: Observation
    text: str
    leaf: Any = None
    bindings: tuple[Binding, ...] = ()
    values: dict[str, str] | None = None


class Unresolved(Exception):
    """A name in the annotation that does not exist at run time (under TYPE_CHECKING, say)."""


class Unreadable(Exception):
    """An annotation that jaxtyping cannot evaluate as it is written."""


class _JudgeMemo(TypeCheckMemo):
    """typeguard's memo, marked as ours: other users of typeguard keep its own behaviour."""


class _TensorRefused(TypeCheckError):
    """A tensor that jaxtyping refused, with the bindings at that moment."""

    def __init__(self, said: str, leaf: Any, actual: Observation, memos: Memos) -> None:
        super().__init__(said)
        self.leaf = leaf
        self.actual = actual
        self.memos = memos
        self.values = symbolic_expressions(leaf, memos[3])
        self.path: list[str] = []

    def append_path_element(self, element: str) -> None:
        super().append_path_element(element)
        self.path.append(element)


def judge(
    value: object, annotation: Any, scope: Scope, names: Names, source: str
) -> Refusal | None:
    """None where the value satisfies the annotation under the bindings of `scope`.

    New bindings are credited to `source`. Where the value is refused the scope is left as it
    was. Raises Unresolved or Unreadable where there is nothing to judge by.
    """
    memo = _JudgeMemo(names.globals, names.locals, self_type=names.self_type, config=_CONFIG)
    with scope.lent():
        before = current_memos()
        try:
            check_type_internal(value, annotation, memo)
        except TypeCheckError as error:
            restore_memos(before)
            return _refusal(error, value, annotation, scope, source)
        except AnnotationError as error:
            restore_memos(before)
            raise Unreadable(str(error)) from None
        except NameError as error:
            restore_memos(before)
            raise Unresolved(str(error)) from None
    scope.attribute(source)
    return None


def _refusal(
    error: TypeCheckError, value: object, annotation: Any, scope: Scope, source: str
) -> Refusal:
    if isinstance(error, _TensorRefused):
        element = "".join(map(_subscript, reversed(error.path)))
        return Refusal(
            said=str(error.args[0]),
            element=element,
            actual=error.actual,
            text=annotation_text(error.leaf),
            leaf=error.leaf,
            bindings=scope.bindings(error.memos, pending=source),
            values=error.values,
        )
    return Refusal(
        said=str(error),
        element="",
        actual=observe(value),
        text=annotation_text(annotation),
        bindings=scope.bindings(),
    )


def _subscript(step: str) -> str:
    """typeguard's words for a step into a value, as Python: `item 1` → `[1]`."""
    if found := re.fullmatch(r"item (\d+)", step):
        return f"[{found[1]}]"
    if found := re.fullmatch(r"value of key (.*)", step, re.DOTALL):
        return f"[{found[1]}]"
    if found := re.fullmatch(r"attribute '(.*)'", step):
        return f".{found[1]}"
    return f" ({step})"


def _check_array(value: Any, origin: Any, args: tuple[Any, ...], memo: TypeCheckMemo) -> None:
    if isinstance(value, origin):
        return
    if not isinstance(memo, _JudgeMemo):
        raise TypeCheckError(f"is not an instance of {origin.__name__}")
    said = origin.__instancecheck_str__(value)
    raise _TensorRefused(said, origin, observe(value), current_memos())


def _check_union(value: Any, origin: Any, args: tuple[Any, ...], memo: TypeCheckMemo) -> None:
    if not isinstance(memo, _JudgeMemo) or not args:
        typeguard_checks = typeguard._checkers.origin_type_checkers
        typeguard_checks[origin](value, origin, args, memo)
        return
    before = current_memos()
    failures: list[TypeCheckError] = []
    try:
        for member in args:
            try:
                check_type_internal(value, member, memo)
                return
            except TypeCheckError as error:
                failures.append(error)
                restore_memos(before)
        raise _most_telling(failures, args)
    finally:
        failures.clear()  # an exception kept in its own frame would keep the value alive


def _most_telling(failures: list[TypeCheckError], members: tuple[Any, ...]) -> TypeCheckError:
    """The failure to explain: a tensor met a tensor annotation, and the deepest such."""
    tensors = [f for f in failures if isinstance(f, _TensorRefused) and f.actual.shape is not None]
    if tensors:
        return max(tensors, key=lambda f: len(f.path))
    declared = " | ".join(map(annotation_text, members))
    return TypeCheckError(f"did not match any of {declared}")


def _check_named_tuple(value: Any, origin: Any, args: tuple[Any, ...], memo: TypeCheckMemo) -> None:
    """Fields by the annotations of the module that defines the class, not of the caller."""
    if not isinstance(value, origin):
        raise TypeCheckError(f"is not a named tuple of type {origin.__qualname__}")
    for name, annotation in typing.get_type_hints(origin, include_extras=True).items():
        try:
            check_type_internal(getattr(value, name), annotation, memo)
        except TypeCheckError as error:
            error.append_path_element(f"attribute {name!r}")
            raise


def _lookup(origin: Any, args: tuple[Any, ...], extras: tuple[Any, ...]) -> Any:
    if isinstance(origin, type) and issubclass(origin, AbstractArray):
        return _check_array
    if origin is typing.Union or origin is types.UnionType:
        return _check_union
    if isinstance(origin, type) and issubclass(origin, tuple) and hasattr(origin, "_fields"):
        return _check_named_tuple if origin.__annotations__ else None
    return None


typeguard.checker_lookup_functions.insert(0, _lookup)
