"""The functions of numpy in torch's words: which operation of torch moves axes as each does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call, positive, shape_of

Named = dict[str, Any]
Words = tuple[Any, tuple[Any, ...], Named]
Way = Callable[[list[Any], Named, Any], Words]


class UnfollowedError(Exception):
    """A call that torch has no words for."""


def same(call: Call) -> Axes | None:
    """The values of the one operand, as another type or in another place."""
    source = call.track(call.args[0])
    if not isinstance(call.result, Tensor) or shape_of(call.result) != source.shape:
        return None
    return call.moved(source.items, source)


def number(value: Any) -> Any:
    if isinstance(value, (bool, int, float, np.generic)):
        return value
    raise UnfollowedError


def _array(value: Any) -> Any:
    if type(value) is not np.ndarray:
        raise UnfollowedError
    return value


def _only(named: Named, *names: str) -> None:
    if any(name not in names for name in named):
        raise UnfollowedError


def _reduction(function: Any) -> Way:
    def way(args: list[Any], named: Named, made: Any) -> Words:
        _only(named, "axis", "keepdims", "ddof", "dtype", "ord", "initial", "q")
        axis = named.get("axis", args[1] if len(args) > 1 else None)
        rest: Named = {} if axis is None else {"dim": axis}
        if named.get("keepdims"):
            rest["keepdim"] = True
        return function, (_array(args[0]),), rest

    return way


def _norm(args: list[Any], named: Named, made: Any) -> Words:
    _only(named, "axis", "keepdims", "ord")
    if len(args) > 1 or named.get("ord") not in (None, 1, 2):
        raise UnfollowedError
    axis = named.get("axis")
    rest: Named = {} if axis is None else {"dim": axis}
    return torch.norm, (_array(args[0]),), rest


def _reshape(args: list[Any], named: Named, made: Any) -> Words:
    _only(named)
    return Tensor.reshape, (_array(args[0]), *args[1:]), {}


def _flat(args: list[Any], named: Named, made: Any) -> Words:
    _only(named)
    if len(args) > 1:
        raise UnfollowedError
    return Tensor.flatten, (_array(args[0]),), {}


def _transpose(args: list[Any], named: Named, made: Any) -> Words:
    array = _array(args[0])
    order = named.get("axes", args[1] if len(args) == 2 else tuple(args[1:]))
    order = tuple(order) if order else tuple(range(array.ndim))[::-1]
    return Tensor.permute, (array, tuple(int(d) for d in order)), {}


def _swapped(args: list[Any], named: Named, made: Any) -> Words:
    _only(named)
    return Tensor.swapaxes, tuple(args), {}


def _moved(args: list[Any], named: Named, made: Any) -> Words:
    _only(named, "source", "destination")
    return torch.movedim, (_array(args[0]), *args[1:]), named


def _squeezed(args: list[Any], named: Named, made: Any) -> Words:
    _only(named, "axis")
    axis = named.get("axis", args[1] if len(args) > 1 else None)
    given = (_array(args[0]),) if axis is None else (_array(args[0]), axis)
    return Tensor.squeeze, given, {}


def _expanded(args: list[Any], named: Named, made: Any) -> Words:
    axis = named.get("axis", args[1] if len(args) > 1 else None)
    if not isinstance(axis, int):
        raise UnfollowedError
    return Tensor.unsqueeze, (_array(args[0]), axis), {}


def _cumulated(args: list[Any], named: Named, made: Any) -> Words:
    _only(named, "axis")
    axis = named.get("axis", args[1] if len(args) > 1 else None)
    array = _array(args[0])
    if axis is None and array.ndim != 1:
        raise UnfollowedError
    return torch.cumsum, (array, axis or 0), {}


def _difference(args: list[Any], named: Named, made: Any) -> Words:
    _only(named, "axis", "n")
    axis = named.get("axis", -1)
    return torch.diff, (_array(args[0]), 1, positive(axis, args[0].ndim)), {}


def _of_one(function: Any) -> Way:
    def way(args: list[Any], named: Named, made: Any) -> Words:
        if "out" in named or "where" in named:
            raise UnfollowedError
        return function, (_array(args[0]),), {}

    return way


def _of_several(function: Any) -> Way:
    def way(args: list[Any], named: Named, made: Any) -> Words:
        _only(named)
        return function, tuple(a if type(a) is np.ndarray else number(a) for a in args), {}

    return way


def _product(args: list[Any], named: Named, made: Any) -> Words:
    _only(named)
    left, right = _array(args[0]), _array(args[1])
    if max(left.ndim, right.ndim) > 2 and made.ndim > 2:
        raise UnfollowedError
    return torch.matmul, (left, right), {}


def _joined(function: Any, axis: int) -> Way:
    def way(args: list[Any], named: Named, made: Any) -> Words:
        _only(named, "axis")
        at = named.get("axis", args[1] if len(args) > 1 else axis)
        pieces = args[0]
        if not isinstance(pieces, (list, tuple)) or not isinstance(at, int):
            raise UnfollowedError
        if len(pieces) > _MOST_JOINED or not all(type(p) is np.ndarray for p in pieces):
            raise UnfollowedError
        return function, (list(pieces), at), {}

    return way


def _columns(args: list[Any], named: Named, made: Any) -> Words:
    function, (pieces, _), _ = _joined(torch.column_stack, 1)(args, named, made)
    return function, (pieces,), {}


def _together(args: list[Any], named: Named, made: Any) -> Words:
    """`np.array` of an array is a copy, of a list of arrays a stack."""
    if type(args[0]) is np.ndarray:
        return same, (args[0],), {}
    return _joined(torch.stack, 0)(args[:1], {}, made)


def _summed(args: list[Any], named: Named, made: Any) -> Words:
    if not isinstance(args[0], str) or not all(type(a) is np.ndarray for a in args[1:]):
        raise UnfollowedError
    return torch.einsum, tuple(args), {}


def _repeated(args: list[Any], named: Named, made: Any) -> Words:
    _only(named, "axis")
    axis = named.get("axis", args[2] if len(args) > 2 else None)
    if axis is None or not isinstance(args[1], int):
        raise UnfollowedError
    return torch.repeat_interleave, (_array(args[0]), args[1], axis), {}


def _pattern(function: Any) -> Way:
    def way(args: list[Any], named: Named, made: Any) -> Words:
        return function, (_array(args[0]),), {}

    return way


def _counted(function: Any) -> Way:
    def way(args: list[Any], named: Named, made: Any) -> Words:
        return function, (), {}

    return way


_MOST_JOINED = 2_000
_ELEMENTWISE = "exp log log2 log10 log1p expm1 sqrt square abs absolute sin cos tan tanh sign"
_ALSO = "floor ceil round clip nan_to_num isnan isfinite logical_not negative"
_BINARY = "add subtract multiply divide true_divide maximum minimum less greater less_equal"
_ALSO_BINARY = "greater_equal logical_and logical_or where isclose not_equal"
# By the last part of the name: a function of numpy's, or a method of arrays.
WORDS: dict[str, Way] = {
    **{name: _of_one(getattr(torch, name)) for name in (_ELEMENTWISE + " " + _ALSO).split()},
    **{name: _of_several(getattr(torch, name)) for name in f"{_BINARY} {_ALSO_BINARY}".split()},
    "power": _of_several(torch.pow),
    "equal": _of_several(torch.eq),
    **{
        name: _reduction(getattr(torch, name))
        for name in [
            "mean",
            "sum",
            "std",
            "var",
            "max",
            "min",
            "prod",
            "argmax",
            "argmin",
            "any",
            "all",
            "amax",
            "amin",
            "nansum",
            "nanmean",
            "median",
        ]
    },
    "nanstd": _reduction(torch.std),
    "norm": _norm,
    "reshape": _reshape,
    "ravel": _flat,
    "flatten": _flat,
    "transpose": _transpose,
    "swapaxes": _swapped,
    "moveaxis": _moved,
    "squeeze": _squeezed,
    "expand_dims": _expanded,
    "cumsum": _cumulated,
    "diff": _difference,
    "astype": _of_one(same),
    "copy": _of_one(same),
    "float32": _of_one(same),
    "float64": _of_one(same),
    "asarray": _together,
    "array": _together,
    "ascontiguousarray": _of_one(same),
    "matmul": _of_several(torch.matmul),
    "dot": _product,
    "einsum": _summed,
    "stack": _joined(torch.stack, 0),
    "concatenate": _joined(torch.cat, 0),
    "vstack": _joined(torch.vstack, 0),
    "hstack": _joined(torch.hstack, 0),
    "column_stack": _columns,
    "repeat": _repeated,
    "zeros_like": _pattern(torch.zeros_like),
    "ones_like": _pattern(torch.ones_like),
    "empty_like": _pattern(torch.empty_like),
    "full_like": _pattern(torch.full_like),
    "arange": _counted(torch.arange),
    "linspace": _counted(torch.linspace),
    "eye": _counted(torch.eye),
}
