"""Contracts and calls made at random: what jaxtyping can say, and values that nearly fit it.

`contracts()` is a hypothesis strategy; a call's values come from a seeded `random.Random`, built
from the annotations under one choice of sizes, a few of them made wrong.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Annotated, Any, Literal, NewType, TypeVar

import jaxtyping
import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from shapecheck.runtime.judging.annotation import is_array

ELEMENTS = [
    *["a", "b", "c"] * 6,
    *["_", "...", "*v", "*w", "#a", "#b", "2", "1", "rows=2", "#2", "_x", "n=b", "*#v"],
    *["a+1", "a-b", "2*a", "a//2", "#a+b", "{self.n}", "{k}", "{self.n}+a", "{k}*b", "a%2"],
]
DTYPES = [
    *["Float"] * 6,
    *["Float32", "Int", "Bool", "Shaped", "Num", "Inexact", "Key", "Integer", "UInt8", "Real"],
]
PLAIN: list[Any] = [
    *[int, float, str, bool, None, Any, object, list, tuple, dict, complex, bytes, Tensor],
    *[np.ndarray, nn.Module, torch.dtype, Callable, Callable[[int], int], typing.Self],
    *[Literal["x", "y"], Literal[1, None], list[int], dict[str, int], Sequence[int], type],
    *[NewType("Count", int), TypeVar("Free"), TypeVar("Bound", bound=int), list[Any], set[int]],
]
_FORMS = [
    *["optional", "either", "three", "pair", "tuple"],
    *["list", "dict", "sequence", "mapping", "annotated", "named", "typed"],
]


class Sub(Tensor):
    """A tensor of a subclass, which only the judge takes."""


class Owner:
    """What a method is called on; its attribute may be no number."""

    def __init__(self, n: object) -> None:
        self.n = n


@dataclass(frozen=True)
class Declarations:
    """Annotations of the parameters `x0`, `x1`, … and of the return value."""

    parameters: tuple[Any, ...]
    returned: Any

    def function(self) -> Callable[..., Any]:
        """A method of that contract that returns what its argument `out` holds."""
        names = ", ".join(f"x{i}" for i in range(len(self.parameters)))
        made: dict[str, Any] = {}
        exec(f"def f(self, k, out, {names}): return out[0]", {"__name__": __name__}, made)
        f = made["f"]
        f.__annotations__ = {f"x{i}": a for i, a in enumerate(self.parameters)}
        f.__annotations__["return"] = self.returned
        return f


def shapes() -> st.SearchStrategy[str]:
    """Shape strings that jaxtyping reads."""
    elements = st.lists(st.sampled_from(ELEMENTS), min_size=1, max_size=4)
    return st.one_of(*[elements] * 5, st.just([])).map(" ".join).filter(_reads)


def arrays() -> st.SearchStrategy[Any]:
    """Tensor annotations."""
    kinds = [*[Tensor] * 8, np.ndarray, Any, nn.Parameter]
    return st.builds(_array, st.sampled_from(DTYPES), st.sampled_from(kinds), shapes())


def annotations() -> st.SearchStrategy[Any]:
    """Tensor annotations, alone or in unions and containers, and plain types."""
    return _annotations(2)


def contracts() -> st.SearchStrategy[Declarations]:
    """One to three parameters and a return value."""
    parameters = st.lists(annotations(), min_size=1, max_size=3).map(tuple)
    return st.builds(Declarations, parameters, annotations())


def _array(dtype: str, kind: Any, shape: str) -> Any:
    return getattr(jaxtyping, dtype)[kind, shape]


@cache
def _reads(shape: str) -> bool:
    try:
        _array("Float", Tensor, shape)
    except ValueError:
        return False
    return True


@st.composite
def _annotations(draw: Callable[..., Any], depth: int) -> Any:
    """Half of them tensors; as deep as that inside one another."""
    form = draw(st.sampled_from(["array"] * 5 + ["plain"] + _FORMS * bool(depth)))
    if form == "array":
        return draw(arrays())
    if form == "plain":
        return draw(st.sampled_from(PLAIN))
    a, b, c = (draw(_annotations(depth - 1)) for _ in "abc")
    forms: dict[str, Any] = {
        "optional": lambda: typing.Union[a, None],  # noqa: UP007  (some annotations have no `|`)
        "either": lambda: typing.Union[a, b],  # noqa: UP007
        "three": lambda: typing.Union[a, b, c],  # noqa: UP007
        "pair": lambda: tuple[a, b],  # type: ignore[valid-type]  # made here
        "tuple": lambda: tuple[a, ...],  # type: ignore[valid-type]  # made here
        "list": lambda: list[a],  # type: ignore[valid-type]  # made here
        "dict": lambda: dict[str, a],  # type: ignore[valid-type]  # made here
        "sequence": lambda: Sequence[a],  # type: ignore[valid-type]  # made here
        "mapping": lambda: Mapping[str, a],  # type: ignore[valid-type]  # made here
        "annotated": lambda: Annotated[a, "note"],
        "named": lambda: typing.NamedTuple("Named", [("left", a), ("right", b)]),
        "typed": lambda: typing.TypedDict("Typed", {"left": a, "right": b}),
    }
    return forms[form]()


class Values:
    """Values for the annotations of one call, most of which fit."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.sizes = {name: self._random.choice([1, 2, 2, 3]) for name in "abc"}
        self.many = {name: self._sizes(self._random.randrange(3)) for name in "vw"}
        self.k = self._random.choice([1, 2, 3])
        self.owner = Owner(self._random.choice([*[1, 2, 3] * 4, -1, True, None]))
        self._wrong = self._random.choice([0.0, 0.1, 0.1, 0.4])

    def of(self, annotation: Any) -> Any:
        """A value for an annotation."""
        if self._random.random() < self._wrong / 4:
            return self._random.choice(self._odd())
        if is_array(annotation):
            return self._tensor(annotation)
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is Annotated:
            return self.of(args[0])
        if origin in (typing.Union, types.UnionType):
            return self.of(self._random.choice(args))
        if origin is tuple and Ellipsis not in args:
            return tuple(self.of(a) for a in args)
        if origin is tuple or origin is list or origin is Sequence:
            items = [self.of(args[0]) for _ in range(self._random.randrange(3))]
            return tuple(items) if origin is tuple or self._random.random() < 0.1 else items
        if origin is not None and len(args) == 2 and args[0] is str:
            return {key: self.of(args[1]) for key in "xy"[: self._random.randrange(3)]}
        if typing.is_typeddict(annotation):
            named = annotation.__annotations__
            return {
                k: self.of(a) for k, a in named.items() if self._random.random() > self._wrong / 4
            }
        if hasattr(annotation, "_fields"):
            return annotation(*map(self.of, annotation.__annotations__.values()))
        return self._plain(annotation)

    def _plain(self, annotation: Any) -> Any:
        fitting: dict[Any, Any] = {int: 1, float: 1.5, str: "x", bool: True, None: None}
        fitting |= {type(None): None, list: [], tuple: (), dict: {}, complex: 1j, bytes: b"x"}
        if annotation is Tensor:
            return pool((2,), torch.float32, Tensor)
        if annotation is typing.Self:
            return self.owner
        try:
            return fitting[annotation]
        except (KeyError, TypeError):
            return self._random.choice(self._odd())

    def _odd(self) -> list[Any]:
        tensor = pool((2,), torch.float32, self._random.choice([Tensor, Sub, nn.Parameter]))
        return [None, 1, 2.0, "x", True, [], (), {}, [1], {"x": 1}, tensor, [tensor], len, int]

    def _tensor(self, annotation: Any) -> Any:
        sizes: list[int] = []
        for element in annotation.dim_str.split():
            sizes += self._axis(element)
        if self._random.random() < self._wrong:
            at = self._random.randrange(len(sizes) + 1)
            sizes[at : at + self._random.randrange(2)] = self._sizes(self._random.randrange(2))
        dtypes = [torch.float32, torch.float64, torch.int64, torch.bool, torch.uint8, torch.half]
        name = annotation.dtype.__name__
        likely = {"Int": torch.int64, "Bool": torch.bool, "Integer": torch.int64}
        dtype = torch.uint8 if name == "UInt8" else likely.get(name, torch.float32)
        if self._random.random() < self._wrong / 2:
            dtype = self._random.choice([*dtypes, torch.complex64, torch.bfloat16])
        kind = annotation.array_type
        if kind is Any or self._random.random() < self._wrong / 4:
            kind = self._random.choice([Tensor, np.ndarray, nn.Parameter, Sub])
        return pool(tuple(sizes), dtype, kind)

    def _axis(self, element: str) -> list[int]:
        if element.startswith("#") and self._random.random() < 0.3:
            return [1]
        if self._random.random() < self._wrong / 2:
            return self._sizes(1)
        bare = element.lstrip("#").rpartition("=")[2]
        if bare.lstrip("*#") in self.many:
            return self.many[bare.lstrip("*#")]
        if bare == "...":
            return self._sizes(self._random.randrange(3))
        if bare.startswith("_"):
            return self._sizes(1)
        try:
            text = eval(f"f'{bare}'", {"self": self.owner, "k": self.k})
            return [max(0, int(eval(text, dict(self.sizes))))]
        except Exception:
            return self._sizes(1)

    def _sizes(self, count: int) -> list[int]:
        return [self._random.choice([0, 1, 2, 2, 3]) for _ in range(count)]


@cache
def pool(shape: tuple[int, ...], dtype: torch.dtype, kind: Any) -> Any:
    """One array for each shape, dtype and kind."""
    tensor = torch.zeros(shape, dtype=dtype)
    if kind is np.ndarray:
        return tensor.float().numpy() if dtype is torch.bfloat16 else tensor.numpy()
    if kind is nn.Parameter:
        return nn.Parameter(tensor, requires_grad=False)
    return tensor.as_subclass(Sub) if kind is Sub else tensor
