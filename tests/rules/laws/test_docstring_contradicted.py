"""docstring-contradicted: its page, and words that are kept."""

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
Scores = Float[Tensor, "query way"]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    (finding,) = laws_of_page("docstring-contradicted", "Example")
    assert (finding.slug, finding.severity) == ("docstring-contradicted", Severity.WARNING)
    assert (finding.place.line, "“for each query”" in finding.message) == (8, True)
    assert laws_of_page("docstring-contradicted", "Use instead") == []


def of_each_way(scores: Scores) -> Scores:
    """The probability of each way."""
    return scores.softmax(dim=1)


def over_queries(scores: Scores) -> Scores:
    """How the ways are shared out, for each way, among the queries."""
    return scores.softmax(dim=0)


@pytest.mark.parametrize("function", [of_each_way, over_queries])
def test_words_that_are_kept(function: Callable[..., Tensor]) -> None:
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(function)(torch.randn(4, 3))
    assert laws.conclude() == []
    assert laws.trials


States = Float[Tensor, "track time state"]


def speeds(states: States) -> Float[Tensor, "track step"]:
    """Distance between successive positions, the first two entries of the state."""
    return states[..., :2].diff(dim=2).norm(dim=-1)


def steps_taken(states: States) -> Float[Tensor, "track step"]:
    """Distance between successive positions, the first two entries of the state."""
    return states[..., :2].diff(dim=1).norm(dim=-1)


def slopes(bands: Float[Tensor, "time band"]) -> Float[Tensor, "time gap"]:
    """Differences between consecutive bands."""
    return torch.diff(bands)


def edges(picture: Float[Tensor, "row column"]) -> Float[Tensor, ""]:
    """Total variation, the sum over successive rows and columns."""
    return picture.diff(dim=0).abs().sum() + picture.diff(dim=1).abs().sum()


def turned(states: States) -> Float[Tensor, "track state step"]:
    """Successive differences, time last."""
    return states.transpose(1, 2).diff(dim=-1)


def widths(edges: Float[Tensor, "time edge"]) -> Float[Tensor, "time bin"]:
    """Widths of the bins between the edges."""
    return edges.diff(dim=1)


def slugs(function: Callable[..., Tensor], *given: Tensor) -> list[str]:
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(function)(*given)
    return [f.slug for f in laws.conclude() if f.severity is not Severity.NOTE]


def test_differences_run_over_what_follows_one_another() -> None:
    assert slugs(speeds, torch.randn(4, 6, 4)) == ["docstring-contradicted"]


@pytest.mark.parametrize("function", [steps_taken, turned])
def test_differences_over_time_are_kept(function: Callable[..., Tensor]) -> None:
    assert slugs(function, torch.randn(4, 6, 4)) == []


@pytest.mark.parametrize("function", [slopes, edges, widths])
def test_differences_over_what_the_words_name_or_without_words(
    function: Callable[..., Tensor],
) -> None:
    assert slugs(function, torch.randn(6, 5)) == []
