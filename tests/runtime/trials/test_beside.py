"""Samples side by side in time, `time env`: what mixes or counts them, and what may."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from shapecheck.core.finding import Finding, Severity

Found = Callable[..., list[Finding]]
Rewards = Float[Tensor, "time env"]
Ends = Float[Tensor, "env"]


def sums_to_go(rewards: Rewards, last: Ends) -> Rewards:
    carried, result = torch.zeros(4), []
    for now in rewards.flip(0).unbind(0):
        carried = now + 0.9 * carried
        result.append(carried)
    return torch.stack(result[::-1]) + last


def shifted(values: Rewards, last: Ends) -> Rewards:
    return torch.cat([values[:, 1:], values[:, :1]], dim=1) + last


def summed_over(rewards: Rewards, last: Ends) -> Rewards:
    return rewards.cumsum(dim=1) * last


@pytest.mark.parametrize(
    ("function", "slug", "words"),
    [
        (sums_to_go, "axis-size-fixed", "works for a `env` of 4 only"),
        (shifted, "batch-mixing", "`env` should be independent"),
    ],
)
def test_a_number_written_down_and_envs_that_mix(
    found: Found, function: Callable[..., Tensor], slug: str, words: str
) -> None:
    torch.manual_seed(0)
    (finding,) = found(function, torch.randn(6, 4), torch.randn(4))
    assert (finding.slug, finding.severity) == (slug, Severity.WARNING)
    assert words in finding.message


class Rollouts(nn.Module):
    """As many environments as it was made for: what it keeps of each is its own business."""

    def __init__(self, envs: int) -> None:
        super().__init__()
        self.envs = envs

    def forward(self, rewards: Rewards, done: Bool[Tensor, "time env"]) -> Rewards:
        carried, result = torch.zeros(self.envs), []
        for now, end in zip(rewards, done, strict=True):
            carried = torch.where(end, now, now + carried)
            result.append(carried)
        return torch.stack(result)


def leave_one_out(rewards: Rewards) -> Rewards:
    """Less what the others got on average (Kool et al. 2019)."""
    others = rewards.sum(dim=1, keepdim=True) - rewards
    return rewards - others / (rewards.size(1) - 1)


def advantages_normalised(gains: Rewards) -> Rewards:
    return (gains - gains.mean()) / (gains.std() + 1e-8)


def ranks(fitness: Rewards) -> Rewards:
    """Evolution strategies: the rank of each environment's return among all, at each step."""
    return fitness.argsort(dim=1).argsort(dim=1) / (fitness.size(1) - 1) - 0.5


def shuffled(seen: Float[Tensor, "time env feature"]) -> Float[Tensor, "time env feature"]:
    return seen[:, torch.randperm(seen.size(1))]


def corners(spots: Float[Tensor, "time env 4"]) -> Float[Tensor, "time env 4"]:
    """Four numbers for each box, as many as there are environments."""
    return spots * torch.tensor([1.0, 1.0, 0.5, 0.5]) + torch.zeros(4)


def chosen(logs: Float[Tensor, "time env act"], taken: Int[Tensor, "time env"]) -> Rewards:
    return logs.gather(2, taken.unsqueeze(2)).squeeze(2)


class Company(nn.Module):
    """At the last step, those in one world look at one another."""

    def __init__(self) -> None:
        super().__init__()
        self.attend = nn.MultiheadAttention(4, 2)

    def forward(self, x: Float[Tensor, "time world 4"]) -> Float[Tensor, "world 4"]:
        last = x[-1]
        return last + self.attend(last, last, last)[0]


LOOK_ALIKES: dict[str, Callable[[], tuple[Any, ...]]] = {
    "a size that is kept": lambda: (Rollouts(4), torch.randn(6, 4), torch.rand(6, 4) < 0.2),
    "leave one out": lambda: (leave_one_out, torch.randn(6, 4)),
    "normalised advantages": lambda: (advantages_normalised, torch.randn(6, 4)),
    "ranks": lambda: (ranks, torch.randn(6, 4)),
    "shuffled": lambda: (shuffled, torch.randn(6, 4, 3)),
    "four numbers of each": lambda: (corners, torch.randn(6, 4, 4)),
    "one action of each": lambda: (chosen, torch.randn(6, 4, 3), torch.randint(0, 3, (6, 4))),
    "looking at one another": lambda: (Company(), torch.randn(6, 5, 4)),
    "sums over the environments": lambda: (summed_over, torch.randn(6, 4), torch.randn(4)),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_what_is_compared_or_kept_on_purpose_is_left_alone(found: Found, name: str) -> None:
    torch.manual_seed(0)
    assert found(*LOOK_ALIKES[name]()) == []
