"""What is no tensor annotation, as a condition of straight-line Python that only accepts."""

from __future__ import annotations

import collections.abc
import functools
import types
import typing
from collections.abc import Callable
from typing import Any, NewType, TypeVar

import typeguard

from shapecheck.runtime.judging import judge as judging
from shapecheck.runtime.judging.accept_array import NotExpressible
from shapecheck.runtime.judging.scope import Scope

ITEMS: dict[Any, tuple[type, ...]] = {
    list: (list,),
    tuple: (tuple,),
    collections.abc.Sequence: (list, tuple),
    dict: (dict,),
    collections.abc.Mapping: (dict,),
    collections.abc.MutableMapping: (dict,),
}
"""Containers with annotated items, and the types of values that are looked into."""

UNION = (typing.Union, types.UnionType)
_BARE = (list, tuple, dict, set, frozenset)
_LITERAL = (str, int, bool, bytes, type(None))
Constant = Callable[[Any], str]


def plain_condition(annotation: Any, value: str, constant: Constant, owner: str) -> str:
    """When the expression `value` satisfies an annotation that holds no tensor annotation.

    `constant` gives a value a name in the written code; `owner` is the first parameter of a
    method. Raises NotExpressible.
    """
    if annotation is None or annotation is type(None):
        return f"{value} is None"
    if annotation is float:
        return f"__isinstance({value}, {constant((float, int))})"
    if annotation is complex:
        return f"__isinstance({value}, {constant((complex, float, int))})"
    if annotation is bytes:
        return f"__type({value}) is {constant(bytes)}"
    if annotation in _BARE:
        return f"__isinstance({value}, {constant(annotation)})"
    if annotation is collections.abc.Callable or annotation is typing.Callable:
        return f"__callable({value})"
    if annotation is typing.Self:
        return _self(value, constant, owner)
    if typing.get_origin(annotation) is typing.Literal:
        return _literal(typing.get_args(annotation), value, constant)
    if is_simple_class(annotation):
        return f"__isinstance({value}, {constant(annotation)})"
    if not _binds_nothing(annotation):
        raise NotExpressible(repr(annotation))
    return f"{constant(functools.partial(_judged, annotation))}({value})"


def is_one_of(value: str, kinds: list[str]) -> str:
    """A condition: the value is of one of these types, of no subclass."""
    return "(" + " or ".join(f"__type({value}) is {kind}" for kind in kinds) + ")"


def _self(value: str, constant: Constant, owner: str) -> str:
    if owner == "cls":
        return f"__isinstance({value}, cls)"
    if owner == "self":
        return f"__type({value}) is __type(self) and not __isinstance(self, {constant(type)})"
    raise NotExpressible("Self")


def _literal(values: tuple[Any, ...], value: str, constant: Constant) -> str:
    if not all(type(v) in _LITERAL for v in values):
        raise NotExpressible("Literal")
    either = constant(frozenset((type(v), v) for v in values))
    return f"(__type({value}), {value}) in {either}"


def _judged(annotation: Any, value: object) -> bool:
    """The judge itself, on what no binding can change."""
    return judging.judge(value, annotation, Scope({}), judging.Names({}), "") is None


def _binds_nothing(annotation: Any) -> bool:
    """True for what holds no tensor annotation, and no name that only the judge can resolve."""
    origin = typing.get_origin(annotation)
    if annotation is Any or annotation is Ellipsis or annotation is None:
        return True
    if annotation in (float, complex, bytes, type, *_BARE) or is_simple_class(annotation):
        return True
    if origin is typing.Literal or origin is collections.abc.Callable or origin is type:
        return True
    known = origin in (*UNION, *ITEMS, set, frozenset, collections.abc.Set)
    return known and all(map(_binds_nothing, typing.get_args(annotation)))


def is_simple_class(annotation: Any) -> bool:
    """True for a class that typeguard checks with `isinstance` and nothing else."""
    if not isinstance(annotation, type) or typing.get_origin(annotation) is not None:
        return False
    return all(find(annotation, (), ()) is None for find in typeguard.checker_lookup_functions)


def meant(annotation: Any) -> Any:
    """What stands behind `Annotated`, a NewType or a TypeVar, as typeguard reads them."""
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif isinstance(annotation, TypeVar):
            if annotation.__constraints__:
                raise NotExpressible("a TypeVar with constraints")
            annotation = Any if annotation.__bound__ is None else annotation.__bound__
        else:
            return annotation


def fields_of(annotation: Any) -> dict[str, Any]:
    """The annotations of a named tuple's fields, or of a typed dict's keys that all have to be.

    Nothing for any other annotation. Raises NotExpressible where the judge alone can tell them.
    """
    if isinstance(annotation, type) and issubclass(annotation, tuple):
        names = getattr(annotation, "_fields", ())
        hints = typing.get_type_hints(annotation, include_extras=True) if names else {}
        return {name: hints.get(name, Any) for name in names}
    if not typing.is_typeddict(annotation):
        return {}
    found: dict[str, Any] = dict(annotation.__annotations__)
    unread = (typing.ForwardRef, str)  # the judge looks for their names around the function
    if (
        set(found) != set(annotation.__required_keys__)
        or hasattr(annotation, "__extra_items__")
        or any(isinstance(a, unread) or typing.get_origin(a) in _KEYS for a in found.values())
    ):
        raise NotExpressible(repr(annotation))
    return found


_KEYS = (typing.Required, typing.NotRequired)
