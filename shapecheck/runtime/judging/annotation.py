"""Annotations as people wrote them, and the specs inside them."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from typing import Any

from jaxtyping import AbstractArray

from shapecheck.core.evidence import Declaration, DeclaredAs
from shapecheck.core.grammar import GrammarError, parse_shape
from shapecheck.core.spec import Spec


def is_array(annotation: object) -> bool:
    """True for `Float[Tensor, "…"]` and its kin."""
    return isinstance(annotation, type) and issubclass(annotation, AbstractArray)


def annotation_text(annotation: Any) -> str:
    """An annotation in short, as it would be written: `tuple[Float[Tensor, "b t"], int]`."""
    if is_array(annotation):
        kind = annotation.array_type
        array = "Any" if kind is Any else getattr(kind, "__name__", repr(kind))
        return f'{annotation.dtype.__name__}[{array}, "{annotation.dim_str}"]'
    if annotation is None or annotation is type(None):
        return "None"
    if annotation is Ellipsis:
        return "..."
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(annotation_text, args))
    if origin is typing.Annotated:
        return annotation_text(args[0])
    if origin is not None and isinstance(origin, type) and args:
        return f"{origin.__name__}[{', '.join(map(annotation_text, args))}]"
    if isinstance(annotation, list):
        return f"[{', '.join(map(annotation_text, annotation))}]"
    if isinstance(annotation, type):
        return annotation.__qualname__
    if isinstance(annotation, typing.ForwardRef):
        return repr(annotation.__forward_arg__)
    return repr(annotation).replace("typing.", "")


def dtype_names(annotation: Any) -> tuple[str, ...]:
    """The dtypes an array annotation accepts; () where it takes any or states a pattern."""
    dtypes = annotation.dtypes
    if not isinstance(dtypes, (tuple, list)):
        return ()
    names = tuple(d for d in dtypes if isinstance(d, str))
    return names if len(names) == len(dtypes) else ()


def spec_of(annotation: Any) -> Spec | None:
    """The spec of an array annotation, or None where our grammar leaves it to the judge."""
    try:
        return parse_shape(
            annotation.dim_str, dtype=annotation.dtype.__name__, dtypes=dtype_names(annotation)
        )
    except GrammarError:
        return None


def declaration_of(
    name: str, declared_as: DeclaredAs, annotation: Any, leaf: Any = None
) -> Declaration:
    """A declaration as evidence; its shape is that of `leaf`, the part that is looked at."""
    part = annotation if leaf is None else leaf
    text = annotation_text(part)
    if not is_array(part):
        return Declaration(name, declared_as, text)
    return Declaration(
        name, declared_as, text, part.dim_str, part.dtype.__name__, dtype_names(part)
    )


Way = tuple[int | str | types.EllipsisType, ...]


def array_leaves(annotation: Any) -> Iterator[tuple[Way, Any]]:
    """Every array annotation inside an annotation, with the path to it.

    `tuple[A, B]` gives `(0,)` and `(1,)`, `list[A]` and `tuple[A, ...]` give `(...,)`; a union
    gives the leaves of all its members at the same path.
    """
    if is_array(annotation):
        yield (), annotation
        return
    for way, item in _parts(annotation):
        for path, leaf in array_leaves(item):
            yield (*way, *path), leaf


def _parts(annotation: Any) -> Iterator[tuple[Way, Any]]:
    """The annotations one level further in, with the step to each."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        yield from (((), member) for member in args)
    elif origin is typing.Annotated:
        yield (), args[0]
    elif origin is list or (origin is tuple and Ellipsis in args):
        yield (...,), args[0]
    elif origin is tuple:
        yield from (((i,), item) for i, item in enumerate(args))
    elif isinstance(annotation, type) and hasattr(annotation, "_fields"):
        hints = typing.get_type_hints(annotation, include_extras=True)
        yield from (((name,), item) for name, item in hints.items())


def mentions_array(annotation: Any) -> bool:
    """True where a tensor annotation stands anywhere inside."""
    if is_array(annotation):
        return True
    if isinstance(annotation, (list, tuple)):
        return any(map(mentions_array, annotation))
    return any(map(mentions_array, typing.get_args(annotation)))


def symbolic_expressions(annotation: Any, arguments: dict[str, Any]) -> dict[str, str]:
    """The `{…}` parts of symbolic axes, formatted with the call's arguments as jaxtyping does."""
    found: dict[str, str] = {}
    spec = spec_of(annotation)
    for axis in spec.axes if spec is not None else ():
        if re.search(r"\{.*\}", axis.expression):
            try:
                text = eval(f"f'{axis.expression}'", dict(arguments))
            except Exception:  # the judge has already said what is wrong with it
                continue
            found[axis.expression] = text
    return found
