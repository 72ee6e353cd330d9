"""type-mismatch: another type than declared."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, zeros

from shapecheck import checked


def test_the_messages(refused: Any, page: Any) -> None:
    @checked
    def f(x: Float[Tensor, "batch seq"], n: int = 0) -> tuple[Tensor, int]:
        return out

    @checked
    def array(x: Float[np.ndarray, "batch seq"]) -> None: ...

    @checked
    def either(x: Float[Tensor, "batch seq"] | Float[Tensor, "batch c h w"] | None) -> None: ...

    x = zeros(2, 3)
    out: Any = x
    found = {
        "a_numpy_array": refused(f, np.zeros((2, 3))),
        "a_numpy_array_of_another_shape": refused(f, np.zeros(3)),
        "a_tensor_for_numpy": refused(array, x),
        "a_list": refused(f, [[1.0]]),
        "none": refused(f, None),
        "no_number": refused(f, x, "3"),
        "no_tuple": refused(f, x),
    }
    out = (x, 3, x)
    found["a_tuple_of_three"] = refused(f, x)
    out = (x, "3")
    found["an_element"] = refused(f, x)
    found["none_of_the_shapes"] = refused(either, zeros(2, 3, 4))
    found["none_of_the_types"] = refused(either, 3)
    page("type-mismatch", **found)


def test_the_remedies_are_accepted() -> None:
    @checked
    def f(x: Float[Tensor, "batch seq"], y: Float[np.ndarray, "batch seq"]) -> None: ...

    needs_grad = zeros(2, 3, requires_grad=True)
    f(torch.from_numpy(np.zeros((2, 3))), needs_grad.numpy(force=True))


def test_a_union_is_explained_by_the_member_of_that_rank(refused: Any) -> None:
    @checked
    def f(x: Float[Tensor, "batch 3"] | Float[Tensor, "batch 3 h w"] | None) -> None: ...

    found = refused(f, zeros(8, 32, 48, 3))
    assert found.slug == "axes-swapped"
    assert found.notes[0].endswith('Float[Tensor, "batch 3"] | Float[Tensor, "batch 3 h w"] | None')
