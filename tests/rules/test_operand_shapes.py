"""operand-shapes: torch's error about an operation, told by the user's own expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck import checked
from shapecheck.check import explain_crash
from shapecheck.core.finding import Finding


def crash(run: Callable[[], Any]) -> Finding:
    with pytest.raises((RuntimeError, ValueError, IndexError)) as raised:
        run()
    finding = explain_crash(raised.value)
    assert finding is not None
    assert finding.slug == "operand-shapes"
    return finding


def test_a_product_offers_the_transpose_that_fits() -> None:
    x, weight = torch.zeros(3, 4), torch.zeros(5, 4)
    finding = crash(lambda: x @ weight)
    assert finding.remedy == "weight.transpose(-2, -1) gives (4, 5)"
    assert (x @ weight.transpose(-2, -1)).shape == (3, 5)


def test_a_sum_offers_the_axis_that_makes_it_broadcast() -> None:
    scores, scale = torch.zeros(3, 4), torch.zeros(3)
    finding = crash(lambda: scores + scale)
    assert finding.remedy == "scale.unsqueeze(1) gives (3, 1)"
    assert (scores + scale.unsqueeze(1)).shape == (3, 4)


def test_no_remedy_where_none_fits() -> None:
    a, b = torch.zeros(3, 4), torch.zeros(5)
    assert crash(lambda: a + b).remedy == ""


def test_the_line_is_the_users_and_torchs_words_are_kept() -> None:
    a = torch.zeros(3, 4)
    finding = crash(lambda: a.view(5, 5))
    assert finding.place.file == __file__
    assert finding.cause == "shape '[5, 5]' is invalid for input of size 12"
    assert finding.message == "torch refused the shapes in `a.view(5, 5)`"


def test_values_carry_the_names_of_their_declared_axes(golden: Callable[[str, str], None]) -> None:
    @checked
    def attend(
        query: Float[Tensor, "batch target feature"], key: Float[Tensor, "batch source feature"]
    ) -> Float[Tensor, "batch target source"]:
        return query @ key

    golden(
        "operand-shapes-named.txt",
        str(crash(lambda: attend(torch.zeros(2, 5, 8), torch.zeros(2, 7, 8)))),
    )


def test_a_failure_of_the_compiler_is_not_about_shapes() -> None:
    def compiled(x: Tensor) -> Tensor:
        torch._dynamo.graph_break("shape of size 3")
        return x

    with pytest.raises(torch._dynamo.exc.TorchDynamoException) as raised:
        torch.compile(compiled, backend="eager", fullgraph=True)(torch.zeros(3))
    assert "size" in str(raised.value)
    assert explain_crash(raised.value) is None
