"""A count of the best that is 1: what it hides is tried with 2, and what hides nothing stays."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from shapecheck.core.finding import Finding, Severity

Tried = Callable[..., list[Finding]]
Scores = Float[Tensor, "picture caption"]
Logits = Float[Tensor, "batch class"]


# Taken from the wrong axis


def recall_of_columns(scores: Scores, k: int) -> Float[Tensor, ""]:
    best = scores.topk(k, dim=0).indices
    return (best == torch.arange(scores.size(0))[:, None]).any(dim=1).float().mean()


def sorted_columns(scores: Scores, n_best: int = 1) -> Float[Tensor, ""]:
    best = scores.argsort(dim=0, descending=True)[:n_best]
    return (best == torch.arange(scores.size(0))[:, None]).any(dim=1).float().mean()


class Recall(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.top_k = 1

    def forward(self, scores: Scores) -> Float[Tensor, ""]:
        best = scores.topk(self.top_k, dim=0).indices
        return (best == torch.arange(scores.size(0))[:, None]).any(dim=1).float().mean()


@pytest.mark.parametrize(
    ("target", "given", "name"),
    [(recall_of_columns, (1,), "k"), (sorted_columns, (), "n_best"), (Recall(), (), "top_k")],
)
def test_the_best_of_the_wrong_axis(
    tried: Tried, target: Any, given: tuple[int, ...], name: str
) -> None:
    torch.manual_seed(0)
    (finding,) = tried(target, torch.randn(8, 8), *given)
    assert (finding.slug, finding.severity) == ("axis-size-fixed", Severity.WARNING)
    assert f"works for a `{name}` of 1 only: 2 raises" in finding.message
    assert "(1, 8), (8, 1) → (8, 8): what was selected meets each of 8" in finding.cause


def accuracy_of_all_pairs(
    scores: Logits, labels: Int[Tensor, "batch"], k: int = 1
) -> Float[Tensor, ""]:
    return (scores.topk(k, dim=1).indices == labels).any(dim=1).float().mean()


def test_what_another_rule_says_of_the_line_is_said_once(tried: Tried) -> None:
    torch.manual_seed(0)
    told = tried(accuracy_of_all_pairs, torch.randn(6, 5), torch.randint(0, 5, (6,)))
    assert [finding.slug for finding in told] == ["two-sided-broadcast"]


# Right with one, whether or not with two


def recall(scores: Scores, k: int) -> Float[Tensor, ""]:
    best = scores.topk(k, dim=1).indices
    return (best == torch.arange(scores.size(0))[:, None]).any(dim=1).float().mean()


def less_the_best(scores: Logits, k: int = 1) -> Logits:
    return scores - scores.topk(k, dim=1).values


def one_hot_of_the_best(scores: Logits, k: int = 1) -> Bool[Tensor, "batch class"]:
    return scores.topk(k, dim=1).indices == torch.arange(scores.size(1))


def beam_step(
    so_far: Float[Tensor, "beam"], scores: Float[Tensor, "beam vocab"], beam: int = 1
) -> tuple[Float[Tensor, "beam"], Int[Tensor, "beam"]]:
    best = (so_far[:, None] + scores).flatten().topk(beam)
    return best.values, best.indices % scores.size(1)


def later(x: Float[Tensor, "step 3"], k: int = 1) -> Float[Tensor, "fewer 3"]:
    return x[k:] - x[:-k]


def nearest(points: Float[Tensor, "point 3"], k: int = 1) -> Float[Tensor, "point near 3"]:
    near = torch.cdist(points, points).topk(k + 1, largest=False).indices[:, 1:]
    return points[near] - points[:, None]


def discounted(gain: Float[Tensor, "user item"], k: int = 1) -> Float[Tensor, "user"]:
    discount = 1 / torch.arange(2, k + 2).float().log2()
    return (gain.topk(k, dim=1).values * discount).sum(dim=1)


class Switch(nn.Module):
    """One expert for each sample, scaled by its gate."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.k = nn.Linear(4, 5), 1
        self.experts = nn.ModuleList(nn.Linear(4, 4) for _ in range(5))

    def forward(self, x: Float[Tensor, "batch 4"]) -> Float[Tensor, "batch 4"]:
        share, chosen = self.gate(x).softmax(dim=-1).topk(self.k, dim=-1)
        every = torch.stack([expert(x) for expert in self.experts], dim=1)
        return every.gather(1, chosen[..., None].expand(-1, -1, 4)).sum(dim=1) * share


LOOK_ALIKES: dict[str, Callable[[], tuple[Any, ...]]] = {
    "recall": lambda: (recall, torch.randn(8, 8), 1),
    "less the best": lambda: (less_the_best, torch.randn(5, 4)),
    "one hot": lambda: (one_hot_of_the_best, torch.randn(6, 4)),
    "beam search": lambda: (beam_step, torch.randn(1), torch.randn(1, 7)),
    "a lag": lambda: (later, torch.randn(6, 3)),
    "nearest neighbour": lambda: (nearest, torch.randn(6, 3)),
    "discounted gain": lambda: (discounted, torch.randn(4, 6)),
    "one expert": lambda: (Switch(), torch.randn(6, 4)),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_count_of_one_that_hides_nothing(tried: Tried, name: str) -> None:
    torch.manual_seed(0)
    assert tried(*LOOK_ALIKES[name]()) == []
