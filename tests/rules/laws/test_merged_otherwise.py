"""merged-otherwise: its page, and products that say what is merged, or nothing."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Finding, Severity
from shapecheck.runtime.guard import Guard

Page = Callable[[str, str], list[Finding]]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    (finding,) = laws_of_page("merged-otherwise", "Example")
    assert (finding.slug, finding.severity) == ("merged-otherwise", Severity.WARNING)
    assert "writes rows * columns, but merges size * rows" in finding.message
    assert laws_of_page("merged-otherwise", "Use instead") == []


Grid = Float[Tensor, "batch height width d"]


def columns_first(x: Grid) -> Float[Tensor, "batch place d"]:
    batch, rows, columns, d = x.shape
    return x.transpose(1, 2).reshape(batch, rows * columns, d)


def time_first(x: Float[Tensor, "batch time d"]) -> Float[Tensor, "row d"]:
    batch, time, d = x.shape
    return x.transpose(0, 1).reshape(batch * time, d)


def as_it_stands(x: Grid) -> Float[Tensor, "batch place d"]:
    batch, rows, columns, d = x.shape
    return x.reshape(batch, columns * rows, d)


@pytest.mark.parametrize(
    ("function", "shape", "expected"),
    [
        (columns_first, (2, 3, 4, 5), ["merged-otherwise"]),
        (time_first, (4, 4, 3), []),
        (as_it_stands, (2, 4, 4, 5), []),
    ],
)
def test_a_product_is_held_against_what_is_merged(
    function: Callable[..., Tensor], shape: tuple[int, ...], expected: list[str]
) -> None:
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(function)(torch.randn(shape))
    assert [f.slug for f in laws.conclude() if f.severity is not Severity.NOTE] == expected
