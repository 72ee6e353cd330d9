"""Values that cross processes, files and pages: frozen dataclasses as plain dicts and back."""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")


def to_plain(value: object) -> Any:
    """A dataclass, enum or container as dicts, lists, strings and numbers (JSON's types)."""
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} is not a plain value")


def from_plain(kind: type[T], data: Any) -> T:
    """Rebuild a dataclass from what `to_plain` made of it, by its field annotations.

    Fields that the data lacks take their defaults; keys that the class lacks are ignored, so
    that records of another version can still be read. Raises TypeError where a field is missing.
    """
    return typing.cast(T, _rebuild(kind, data))


def _rebuild(kind: Any, data: Any) -> Any:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any or data is None:
        return data
    if origin in (typing.Union, types.UnionType):
        return _rebuild_member([a for a in args if a is not type(None)], data)
    if origin is tuple:
        inner = args[0] if len(args) == 2 and args[1] is Ellipsis else None
        kinds = [inner] * len(data) if inner is not None else list(args)
        return tuple(_rebuild(k, item) for k, item in zip(kinds, data, strict=True))
    if origin is dict:
        return {key: _rebuild(args[1], item) for key, item in data.items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{key: _rebuild(hints[key], data[key]) for key in hints if key in data})
    return data


def _rebuild_member(members: list[Any], data: Any) -> Any:
    """The member of a union that fits the data: a dataclass by its field names, a tuple for a list,
    else as it is."""
    if isinstance(data, dict):
        for member in members:
            if dataclasses.is_dataclass(member):
                names = {f.name for f in dataclasses.fields(member)}
                if names == set(data):
                    return _rebuild(member, data)
    if isinstance(data, list):
        for member in members:
            if typing.get_origin(member) is tuple:
                return _rebuild(member, data)
    return _rebuild(members[0], data) if len(members) == 1 else data
