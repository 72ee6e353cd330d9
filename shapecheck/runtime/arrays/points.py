"""Where arrays are made, read and met in the code of a program, as plain values.

Loads no numpy and no torch.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class MissingError(Exception):
    """A value that no probe saw: nothing can be said of the operation."""


@dataclass(frozen=True)
class Known:
    """A value that stands in the source."""

    value: Any


@dataclass(frozen=True)
class Slot:
    """A value that a probe sees."""

    number: int


@dataclass(frozen=True)
class Several:
    """A tuple or a list that is written out."""

    items: tuple[Recipe, ...]
    is_list: bool = False


@dataclass(frozen=True)
class Span:
    """A slice that is written out."""

    lower: Recipe
    upper: Recipe
    step: Recipe


Recipe = Known | Slot | Several | Span


@dataclass
class ArrayPoint:
    """An operation in the source: what it is called, and where its operands come from."""

    kind: str
    name: str
    args: tuple[Recipe, ...] = ()
    named: tuple[tuple[str, Recipe], ...] = ()
    slots: int = 0


def value_of(recipe: Recipe, seen: Mapping[int, Any], otherwise: Callable[[], Any]) -> Any:
    """What an operand was; `otherwise` says what one is that no probe has seen."""
    match recipe:
        case Known(value):
            return value
        case Slot(number):
            return seen[number] if number in seen else otherwise()
        case Several(items, is_list):
            made = [value_of(item, seen, otherwise) for item in items]
            return made if is_list else tuple(made)
        case Span(lower, upper, step):
            return slice(*(value_of(part, seen, otherwise) for part in (lower, upper, step)))


def is_number(node: ast.expr) -> bool:
    """True for a negative number as it is written."""
    return (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
        and isinstance(node.operand.value, (int, float))
    )


OPERATORS = {
    "Add": "__add__",
    "Sub": "__sub__",
    "Mult": "__mul__",
    "Div": "__truediv__",
    "FloorDiv": "__floordiv__",
    "Mod": "__mod__",
    "Pow": "__pow__",
    "MatMult": "__matmul__",
    "BitAnd": "__and__",
    "BitOr": "__or__",
    "Eq": "__eq__",
    "NotEq": "__ne__",
    "Lt": "__lt__",
    "LtE": "__le__",
    "Gt": "__gt__",
    "GtE": "__ge__",
}
_TENSORS_OF_WRITTEN = (
    "from_numpy tensor as_tensor FloatTensor DoubleTensor LongTensor IntTensor BoolTensor Tensor"
)
TENSORS_OF = frozenset(_TENSORS_OF_WRITTEN.split())
_MADE_BY_SIZES_WRITTEN = (
    "rand randn random random_sample normal uniform randint integers standard_normal zeros "
    "ones empty full"
)
MADE_BY_SIZES = frozenset(_MADE_BY_SIZES_WRITTEN.split())
_REDUCTIONS_WRITTEN = "mean sum std var max min prod argmax argmin any all"
_REDUCTIONS = _REDUCTIONS_WRITTEN.split()
_VIEWS_WRITTEN = "reshape transpose swapaxes squeeze ravel"
_VIEWS = _VIEWS_WRITTEN.split()
# Whether the arguments matter.
METHODS: dict[str, bool] = {
    **dict.fromkeys((*_REDUCTIONS, *_VIEWS, "flatten", "cumsum", "dot", "repeat"), True),
    **dict.fromkeys(("astype", "copy", "round", "clip"), False),
}
_ELEMENTWISE = (
    "exp log log2 log10 log1p expm1 sqrt square abs absolute sin cos tan tanh sign floor ceil "
    "round clip nan_to_num isnan isfinite logical_not negative"
)
_BINARY = (
    "add subtract multiply divide true_divide power maximum minimum equal not_equal less greater "
    "less_equal greater_equal logical_and logical_or where matmul dot isclose"
)
_JOINING = "stack concatenate vstack hstack column_stack array asarray ascontiguousarray copy"
_OTHERS = (
    "moveaxis expand_dims amax amin nanmean nansum nanstd median linalg.norm einsum diff "
    "zeros_like ones_like empty_like full_like arange linspace eye float32 float64"
)
FUNCTIONS: dict[str, bool] = dict.fromkeys(
    (
        *_REDUCTIONS,
        *_VIEWS,
        "cumsum",
        "repeat",
        *" ".join((_ELEMENTWISE, _BINARY, _JOINING, _OTHERS)).split(),
    ),
    True,
)
