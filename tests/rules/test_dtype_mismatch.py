"""dtype-mismatch: another dtype than declared."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Complex64, Float, Float32, Int, Shaped
from torch import Tensor, zeros

from shapecheck import checked


def test_the_messages(refused: Any, page: Any) -> None:
    @checked
    def embed(tokens: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch seq"]:
        return tokens

    @checked
    def exact(x: Float32[np.ndarray, "n"]) -> None: ...

    @checked
    def real(x: Float[Tensor, "n"]) -> None: ...

    @checked
    def phase(x: Complex64[Tensor, "n"]) -> None: ...

    page(
        "dtype-mismatch",
        tokens_as_floats=refused(embed, zeros(2, 3)),
        what_is_returned=refused(embed, zeros(2, 3).long()),
        the_shape_is_wrong_too=refused(embed, zeros(2)),
        numpy_makes_doubles=refused(exact, np.zeros(3)),
        no_cast_loses_half_of_each_number=refused(real, zeros(3, dtype=torch.complex64)),
        no_cast_is_known=refused(phase, zeros(3)),
    )


def test_the_remedy_is_accepted() -> None:
    @checked
    def embed(tokens: Int[Tensor, "batch seq"], x: Float32[np.ndarray, "n"]) -> None: ...

    embed(zeros(2, 3).long(), np.zeros(3).astype("float32"))


def test_any_dtype_may_be_declared() -> None:
    @checked
    def f(x: Shaped[Tensor, "n"]) -> None: ...

    for dtype in (torch.bool, torch.int8, torch.float64):
        f(zeros(3, dtype=dtype))
