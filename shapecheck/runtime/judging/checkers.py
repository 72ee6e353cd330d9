"""Our checkers at typeguard's plug-in point.

`typeguard.typechecked` 4 cannot be used on jaxtyping's annotations (it parses
`"batch seq feature"` as code), but its checkers can: they walk the annotation, jaxtyping judges
the tensors in it. For our judgements alone some things are put right: a union whose first member
failed leaves no bindings behind; a tensor that was refused is named with its place in the value;
a named tuple is read where it was defined; a string inside `list["…"]` is evaluated.
Whoever else uses typeguard in this process keeps its own behaviour.
"""

from __future__ import annotations

import types
import typing
import warnings
from typing import Any

import typeguard
from jaxtyping import AbstractArray
from typeguard import TypeCheckError, TypeCheckMemo, TypeHintWarning, check_type_internal

from shapecheck.core.diagnosis import dtype_fits
from shapecheck.core.evidence import Observation
from shapecheck.runtime.judging.annotation import (
    annotation_text,
    is_array,
    spec_of,
    symbolic_expressions,
)
from shapecheck.runtime.judging.scope import Memos, current_memos, restore_memos
from shapecheck.runtime.modes import sizeless
from shapecheck.runtime.observe import observe

_THEIRS = typeguard._checkers


class JudgeMemo(TypeCheckMemo):
    """typeguard's memo, marked as ours; with `symbols`, sizes may be symbols."""

    symbols = False


class Sizeless(Exception):
    """A value that cannot be judged; the text says which values cannot."""


class TensorRefused(TypeCheckError):
    """A tensor that jaxtyping refused, with the bindings at that moment.

    `wrong_type` is true for what is no instance of the declared array type; `text` is what was
    declared, all of it where several tensor annotations were tried.
    """

    def __init__(self, leaf: Any, value: object, memos: Memos) -> None:
        super().__init__(leaf.__instancecheck_str__(value))
        self.leaf = leaf
        self.text = annotation_text(leaf)
        self.actual: Observation = observe(value)
        self.wrong_type = leaf.array_type is not Any and not isinstance(value, leaf.array_type)
        self.memos = memos
        self.values = symbolic_expressions(leaf, memos[3])

    def closeness(self) -> tuple[bool, ...]:
        """How much of the annotation the tensor satisfies; greater is closer."""
        spec, shape = spec_of(self.leaf), self.actual.shape
        if spec is None or shape is None:
            return ()
        fits = dtype_fits(spec, self.actual)
        return (not self.wrong_type, spec.accepts_rank(len(shape)), fits)


def _check_array(value: Any, origin: Any, args: tuple[Any, ...], memo: TypeCheckMemo) -> None:
    if not isinstance(memo, JudgeMemo):
        _THEIRS.check_instance(value, origin, args, memo)
        return
    cannot = sizeless(value, symbols=memo.symbols)
    if cannot:
        raise Sizeless(cannot)
    if not isinstance(value, origin):
        raise TensorRefused(origin, value, current_memos())


def _check_union(value: Any, origin: Any, args: tuple[Any, ...], memo: TypeCheckMemo) -> None:
    if not isinstance(memo, JudgeMemo) or not args:
        _THEIRS.origin_type_checkers[origin](value, origin, args, memo)
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
    """The failure to explain: a tensor met a tensor annotation, the deepest and closest such."""
    tensors = [f for f in failures if isinstance(f, TensorRefused) and f.actual.shape is not None]
    telling = max(tensors, key=lambda f: (len(steps_of(f)), f.closeness()), default=None)
    if telling is None:
        return TypeCheckError("fits none of the types declared")
    if not steps_of(telling) and sum(map(is_array, members)) > 1:
        if not all(telling.closeness()[:2]):
            return TypeCheckError("fits none of the shapes declared")
        telling.text = " | ".join(map(annotation_text, members))
    return telling


def steps_of(error: TypeCheckError) -> list[str]:
    """typeguard's words for the steps from the value to the part refused, the outermost first."""
    return list(reversed(getattr(error, "_path", ())))


def _check_named_tuple(value: Any, origin: Any, args: tuple[Any, ...], memo: TypeCheckMemo) -> None:
    """Fields by the annotations of the module that defines the class, not of the caller."""
    if not isinstance(memo, JudgeMemo):
        _THEIRS.check_tuple(value, origin, args, memo)
        return
    if not isinstance(value, origin):
        raise TypeCheckError(f"is not a named tuple of type {origin.__qualname__}")
    hints = typing.get_type_hints(origin, include_extras=True)
    for name in origin._fields:
        try:
            check_type_internal(getattr(value, name), hints.get(name, Any), memo)
        except TypeCheckError as error:
            error.append_path_element(f"attribute {name!r}")
            raise


def _check_text(value: Any, origin: Any, args: tuple[Any, ...], memo: TypeCheckMemo) -> None:
    """An annotation that is still a string, as in `list["Net"]`."""
    if not isinstance(memo, JudgeMemo):
        text = f"Skipping type check against {origin!r}; this looks like a string-form forward "
        warnings.warn(text + "reference imported from another module", TypeHintWarning, 3)
        return
    check_type_internal(value, eval(origin, memo.globals, memo.locals), memo)


def _lookup(origin: Any, args: tuple[Any, ...], extras: tuple[Any, ...]) -> Any:
    if origin is typing.Union or origin is types.UnionType:
        return _check_union
    if isinstance(origin, str):
        return _check_text
    if not isinstance(origin, type):
        return None
    if issubclass(origin, AbstractArray):
        return _check_array
    if issubclass(origin, tuple) and hasattr(origin, "_fields"):
        return _check_named_tuple
    return None


typeguard.checker_lookup_functions.insert(0, _lookup)
