"""crossed-sums: its page, and tensors that meet their own sums as they should."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck.core.finding import Finding, Severity

Found = Callable[..., list[str]]
Page = Callable[[str, str], list[Finding]]
Square = Float[Tensor, "node node"]
Nodes = Float[Tensor, "node feature"]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    (finding,) = laws_of_page("crossed-sums", "Example")
    assert (finding.slug, finding.severity) == ("crossed-sums", Severity.WARNING)
    assert finding.place.line == 8
    assert "sums over axis 1" in finding.message
    assert laws_of_page("crossed-sums", "Use instead") == []


def less_means(x: Square) -> Square:
    return x - x.mean(dim=1)


def by_norms(x: Float[Tensor, "batch node node"]) -> Float[Tensor, "batch node node"]:
    return x / x.norm(dim=2).clamp(min=1e-6).unsqueeze(1)


def columns(x: Square) -> Square:
    return x / x.sum(dim=0)


def both_ways(x: Square) -> Square:
    degree = x.sum(dim=1)
    return x / degree[None, :] / degree[:, None]


def double_centred(x: Square) -> Square:
    return x - x.mean(dim=0) - x.mean(dim=1, keepdim=True) + x.mean()


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (less_means, ["crossed-sums"]),
        (by_norms, ["crossed-sums"]),
        (columns, []),
        (both_ways, []),
        (double_centred, []),
    ],
)
def test_a_statistic_lies_along_its_own_axis(
    found: Found, function: Callable[..., Tensor], expected: list[str]
) -> None:
    torch.manual_seed(0)
    rank = 3 if function is by_norms else 2
    assert found(function, torch.rand((5,) * rank)) == expected


def test_of_a_symmetric_tensor_either_way_is_right(found: Found) -> None:
    torch.manual_seed(0)
    x = torch.rand(5, 5)
    assert found(less_means, x + x.T) == []


def test_values_that_are_alike_by_chance_prove_nothing(found: Found) -> None:
    assert found(less_means, torch.ones(4, 4)) == []


def gather(weights: Square, x: Nodes) -> Nodes:
    return torch.einsum("ij,jf->if", weights, x)


def gather_across(weights: Square, x: Nodes) -> Nodes:
    return torch.einsum("ji,jf->if", weights, x)


def gather_turned(weights: Square, x: Nodes) -> Nodes:
    return weights.T @ x


def walk(weights: Square, x: Nodes) -> Nodes:
    return weights.T @ x


def step(
    share: Float[Tensor, "chain state"], moves: Float[Tensor, "state state"]
) -> Float[Tensor, "chain state"]:
    return share @ moves


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (gather, []),
        (gather_across, ["crossed-sums"]),
        (gather_turned, ["crossed-sums"]),
        (walk, []),
    ],
)
def test_weights_are_summed_where_they_add_up_to_one(
    found: Found, function: Callable[..., Tensor], expected: list[str]
) -> None:
    torch.manual_seed(0)
    assert found(function, torch.rand(5, 5).softmax(dim=1), torch.randn(5, 3)) == expected


def test_a_chain_of_states_is_pushed_along_its_rows(found: Found) -> None:
    torch.manual_seed(0)
    moves = torch.rand(4, 4).softmax(dim=1)
    assert found(step, torch.rand(4, 4).softmax(dim=1), moves) == []


Links = Float[Tensor, "graph node node"]
Many = Float[Tensor, "graph node feature"]


def smoothed(nodes: Many, links: Links) -> Many:
    """Each node takes the mean of the nodes that it points to."""
    return links / links.sum(dim=2, keepdim=True).clamp(min=1) @ nodes


def smoothed_across(nodes: Many, links: Links) -> Many:
    """Each node takes the mean of the nodes that it points to."""
    return links / links.sum(dim=1, keepdim=True).clamp(min=1) @ nodes


def shared_out(nodes: Many, links: Links) -> Many:
    """Each node gives those that point to it equal shares."""
    return links / links.sum(dim=1, keepdim=True).clamp(min=1) @ nodes


def summed_by_degree(nodes: Many, links: Links) -> Many:
    """Each node takes the sum of the nodes that it points to, of zero mean."""
    return links / links.sum(dim=1, keepdim=True).clamp(min=1) @ nodes


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (smoothed, []),
        (smoothed_across, ["crossed-sums"]),
        (shared_out, []),
        (summed_by_degree, []),
    ],
)
def test_weights_that_a_function_makes_for_a_mean(
    found: Found, function: Callable[..., Tensor], expected: list[str]
) -> None:
    torch.manual_seed(0)
    links = (torch.rand(3, 5, 5) < 0.5).float()
    assert found(function, torch.randn(3, 5, 4), links) == expected
