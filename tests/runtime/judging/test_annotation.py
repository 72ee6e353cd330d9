"""Annotations in short, and the specs inside them."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple, Optional

import numpy as np
import pytest
import torch
from jaxtyping import Bool, Float, Float32, Int, Shaped
from torch import Tensor

from shapecheck.core.grammar import parse_shape
from shapecheck.runtime.judging.annotation import (
    annotation_text,
    array_leaves,
    declaration_of,
    dtype_names,
    mentions_array,
    spec_of,
    symbolic_expressions,
)

A, B = Float[Tensor, "a"], Int[Tensor, "b"]


class State(NamedTuple):
    h: A
    n: int


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (A, 'Float[Tensor, "a"]'),
        (Shaped[Any, "..."], 'Shaped[Any, "..."]'),
        (Float32[np.ndarray, "a b"], 'Float32[ndarray, "a b"]'),
        (tuple[A, int], 'tuple[Float[Tensor, "a"], int]'),
        (tuple[A, ...], 'tuple[Float[Tensor, "a"], ...]'),
        (dict[str, A | None], 'dict[str, Float[Tensor, "a"] | None]'),
        (Optional[A], 'Float[Tensor, "a"] | None'),  # noqa: UP045
        (Annotated[A, "note"], 'Float[Tensor, "a"]'),
        (Callable[[A], int], 'Callable[[Float[Tensor, "a"]], int]'),
        (Literal["x"], "Literal['x']"),
        (None, "None"),
        (int, "int"),
        (State, "State"),
        (list["State"], "list['State']"),
        (typing.List["State"], "list['State']"),  # noqa: UP006  (the old spelling too)
    ],
    ids=str,
)
def test_an_annotation_as_it_would_be_written(annotation: Any, text: str) -> None:
    assert annotation_text(annotation) == text


def test_the_dtypes_an_annotation_accepts() -> None:
    assert dtype_names(Float32[Tensor, ""]) == ("float32",)
    assert "int64" in dtype_names(B)
    assert dtype_names(Shaped[Tensor, ""]) == ()


def test_a_spec_has_the_dtype_and_the_axes() -> None:
    spec = spec_of(Bool[Tensor, "batch 3"])
    assert spec is not None
    assert spec.axes == parse_shape("batch 3").axes
    assert (spec.dtype, spec.dtypes) == ("Bool", ("bool", "bool_"))


def test_a_declaration_is_of_the_part_looked_at() -> None:
    whole = declaration_of("return", "return", tuple[A, int])
    assert (whole.shape, whole.text) == (None, 'tuple[Float[Tensor, "a"], int]')
    part = declaration_of("return", "return", tuple[A, int], A)
    assert (part.shape, part.dtype, part.text) == ("a", "Float", 'Float[Tensor, "a"]')


def test_leaves_are_found_with_the_way_to_them() -> None:
    found = list(array_leaves(tuple[A | None, State, list[B], tuple[int, Annotated[B, 1]]]))
    assert found == [((0,), A), ((1, "h"), A), ((2, ...), B), ((3, 1), B)]


def test_whether_a_tensor_is_mentioned_anywhere() -> None:
    assert mentions_array(dict[str, list[A | None]])
    assert mentions_array(Callable[[A], int])
    assert not mentions_array(tuple[int, Tensor])


def test_formatted_parts_of_symbolic_axes() -> None:
    class Net:
        hidden = 20

    annotation = Float[Tensor, "n={self.hidden} #{self.hidden}-1 a {missing}"]
    assert symbolic_expressions(annotation, {"self": Net()}) == {
        "{self.hidden}": "20",
        "{self.hidden}-1": "20-1",
    }


def test_a_labelled_symbolic_axis_is_explained_with_its_size() -> None:
    from shapecheck import ShapeError, checked

    class Net:
        hidden = 20

        @checked
        def f(self, x: Float[Tensor, "n={self.hidden}"]) -> None: ...

    with pytest.raises(ShapeError) as caught:
        Net().f(torch.zeros(7))
    assert caught.value.finding.cause == "axis 0, `n`, should be 20 and is 7"
