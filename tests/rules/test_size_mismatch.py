"""size-mismatch: another size than the number declared."""

from __future__ import annotations

from typing import Any

from jaxtyping import Float
from torch import Tensor, zeros

from shapecheck import checked


class Net:
    hidden = 20

    @checked
    def forward(self, x: Float[Tensor, "batch seq"]) -> Float[Tensor, "batch {self.hidden}"]:
        return zeros(len(x), 7)


def test_the_messages(refused: Any, page: Any) -> None:
    @checked
    def head(x: Float[Tensor, "batch hidden"]) -> Float[Tensor, "batch classes=10"]:
        return x

    @checked
    def differences(x: Float[Tensor, "time"]) -> Float[Tensor, "time-1"]:
        return x

    @checked
    def table(x: Float[Tensor, "8 3"]) -> None: ...

    @checked
    def power(x: Float[Tensor, "n"]) -> Float[Tensor, "2**n"]:
        return x

    page(
        "size-mismatch",
        a_number=refused(head, zeros(3, 20)),
        of_the_object=refused(Net().forward, zeros(3, 10)),
        worked_out=refused(differences, zeros(5)),
        every_size=refused(table, zeros(7, 4)),
        worked_out_by_jaxtyping=refused(power, zeros(5)),
    )


def test_the_right_size_is_accepted() -> None:
    @checked
    def differences(x: Float[Tensor, "time"]) -> Float[Tensor, "time-1"]:
        return x[1:] - x[:-1]

    differences(zeros(5))


def test_a_size_that_is_no_whole_number_fits_nothing(refused: Any) -> None:
    @checked
    def halve(x: Float[Tensor, "n"]) -> Float[Tensor, "n/2"]:
        return x[: len(x) // 2]

    halve(zeros(4))
    assert refused(halve, zeros(5)).cause == "axis 0, `n/2`, should be 2.5 and is 2"
