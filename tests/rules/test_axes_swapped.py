"""axes-swapped: the axes stand in another order."""

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
    ) -> tuple[Float[Tensor, "batch seq hidden"], Float[Tensor, "layers=1 batch hidden"]]:
        return out, h

    @checked
    def image(x: Float[Tensor, "batch 3 height width"]) -> None: ...

    @checked
    def array(x: Float[np.ndarray, "batch 3 height width"]) -> None: ...

    @checked
    def states(held: dict[str, Float[Tensor, "batch 20"]]) -> None: ...

    x, h, out = zeros(3, 10, 1), zeros(1, 3, 20), zeros(10, 3, 20)
    page(
        "axes-swapped",
        a_state_laid_out_batch_first=refused(forward, x, zeros(3, 1, 20)),
        an_element_of_what_is_returned=refused(forward, x, h),
        channels_last=refused(image, zeros(8, 32, 48, 3)),
        channels_last_in_numpy=refused(array, np.zeros((8, 32, 48, 3))),
        an_item_of_a_dictionary=refused(states, {"h": zeros(3, 20), "c": zeros(20, 3)}),
    )


def test_the_remedy_is_accepted() -> None:
    @checked
    def image(x: Float[Tensor, "batch 3 height width"]) -> tuple[int, ...]:
        return tuple(x.shape)

    assert image(zeros(8, 32, 48, 3).permute(0, 3, 1, 2)) == (8, 3, 32, 48)


def test_the_same_size_on_two_axes_is_no_swap(refused: Any) -> None:
    @checked
    def square(x: Float[Tensor, "a a 3"]) -> None: ...

    square(zeros(5, 5, 3))
    assert refused(square, zeros(5, 5, 4)).slug == "size-mismatch"
