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
