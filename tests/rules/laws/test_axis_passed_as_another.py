"""axis-passed-as-another: its page, and tensors that are turned on purpose."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Finding, Severity
from shapecheck.runtime.guard import Guard

Page = Callable[[str, str], list[Finding]]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    found = laws_of_page("axis-passed-as-another", "Example")
    assert [f.severity for f in found if f.slug == "axis-passed-as-another"] == [Severity.WARNING]
    (finding,) = (f for f in found if f.slug == "axis-passed-as-another")
    assert finding.place.line == 23
    assert "takes axis 2 of x as `time`" in finding.message
    assert "in Sensors.forward it is `sensor`" in finding.message
    assert laws_of_page("axis-passed-as-another", "Use instead") == []


def test_rows_and_columns_may_change_places() -> None:
    guard = Guard(explain)
    laws = Laws(guard)

    @guard.checked
    def best(scores: Float[Tensor, "picture caption"]) -> Float[Tensor, "picture"]:
        return scores.amax(dim=1)

    @guard.checked
    def both(scores: Float[Tensor, "picture caption"]) -> Float[Tensor, ""]:
        return best(scores).sum() + best(scores.T).sum()

    both(torch.randn(4, 4))
    assert [f for f in laws.conclude() if f.severity is not Severity.NOTE] == []


def test_another_size_is_another_view() -> None:
    guard = Guard(explain)
    laws = Laws(guard)

    @guard.checked
    def smooth(x: Float[Tensor, "channel time"]) -> Float[Tensor, "channel time"]:
        return (x + x.roll(1, 1)) / 2

    @guard.checked
    def across(x: Float[Tensor, "time sensor"]) -> Float[Tensor, "time sensor"]:
        return smooth(x)

    across(torch.randn(4, 3))
    assert [f for f in laws.conclude() if f.severity is not Severity.NOTE] == []
