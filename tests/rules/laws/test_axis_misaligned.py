"""axis-misaligned: its page, and pairs that are meant."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Float, Int
from torch import Tensor

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Finding, Severity
from shapecheck.runtime.guard import Guard

Page = Callable[[str, str], list[Finding]]


def slugs(function: Callable[..., Any], *args: Any) -> list[str]:
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(function)(*args)
    return [f.slug for f in laws.conclude() if f.severity is not Severity.NOTE]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    found = laws_of_page("axis-misaligned", "Example")
    (finding,) = (f for f in found if f.slug == "axis-misaligned")
    assert (finding.slug, finding.severity) == ("axis-misaligned", Severity.ERROR)
    assert laws_of_page("axis-misaligned", "Use instead") == []


def hits(scores: Float[Tensor, "user item"], wanted: Int[Tensor, "user"]) -> Float[Tensor, ""]:
    best = scores.topk(3, dim=1).indices
    return (best == wanted[:3]).any(dim=1).float().mean()


def hits_right(
    scores: Float[Tensor, "user item"], wanted: Int[Tensor, "user"]
) -> Float[Tensor, ""]:
    best = scores.topk(3, dim=1).indices
    return (best == wanted[:, None]).any(dim=1).float().mean()


def test_rows_laid_along_another_axis() -> None:
    given = torch.randn(6, 5), torch.tensor([0, 3, 1, 4, 2, 0])
    assert "axis-misaligned" in slugs(hits, *given)
    assert slugs(hits_right, *given) == []


def weighted(
    loss: Float[Tensor, "sample step"], weight: Float[Tensor, "sample"]
) -> Float[Tensor, ""]:
    return (loss.flatten() * weight.repeat(loss.size(1))).mean()


def weighted_right(
    loss: Float[Tensor, "sample step"], weight: Float[Tensor, "sample"]
) -> Float[Tensor, ""]:
    return (loss.flatten() * weight.repeat_interleave(loss.size(1))).mean()


def test_weights_repeated_in_another_order() -> None:
    (slug,) = slugs(weighted, torch.randn(4, 6), torch.rand(4))
    assert slug in ("axis-misaligned", "role-conflict")  # tracking may tell the same
    assert slugs(weighted_right, torch.randn(4, 6), torch.rand(4)) == []


def pairs_repeated(x: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    n = x.size(0)
    return (x.repeat(n, 1) - x.repeat_interleave(n, dim=0)).square().sum()


def pairs_expanded(x: Float[Tensor, "n d"], y: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    n = x.size(0)
    return (x[:, None].expand(n, n, -1) - y[None].expand(n, n, -1)).abs().sum()


def neighbours(x: Float[Tensor, "time d"]) -> Float[Tensor, ""]:
    return (x[1:] - x[:-1]).square().mean() + (x * x.roll(1, 0)).sum() + (x - x.flip(0)).sum()


def symmetric(x: Float[Tensor, "row column"]) -> Float[Tensor, ""]:
    return (x - x.T).abs().max()


def in_its_order(x: Float[Tensor, "n d"], order: Int[Tensor, "n"]) -> Float[Tensor, ""]:
    return (x[order] - x).square().mean()


@pytest.mark.parametrize(
    ("function", "given"),
    [
        (pairs_repeated, (torch.randn(4, 3),)),
        (pairs_expanded, (torch.randn(4, 3), torch.randn(4, 3))),
        (neighbours, (torch.randn(6, 3),)),
        (symmetric, (torch.randn(4, 4),)),
        (in_its_order, (torch.randn(5, 3), torch.tensor([4, 2, 0, 1, 3]))),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_pairs_that_are_meant(function: Callable[..., Any], given: tuple[Any, ...]) -> None:
    assert slugs(function, *given) == []
