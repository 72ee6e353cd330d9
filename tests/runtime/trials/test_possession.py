"""A docstring that calls some elements those of each: they are taken apart, unless it says more."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from shapecheck.core.finding import Finding, Severity

Found = Callable[..., list[Finding]]
Sales = Float[Tensor, "house sale feature"]
Listed = Bool[Tensor, "house sale"]
Function = Callable[..., Tensor]


def relative(sales: Sales, listed: Listed) -> Sales:
    """Each house's sales around the mean of those that are listed."""
    real = listed.unsqueeze(-1)
    return sales - (sales * real).sum(dim=0) / real.sum(dim=0)


def weights(sales: Sales, listed: Listed) -> Float[Tensor, "house sale"]:
    """How much the sales of every house have to say of it."""
    return sales.sum(dim=-1).masked_fill(~listed, -1e9).softmax(dim=0)


def apart(sales: Sales, listed: Listed) -> Sales:
    """Each house's sales around the mean of those that are listed."""
    real = listed.unsqueeze(-1)
    return sales - (sales * real).sum(dim=1, keepdim=True) / real.sum(dim=1, keepdim=True)


def around_all(sales: Sales, listed: Listed) -> Sales:
    """Each house's sales around the mean."""
    return sales - sales[listed].mean(dim=0)


def among(sales: Sales, listed: Listed) -> Float[Tensor, "house sale"]:
    """How much each house's sales have to say among those of all."""
    return sales.sum(dim=-1).masked_fill(~listed, -1e9).softmax(dim=0)


def compared(sales: Sales, listed: Listed) -> Sales:
    """Each house's sales, the first less the first of the next house, and so on."""
    return sales - sales.roll(1, dims=0)


def without_words(sales: Sales, listed: Listed) -> Sales:
    return sales - sales.mean(dim=0)


def of_the_sale(sales: Sales, listed: Listed) -> Sales:
    """Each house's sales less what that sale is worth on average."""
    return sales - sales.mean(dim=0)


LISTED = torch.arange(4) < torch.tensor([4, 3, 2, 4, 1]).unsqueeze(1)


@pytest.mark.parametrize(
    ("function", "said"),
    [(relative, "“Each house's sales”"), (weights, "“sales of every house”")],
)
def test_what_is_taken_across_contradicts_the_words(
    found: Found, function: Function, said: str
) -> None:
    torch.manual_seed(0)
    (finding,) = found(function, torch.randn(5, 4, 3), LISTED)
    assert (finding.slug, finding.severity) == ("batch-mixing", Severity.WARNING)
    assert said in finding.cause


@pytest.mark.parametrize(
    "function", [apart, around_all, among, compared, without_words, of_the_sale]
)
def test_what_the_words_leave_open_is_left_alone(found: Found, function: Function) -> None:
    torch.manual_seed(0)
    assert found(function, torch.randn(5, 4, 3), LISTED) == []


def departures(x: Float[Tensor, "station day variable"]) -> Float[Tensor, "station day variable"]:
    """Each station's days less what is normal."""
    return x - x.mean(dim=0)


def ratings(x: Float[Tensor, "user item"]) -> Float[Tensor, "user item"]:
    """Each user's items, above or below what they get."""
    return x - x.mean(dim=0)


def attending(x: Float[Tensor, "token width"]) -> Float[Tensor, "token width"]:
    """Each token attends to those it resembles."""
    return (x @ x.T).softmax(dim=-1) @ x


def nearest(x: Float[Tensor, "point 3"]) -> Float[Tensor, "point"]:
    """The distance of each point to its nearest."""
    return (torch.cdist(x, x) + torch.eye(len(x)) * 1e9).amin(dim=1)


def messages(x: Float[Tensor, "node feature"], edges: Float[Tensor, "node node"]) -> Tensor:
    """The features of each node, summed over what it is linked to."""
    return edges @ x


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (departures, [(5, 4, 3)]),
        (ratings, [(5, 4)]),
        (attending, [(5, 4)]),
        (nearest, [(5, 3)]),
        (messages, [(5, 4), (5, 5)]),
    ],
)
def test_days_items_and_elements_of_one_set_may_meet(
    found: Found, function: Function, shapes: list[tuple[int, ...]]
) -> None:
    torch.manual_seed(0)
    assert found(function, *map(torch.rand, shapes)) == []
