"""statistics-at-odds: its page, and standardisations that look alike."""

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
X = Float[Tensor, "song frame band"]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    (finding,) = laws_of_page("statistics-at-odds", "Example")
    assert (finding.slug, finding.severity) == ("statistics-at-odds", Severity.WARNING)
    assert "centred by the mean over axis 2 (line 7), but scaled by" in finding.message
    assert laws_of_page("statistics-at-odds", "Use instead") == []


def masked(x: X) -> X:
    real = (x > -1).float()
    count = real.sum(dim=1, keepdim=True)
    mean = (x * real).sum(dim=2, keepdim=True) / count
    spread = ((x - mean).square() * real).sum(dim=1, keepdim=True) / count
    return (x - mean) / (spread + 1e-5).sqrt() * real


def scaled_as_a_whole(x: X) -> X:
    return (x - x.mean(dim=1, keepdim=True)) / x.std(dim=(1, 2), keepdim=True)


def one_after_the_other(x: X) -> X:
    once = (x - x.mean(dim=2, keepdim=True)) / x.std(dim=2, keepdim=True)
    return (once - once.mean(dim=1, keepdim=True)) / once.std(dim=1, keepdim=True)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (masked, ["statistics-at-odds"]),
        (scaled_as_a_whole, []),
        (one_after_the_other, []),
    ],
)
def test_centre_and_scale_run_over_the_same_axes(
    function: Callable[..., Tensor], expected: list[str]
) -> None:
    torch.manual_seed(0)
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(function)(torch.randn(2, 5, 4))
    found = [f.slug for f in laws.conclude() if f.severity is not Severity.NOTE]
    assert [slug for slug in found if slug != "mean-by-other-count"] == expected
