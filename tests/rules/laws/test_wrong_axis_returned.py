"""wrong-axis-returned: an output that carries another declared axis of the same size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Finding
from shapecheck.runtime.guard import Guard


def found(function: Callable[..., Any], *args: Any) -> list[Finding]:
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(function)(*args)
    return [f for f in laws.conclude() if f.slug == "wrong-axis-returned"]


def load(weights: Float[Tensor, "sample expert"]) -> Float[Tensor, "expert"]:
    return weights.mean(dim=1)


def stacked(rewards: Float[Tensor, "time env"]) -> Float[Tensor, "time env"]:
    return torch.stack([step + 1 for step in rewards], dim=1)


def nearest(
    query: Float[Tensor, "query embed"], means: Float[Tensor, "way embed"]
) -> Float[Tensor, "query"]:
    distances = (query[:, None] - means[None]).pow(2).sum(dim=-1)
    return distances.amin(dim=0)


def embedded(x: Float[Tensor, "cloud point 4"]) -> Float[Tensor, "cloud point width"]:
    weight = torch.randn(5, 4)
    return torch.einsum("cpd,wd->cwp", x, weight)  # as many features as points


@pytest.mark.parametrize(
    ("function", "args", "message"),
    [
        (embedded, ((2, 5, 4),), "axis 2 of what embedded returns is point, not width"),
        (load, ((4, 4),), "axis 0 of what load returns is sample (batch), not expert"),
        (stacked, ((4, 4),), "axis 0 of what stacked returns is env, not time"),
        (nearest, ((4, 3), (4, 3)), "axis 0 of what nearest returns is way, not query"),
    ],
)
def test_it_is_found_at_equal_sizes(
    function: Callable[..., Any], args: tuple[tuple[int, ...], ...], message: str
) -> None:
    assert message in [f.message for f in found(function, *map(torch.rand, args))]


def load_right(weights: Float[Tensor, "sample expert"]) -> Float[Tensor, "expert"]:
    return weights.mean(dim=0)


def turned(x: Float[Tensor, "row column"]) -> Float[Tensor, "column row"]:
    return x.T


def gram(x: Float[Tensor, "sample feature"]) -> Float[Tensor, "sample sample"]:
    return x @ x.T


def squared(x: Float[Tensor, "size size"]) -> Float[Tensor, "size size"]:
    return (x @ x).T


def solved(x: Float[Tensor, "row column"]) -> Float[Tensor, "column row"]:
    return torch.linalg.pinv(x)


@pytest.mark.parametrize("function", [load_right, turned, gram, squared, solved])
def test_correct_outputs_at_equal_sizes_are_silent(function: Callable[..., Any]) -> None:
    assert found(function, torch.rand(4, 4)) == []


def test_the_example_fires_and_the_remedy_does_not(
    laws_of_page: Callable[[str, str], list[Finding]],
) -> None:
    slugs = [finding.slug for finding in laws_of_page("wrong-axis-returned", "Example")]
    assert "wrong-axis-returned" in slugs
    assert laws_of_page("wrong-axis-returned", "Use instead") == []


def pairwise(
    a: Float[Tensor, "batch n_a feat"], b: Float[Tensor, "batch n_b feat"]
) -> Float[Tensor, "batch n_a n_b"]:
    squares = a.square().sum(-1).unsqueeze(2) + b.square().sum(-1).unsqueeze(1)
    return squares - 2 * torch.bmm(a, b.transpose(1, 2))


def test_one_tensor_given_twice_has_its_axes_called_by_two_names() -> None:
    """`pairwise(x, x)`: nobody can tell which name an axis of x goes by."""
    x = torch.rand(3, 12, 2)
    assert found(pairwise, x, x) == []
    assert found(pairwise, x, x.clone()) == []
