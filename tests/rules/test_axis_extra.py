"""axis-extra: more axes than declared."""

from __future__ import annotations

from typing import Any

from jaxtyping import Float
from torch import Tensor, zeros

from shapecheck import checked


def test_the_messages(refused: Any, page: Any) -> None:
    @checked
    def forward(x: Float[Tensor, "batch seq feature"]) -> Float[Tensor, "batch feature"]:
        return x

    @checked
    def loss(x: Float[Tensor, "batch"]) -> Float[Tensor, ""]:
        return x

    @checked
    def rows(x: Float[Tensor, "row column"]) -> None: ...

    @checked
    def last(x: Float[Tensor, "*batch 3"], y: Float[Tensor, "*batch 3"]) -> None: ...

    page(
        "axis-extra",
        unsqueezed_twice=refused(forward, zeros(1, 3, 10, 2)),
        any_of_two=refused(forward, zeros(1, 3, 10, 1)),
        a_selection_is_missing=refused(forward, zeros(3, 10, 2)),
        a_loss_that_was_not_reduced=refused(loss, zeros(3)),
        two_too_many=refused(rows, zeros(2, 3, 4, 5)),
        where_any_number_is_declared=refused(last, zeros(5, 3), zeros(5, 3, 1)),
    )


def test_the_remedy_is_accepted() -> None:
    @checked
    def forward(x: Float[Tensor, "batch seq feature"]) -> None: ...

    forward(zeros(1, 3, 10, 2).squeeze(0))


def test_any_number_of_axes_may_be_declared() -> None:
    @checked
    def forward(x: Float[Tensor, "... feature"], y: Float[Tensor, "*batch feature"]) -> None: ...

    forward(zeros(1, 2, 3, 4), zeros(4))
