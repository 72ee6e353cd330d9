"""What an object is made of: its built-in base, `__dict__`, `__slots__`; which have no state."""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import functools
import operator
import pathlib
import re
import types
import uuid
from typing import Any

import numpy as np
import torch

_FIELD: type = type(vars(collections.namedtuple("_Any", "field"))["field"])

# Values without state, or whose state cannot change.
ATOMS: frozenset[type] = frozenset(
    [
        int,
        float,
        complex,
        bool,
        str,
        bytes,
        type(None),
        type(Ellipsis),
        type(NotImplemented),
        range,
        slice,
        property,
        staticmethod,
        classmethod,
        re.Pattern,
        pathlib.PosixPath,
        pathlib.WindowsPath,
        pathlib.PurePosixPath,
        decimal.Decimal,
        fractions.Fraction,
        uuid.UUID,
        datetime.date,
        datetime.datetime,
        datetime.time,
        datetime.timedelta,
        datetime.timezone,
        torch.dtype,
        torch.device,
        torch.layout,
        torch.memory_format,
        torch.Size,
        torch.finfo,
        torch.iinfo,
        np.ufunc,
        operator.itemgetter,
        operator.attrgetter,
        operator.methodcaller,
        types.CodeType,
        types.GenericAlias,
        types.UnionType,
        types.WrapperDescriptorType,
        types.MethodDescriptorType,
        types.MethodWrapperType,
        types.GetSetDescriptorType,
        types.MemberDescriptorType,
        _FIELD,
        type(torch.Tensor.add),
        object,
    ]
)
BASES = (
    object, list, dict, collections.OrderedDict, collections.defaultdict, collections.deque,
    set, tuple, int, float, str, bytes, complex,
)  # fmt: skip


@functools.cache
def builtin_base(kind: type) -> type:
    """The first class of the MRO that is not written in Python."""
    for base in kind.__mro__:
        if base in BASES or not base.__flags__ & (1 << 9):  # not a heap type, so a type of C
            return base
    return object


@functools.cache
def has_del(kind: type) -> bool:
    """True where the end of an instance runs code."""
    return any("__del__" in vars(base) for base in kind.__mro__)


@functools.cache
def slots(kind: type) -> tuple[Any, ...]:
    """The descriptors of `__slots__`, of all its classes."""
    return tuple(
        held
        for base in kind.__mro__
        if base not in BASES
        for held in vars(base).values()
        if isinstance(held, types.MemberDescriptorType)
    )


@functools.cache
def is_plain(kind: type, base: type) -> bool:
    """True where an instance is no larger than its base, `__dict__` and `__slots__` account for."""
    if base in (int, bytes, tuple):  # of variable size; subclasses cannot have slots
        return True
    extra = len(slots(kind)) + (kind.__weakrefoffset__ > 0) + (kind.__dictoffset__ > 0)
    return kind.__basicsize__ <= base.__basicsize__ + 8 * extra
