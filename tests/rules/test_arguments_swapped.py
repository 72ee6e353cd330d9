"""arguments-swapped: two arguments the wrong way round."""

from __future__ import annotations

from typing import Any

from jaxtyping import Float, Int
from torch import Tensor, zeros

from shapecheck import checked


def test_the_messages(refused: Any, page: Any) -> None:
    @checked
    def embed(tokens: Int[Tensor, "batch seq"], table: Float[Tensor, "vocab 8"]) -> None: ...

    @checked
    def forward(
        x: Float[Tensor, "batch seq feature"],
        h: Float[Tensor, "layers=1 batch hidden"],
        c: Float[Tensor, "layers=1 batch hidden"],
    ) -> None: ...

    tokens, table = zeros(2, 3).long(), zeros(50, 8)
    x, h = zeros(3, 10, 1), zeros(1, 3, 20)
    page(
        "arguments-swapped",
        told_by_dtype=refused(embed, table, tokens),
        told_by_sizes=refused(forward, h, x, h),
    )


def test_the_remedy_is_accepted() -> None:
    @checked
    def embed(tokens: Int[Tensor, "batch seq"], table: Float[Tensor, "vocab 8"]) -> None: ...

    embed(table=zeros(50, 8), tokens=zeros(2, 3).long())


def test_arguments_of_one_shape_are_not_told_apart(refused: Any) -> None:
    @checked
    def add(x: Float[Tensor, "a b"], y: Float[Tensor, "b a"]) -> None: ...

    assert refused(add, zeros(2, 3), zeros(2, 3)).slug == "axes-swapped"


def test_what_the_other_declaration_says_must_be_known(refused: Any) -> None:
    @checked
    def f(x: Float[Tensor, "3"], y: Float[Tensor, "4"] | Float[Tensor, "5"]) -> None: ...

    assert refused(f, zeros(4), zeros(5)).slug == "size-mismatch"
