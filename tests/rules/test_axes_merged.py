"""axes-merged: declared axes arrive as one, or one as several."""

from __future__ import annotations

from typing import Any

from jaxtyping import Float
from torch import Tensor, zeros

from shapecheck import checked


def test_the_messages(refused: Any, page: Any) -> None:
    @checked
    def weigh(
        x: Float[Tensor, "batch seq feature"], w: Float[Tensor, "batch seq"]
    ) -> Float[Tensor, "batch seq 1"]:
        return x.reshape(-1, 1)

    @checked
    def classify(x: Float[Tensor, "batch 784"]) -> None: ...

    @checked
    def heads(x: Float[Tensor, "batch seq heads=4 width"]) -> None: ...

    page(
        "axes-merged",
        two_axes_in_one=refused(weigh, zeros(2, 5, 3), zeros(10)),
        what_is_returned=refused(weigh, zeros(2, 5, 1), zeros(2, 5)),
        one_axis_in_two=refused(classify, zeros(8, 28, 28)),
        heads_not_yet_split=refused(heads, zeros(2, 5, 64)),
    )


def test_the_remedy_is_accepted() -> None:
    @checked
    def heads(x: Float[Tensor, "batch seq heads=4 width"]) -> None: ...

    heads(zeros(2, 5, 64).unflatten(2, (4, 16)))


def test_a_product_by_chance_is_no_merging(refused: Any) -> None:
    """Ten rows are five pairs, but nothing says that the two samples are in them."""

    @checked
    def f(x: Float[Tensor, "batch"], y: Float[Tensor, "batch seq feature"]) -> None: ...

    assert refused(f, zeros(2), zeros(10, 7)).slug == "axis-missing"
