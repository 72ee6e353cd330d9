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


# One of the two is that of all samples

Series = Float[Tensor, "batch time channel"]


def level_of_all(x: Series) -> Series:
    return (x - x.mean(dim=(0, 1))) / (x.std(dim=1, keepdim=True) + 1e-4)


def inverse(x: Series) -> Series:
    return (x - x.mean()) * torch.rsqrt(x.var(dim=1, keepdim=True) + 1e-4)


def by_hand(x: Series) -> Series:
    away = x - x.mean(dim=1, keepdim=True)
    return (x - x.mean(dim=(0, 1))) / away.square().mean(dim=1, keepdim=True).sqrt()


def lowest_of_all(x: Series) -> Series:
    low, high = x.amin(dim=(0, 1)), x.amax(dim=1, keepdim=True)
    return (x - low) / (high - low)


def highest_of_all(x: Series) -> Series:
    low, high = x.amin(dim=1, keepdim=True), x.amax(dim=(0, 1))
    return (x - low) / (high - low)


def one_scale_for_all(x: Series) -> Series:
    return (x - x.mean(dim=1, keepdim=True)) / x.std(dim=(0, 1))


def one_range_for_all(x: Series) -> Series:
    return (x - x.amin(dim=1, keepdim=True)) / (x.amax() - x.amin())


def standardised(x: Series) -> Series:
    return (x - x.mean(dim=(0, 1))) / x.std(dim=(0, 1))


def deviation_of_each_of_what_is_left(x: Series) -> Series:
    x = x - x.mean()
    return x / x.std(dim=1, keepdim=True)


def unit_rows(x: Series) -> Series:
    x = x - x.mean(dim=0)
    length: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x / length


def pair_norm(x: Series) -> Series:
    x = x - x.mean(dim=0)
    return x / (1e-6 + x.square().sum(dim=-1, keepdim=True)).sqrt()


def features_of_each(x: Series) -> Float[Tensor, "batch channel"]:
    """How far the mean of each lies from that of all, in deviations of its own."""
    return (x.mean(dim=1) - x.mean(dim=(0, 1))) / x.std(dim=1)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        *((f, True) for f in (level_of_all, inverse, by_hand, lowest_of_all, highest_of_all)),
        *((f, False) for f in (one_scale_for_all, one_range_for_all, standardised, unit_rows)),
        *((f, False) for f in (deviation_of_each_of_what_is_left, pair_norm, features_of_each)),
    ],
)
def test_a_level_of_all_samples_is_not_scaled_by_the_deviation_of_each(
    function: Callable[..., Tensor], expected: bool
) -> None:
    torch.manual_seed(0)
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(function)(torch.randn(5, 6, 4))
    seen = laws.conclude()
    assert [f for f in seen if f.slug == "batch-mixing"]
    found = [(f.slug, f.severity) for f in seen if f.severity is not Severity.NOTE]
    assert found == ([("batch-mixing", Severity.WARNING)] if expected else [])
