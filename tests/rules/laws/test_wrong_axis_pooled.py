"""wrong-axis-pooled: its page, and layers that read positions on purpose."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Finding, Severity
from shapecheck.runtime.guard import Guard

Page = Callable[[str, str], list[Finding]]
X = Float[Tensor, "batch point 3"]
Label = Float[Tensor, "batch label"]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    (finding,) = laws_of_page("wrong-axis-pooled", "Example")
    assert (finding.slug, finding.severity) == ("wrong-axis-pooled", Severity.WARNING)
    assert finding.place.line == 13
    assert "made for `width` reads `point`" in finding.message
    assert laws_of_page("wrong-axis-pooled", "Use instead") == []


class ByPlace(nn.Module):
    """Each point has its weight, and the constructor says so."""

    def __init__(self, width: int, n_points: int) -> None:
        super().__init__()
        self.layer, self.head = nn.Linear(3, width), nn.Linear(n_points, 4)

    def forward(self, x: X) -> Label:
        return self.head(self.layer(x).amax(dim=2))


class Unnamed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer, self.head = nn.Linear(3, 6), nn.Linear(6, 4)

    def forward(self, x: X) -> Label:
        return self.head(self.layer(x).amax(dim=2))


@pytest.mark.parametrize("model", [ByPlace(6, 6), Unnamed()], ids=["named", "unnamed"])
def test_positions_may_be_read_by_a_layer_made_for_them(model: nn.Module) -> None:
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(type(model).forward)(model, torch.randn(2, 6, 3))
    assert [f for f in laws.conclude() if f.severity is not Severity.NOTE] == []
    assert laws.trials
