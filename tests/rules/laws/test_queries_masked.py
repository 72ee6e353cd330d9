"""queries-masked: its page, and masks that look alike."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Finding, Severity
from shapecheck.runtime.guard import Guard

Page = Callable[[str, str], list[Finding]]
X = Float[Tensor, "batch seq d"]
Y = Float[Tensor, "batch interest d"]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    (finding,) = laws_of_page("queries-masked", "Example")
    assert (finding.slug, finding.severity) == ("queries-masked", Severity.ERROR)
    assert laws_of_page("queries-masked", "Use instead") == []


def over_columns(x: X, hidden: Bool[Tensor, "batch seq"]) -> X:
    scores = (x @ x.mT).masked_fill(hidden[:, None, :], -1e9)
    return scores.softmax(dim=-2).mT @ x


def with_where(x: X, hidden: Bool[Tensor, "batch seq"]) -> X:
    scores = torch.where(hidden[:, :, None], torch.tensor(float("-inf")), x @ x.mT)
    return scores.div(2.0).softmax(dim=-1).nan_to_num() @ x


def keys_then_queries(x: X, hidden: Bool[Tensor, "batch seq"]) -> X:
    scores = (x @ x.mT).masked_fill(hidden[:, None, :], -1e9)
    return scores.masked_fill(hidden[:, :, None], -1e9).softmax(dim=-1) @ x


def future_as_well(x: X, hidden: Bool[Tensor, "batch seq"]) -> X:
    past = torch.zeros(x.size(1), x.size(1)).masked_fill(torch.ones(4, 4).triu(1) > 0, -1e9)
    return (x @ x.mT + past).masked_fill(hidden[:, :, None], -1e9).softmax(dim=-1) @ x


def filled_with_little(x: X, hidden: Bool[Tensor, "batch seq"]) -> X:
    return (x @ x.mT).masked_fill(hidden[:, :, None], 0.0).softmax(dim=-1) @ x


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (over_columns, ["queries-masked"]),
        (with_where, ["queries-masked"]),
        (keys_then_queries, []),
        (future_as_well, []),
        (filled_with_little, []),
    ],
)
def test_masks_are_read_by_the_axis_of_the_softmax(
    function: Callable[..., Tensor], expected: list[str]
) -> None:
    torch.manual_seed(0)
    guard = Guard(explain)
    laws = Laws(guard)
    hidden = torch.tensor([[0, 0, 0, 1], [0, 0, 1, 1], [0, 0, 0, 0]], dtype=torch.bool)
    guard.checked(function)(torch.randn(3, 4, 5), hidden)
    assert [f.slug for f in laws.conclude() if f.severity is Severity.ERROR] == expected


def by_interest(x: X, hidden: Bool[Tensor, "batch seq"]) -> Y:
    scores = (x @ WEIGHT).mT.masked_fill(hidden[:, None, :], -1e9)  # batch, interest, seq
    return scores.softmax(dim=1) @ x


def over_history(x: X, hidden: Bool[Tensor, "batch seq"]) -> Y:
    return (x @ WEIGHT).mT.masked_fill(hidden[:, None, :], -1e9).softmax(dim=2) @ x


def slots(x: X, hidden: Bool[Tensor, "batch seq"]) -> Y:
    share = (x @ WEIGHT).mT.masked_fill(hidden[:, None, :], -1e9).softmax(dim=1)
    share = share * ~hidden[:, None, :]
    return (share / share.sum(dim=2, keepdim=True)) @ x


def values_hidden(x: X, hidden: Bool[Tensor, "batch seq"]) -> Y:
    scores = (x @ WEIGHT).mT.masked_fill(hidden[:, None, :], -1e9)
    return scores.softmax(dim=1) @ (x * ~hidden[:, :, None])


def routed(x: X, hidden: Bool[Tensor, "batch seq"]) -> X:
    scores = (x @ WEIGHT).masked_fill(hidden[:, :, None], -1e9)  # batch, seq, expert
    return scores.softmax(dim=-1) @ WEIGHT.mT


WEIGHT = torch.arange(10.0).view(5, 2).sin()


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (by_interest, ["queries-masked"]),
        (over_history, []),
        (slots, []),
        (values_hidden, []),
        (routed, []),
    ],
)
def test_a_mask_along_what_is_summed_and_not_along_the_softmax_is_in_vain(
    function: Callable[..., Tensor], expected: list[str]
) -> None:
    torch.manual_seed(0)
    guard = Guard(explain)
    laws = Laws(guard)
    hidden = torch.tensor([[0, 0, 0, 1], [0, 0, 1, 1], [0, 0, 0, 0]], dtype=torch.bool)
    guard.checked(function)(torch.randn(3, 4, 5), hidden)
    assert [f.slug for f in laws.conclude() if f.slug == "queries-masked"] == expected
