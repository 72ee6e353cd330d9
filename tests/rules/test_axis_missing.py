"""axis-missing: fewer axes than declared."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from torch import Tensor, zeros

from shapecheck import checked


def test_the_messages(refused: Any, page: Any) -> None:
    @checked
    def forward(
        x: Float[Tensor, "batch seq feature"], h: Float[Tensor, "layers=1 batch hidden"]
    ) -> Float[Tensor, "batch 1"]:
        return x[:, -1].mean(1)

    @checked
    def weigh(
        x: Float[Tensor, "batch seq feature"], weights: Float[Tensor, "batch seq"]
    ) -> Float[Tensor, "batch feature"]:
        return x[0, 0]

    @checked
    def array(x: Float[np.ndarray, "batch 3 height width"]) -> None: ...

    @checked
    def any_batch(x: Float[Tensor, "*batch height width channels"]) -> None: ...

    x, h = zeros(3, 10, 1), zeros(1, 3, 20)
    page(
        "axis-missing",
        any_of_three=refused(forward, x[0], h),
        two_at_once=refused(forward, zeros(10), h),
        the_axis_of_layers=refused(forward, x, h[0]),
        an_axis_that_a_reduction_dropped=refused(forward, x, h),
        no_axis_of_size_one_helps=refused(weigh, x, zeros(10)),
        an_index_too_many_in_what_is_returned=refused(weigh, x, zeros(3, 10)),
        an_array_of_numpy=refused(array, np.zeros((3, 32, 48))),
        at_least_as_many=refused(any_batch, zeros(32, 48)),
    )


def test_the_remedy_is_accepted() -> None:
    @checked
    def forward(x: Float[Tensor, "batch seq 1"]) -> None: ...

    forward(zeros(3, 10).unsqueeze(-1))


def test_a_number_fits_a_declaration_without_axes() -> None:
    @checked
    def loss(x: Float[Tensor, "batch"]) -> Float[Tensor, ""]:
        return x.mean()

    loss(zeros(3))
