"""ends-swapped: its page, and chains that keep one order, however they are written."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Finding, Severity
from shapecheck.runtime.guard import Guard

Page = Callable[[str, str], list[Finding]]
Scores = Float[Tensor, "batch time tag"]
Tags = Int[Tensor, "batch time"]
Batch = Float[Tensor, "batch"]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    (finding,) = laws_of_page("ends-swapped", "Example")
    assert (finding.slug, finding.severity) == ("ends-swapped", Severity.WARNING)
    assert finding.place.line == 18
    assert "`Chain.moves` is read as (to, from) here, and as (from, to)" in finding.message
    assert laws_of_page("ends-swapped", "Use instead") == []


class Chain(nn.Module):
    """Transitions from rows to columns."""

    def __init__(self, tags: int = 5) -> None:
        super().__init__()
        self.moves = nn.Parameter(torch.randn(tags, tags))

    def partition(self, scores: Scores, mask: Bool[Tensor, "batch time"]) -> Batch:
        alpha = scores[:, 0]
        for t in range(1, scores.size(1)):
            paths = alpha.unsqueeze(2) + self.moves + scores[:, t].unsqueeze(1)
            alpha = torch.where(mask[:, t, None], paths.logsumexp(dim=1), alpha)
        return alpha.logsumexp(dim=1)

    def partition_turned(self, scores: Scores) -> Batch:
        alpha, to_from = scores[:, 0], self.moves.T
        for t in range(1, scores.size(1)):
            alpha = (alpha[:, None] + to_from).logsumexp(dim=2) + scores[:, t]
        return alpha.logsumexp(dim=1)

    def partition_of_steps(self, scores: Float[Tensor, "time batch tag"]) -> Batch:
        alpha, *rest = scores.unbind(0)
        for step in rest:
            batch, tags = step.shape
            paths = alpha.view(batch, tags, 1) + self.moves.view(1, tags, tags)
            alpha = paths.logsumexp(dim=1) + step
        return alpha.logsumexp(dim=1)

    def messages_back(self, scores: Scores) -> Scores:
        beta = torch.zeros_like(scores[:, 0])
        found = [beta]
        for t in range(scores.size(1) - 1, 0, -1):
            beta = (beta.unsqueeze(1) + self.moves + scores[:, t, None]).logsumexp(dim=2)
            found.append(beta)
        return torch.stack(found[::-1], dim=1)

    def from_the_last(self, scores: Scores) -> Batch:
        """The same sum, from the end; a second counter goes the other way."""
        beta, seen = scores[:, -1], torch.zeros(scores.size(1))
        for k in range(1, scores.size(1)):
            beta = (beta[:, None] + self.moves).logsumexp(dim=2) + scores[:, -1 - k] + seen[k]
        return beta.logsumexp(dim=1)

    def of_flipped(self, scores: Scores) -> Batch:
        flipped = scores.flip(1)
        beta = flipped[:, 0]
        for t in range(1, scores.size(1)):
            beta = (beta[:, None] + self.moves).logsumexp(dim=2) + flipped[:, t]
        return beta.logsumexp(dim=1)

    def score(self, tags: Tags) -> Batch:
        return self.moves[tags[:, :-1], tags[:, 1:]].sum(dim=1)

    def score_of_flipped(self, tags: Tags) -> Batch:
        flipped = tags.flip(1)
        return self.moves[flipped[:, 1:], flipped[:, :-1]].sum(dim=1)

    def score_reversed(self, flipped: Tags) -> Batch:
        return self.moves[flipped[:, 1:], flipped[:, :-1]].sum(dim=1)

    def score_in_steps(self, tags: Tags) -> Batch:
        total, before = torch.zeros(len(tags)), tags[:, 0]
        for t in range(1, tags.size(1)):
            total = total + self.moves[before, tags[:, t]]
            before = tags[:, t]
        return total


class Swapped(Chain):
    def score(self, tags: Tags) -> Batch:
        return self.moves[tags[:, 1:], tags[:, :-1]].sum(dim=1)

    def score_in_steps(self, tags: Tags) -> Batch:
        total = torch.zeros(len(tags))
        for t in range(1, tags.size(1)):
            total = total + self.moves[tags[:, t], tags[:, t - 1]]
        return total


class Neighbours(nn.Module):
    """Which labels like to stand beside which: neither is before the other."""

    def __init__(self, labels: int = 5) -> None:
        super().__init__()
        self.liking = nn.Parameter(torch.randn(labels, labels))

    def rows(self, labels: Tags) -> Batch:
        return self.liking[labels[:, :-1], labels[:, 1:]].sum(dim=1)

    def columns(self, labels: Tags) -> Batch:
        return self.liking[labels[:, 1:], labels[:, :-1]].sum(dim=1)


SCORES, TAGS = torch.randn(4, 6, 5), torch.randint(0, 5, (4, 6))
GIVEN = {
    "partition": (SCORES, torch.arange(6) < torch.tensor([[6], [4], [5], [6]])),
    "partition_of_steps": (SCORES.transpose(0, 1),),
    "partition_turned": (SCORES,),
    "messages_back": (SCORES,),
    "from_the_last": (SCORES,),
    "of_flipped": (SCORES,),
}


def found(chain: nn.Module, *methods: str) -> list[str]:
    guard = Guard(explain)
    laws = Laws(guard)
    told = []
    for method in methods:
        guard.checked(getattr(type(chain), method))(chain, *GIVEN.get(method, (TAGS,)))
        told += laws.conclude()
    assert not laws.skipped
    return [f.slug for f in told if f.severity is not Severity.NOTE]


@pytest.mark.parametrize("score", ["score", "score_in_steps"])
@pytest.mark.parametrize("recursion", ["partition", "partition_of_steps", "partition_turned"])
def test_a_score_and_a_recursion_in_two_orders(score: str, recursion: str) -> None:
    assert found(Swapped(), score, recursion, "messages_back") == ["ends-swapped"]


def test_the_place_that_stands_alone_is_told() -> None:
    guard = Guard(explain)
    laws = Laws(guard)
    chain = Swapped()
    for method in ("partition", "partition_turned", "messages_back", "score"):
        guard.checked(getattr(type(chain), method))(chain, *GIVEN.get(method, (TAGS,)))
    (finding,) = laws.conclude()
    assert finding.place.function == "Swapped.score"


def test_one_order_however_it_is_written() -> None:
    methods = [name for name in vars(Chain) if not name.startswith("_")]
    assert found(Chain(), *methods) == []


def test_of_neighbours_none_comes_before_the_other() -> None:
    assert found(Neighbours(), "rows", "columns") == []
