"""axis-conflict: one name, two sizes."""

from __future__ import annotations

from typing import Any, NamedTuple

from jaxtyping import Float
from torch import Tensor, zeros

from shapecheck import checked


class State(NamedTuple):
    h: Float[Tensor, "batch 20"]
    c: Float[Tensor, "batch 20"]


def test_the_messages(refused: Any, page: Any) -> None:
    @checked
    def forward(
        x: Float[Tensor, "batch seq feature"], h: Float[Tensor, "layers=1 batch hidden"]
    ) -> Float[Tensor, "batch feature"]:
        return x.mean(0)

    @checked
    def add(x: Float[Tensor, "batch seq"], y: Float[Tensor, "batch seq"]) -> None: ...

    @checked
    def step(state: State, rest: list[Float[Tensor, "batch"]]) -> None: ...

    @checked
    def weigh(
        x: Float[Tensor, "*batch f"], w: Float[Tensor, "*batch"], b: Float[Tensor, "#f"]
    ) -> None: ...

    x, h, state = zeros(3, 10, 7), zeros(1, 3, 20), State(zeros(3, 20), zeros(3, 20))
    page(
        "axis-conflict",
        two_arguments=refused(forward, x, zeros(1, 4, 20)),
        the_earlier_argument_is_the_wrong_one=refused(forward, x.transpose(0, 1), h),
        a_mean_over_the_wrong_axis=refused(forward, x, h),
        every_size=refused(add, zeros(3, 10), zeros(4, 11)),
        a_field_of_a_named_tuple=refused(step, State(zeros(3, 20), zeros(4, 20)), []),
        an_item_of_a_list=refused(step, state, [zeros(3), zeros(5)]),
        any_number_of_axes=refused(weigh, zeros(2, 3, 4), zeros(2, 5), zeros(4)),
        a_size_that_may_also_be_one=refused(weigh, zeros(2, 3, 4), zeros(2, 3), zeros(5)),
    )


def test_the_remedy_on_the_earlier_argument_is_accepted() -> None:
    @checked
    def forward(
        x: Float[Tensor, "batch seq 7"], h: Float[Tensor, "layers=1 batch hidden"]
    ) -> None: ...

    forward(zeros(10, 3, 7).transpose(0, 1), zeros(1, 3, 20))


def test_an_axis_that_may_be_broadcast_is_no_conflict() -> None:
    @checked
    def add(x: Float[Tensor, "batch seq"], y: Float[Tensor, "#batch seq"]) -> None: ...

    add(zeros(3, 10), zeros(1, 10))
