"""covariance-unturned: its page, and products from both sides that are right."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck.core.finding import Finding, Severity

Page = Callable[[str, str], list[Finding]]
Found = Callable[..., list[str]]
Square = Float[Tensor, "state state"]
Many = Float[Tensor, "track state state"]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    (finding,) = laws_of_page("covariance-unturned", "Example")
    assert (finding.slug, finding.severity) == ("covariance-unturned", Severity.WARNING)
    assert (finding.place.line, "`spread`" in finding.message) == (9, True)
    assert laws_of_page("covariance-unturned", "Use instead") == []


def from_the_right(covariance: Many, motion: Square) -> Many:
    return motion @ (covariance @ motion)


def turned(covariance: Many, motion: Square) -> Many:
    return motion @ covariance @ motion.mT


def turned_first(covariance: Many, motion: Square) -> Many:
    return motion.T @ covariance @ motion


def walk(weights: Many, links: Square) -> Many:
    """Two links in a row, by way of each node in between."""
    return links @ weights @ links


def power(motion: Many, spread: Square) -> Many:
    return motion @ motion @ motion + spread


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (from_the_right, ["covariance-unturned"]),
        (turned, []),
        (turned_first, []),
        (walk, []),
    ],
)
def test_a_matrix_that_is_not_symmetric(
    function: Callable[..., Tensor], expected: list[str], found: Found
) -> None:
    torch.manual_seed(0)
    half = torch.randn(2, 4, 4)
    assert found(function, half @ half.mT, torch.randn(4, 4)) == expected


def test_symmetric_factors_and_powers(found: Found) -> None:
    torch.manual_seed(0)
    half, square = torch.randn(2, 4, 4), torch.randn(4, 4)
    assert found(from_the_right, half @ half.mT, square + square.T) == []
    assert found(power, half, square) == []


Rows = Float[Tensor, "track state"]
Both = tuple[Rows, Many]


def by_the_other(mean: Rows, spread: Many, motion: Square) -> Both:
    return mean @ motion, motion @ spread @ motion.T


def by_columns(mean: Rows, spread: Many, motion: Square) -> Both:
    return mean @ motion.T, motion @ spread @ motion.T


def by_rows(mean: Rows, spread: Many, motion: Square) -> Both:
    return mean @ motion, motion.T @ spread @ motion


def one_by_one(mean: Rows, spread: Many, motion: Square) -> Both:
    return (motion @ mean.unsqueeze(2)).squeeze(2), motion @ spread @ motion.mT


def of_features(x: Float[Tensor, "track feature"], spread: Many, motion: Square) -> Both:
    """Features, as many as there are states, mixed by what moves the states."""
    return x @ motion, motion @ spread @ motion.T


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (by_the_other, ["covariance-unturned"]),
        (by_columns, []),
        (by_rows, []),
        (one_by_one, []),
        (of_features, []),
    ],
)
def test_states_and_their_covariance_move_alike(
    function: Callable[..., object], expected: list[str], found: Found
) -> None:
    torch.manual_seed(0)
    half = torch.randn(3, 4, 4)
    given = torch.randn(3, 4), half @ half.mT, torch.randn(4, 4)
    assert found(function, *given) == expected
