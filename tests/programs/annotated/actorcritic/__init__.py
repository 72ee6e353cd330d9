"""Advantage actor-critic over several environments that run side by side."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


class ActorCritic(nn.Module):
    def __init__(self, observations: int, actions: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(observations, 16), nn.Tanh())
        self.actor = nn.Linear(16, actions)
        self.critic = nn.Linear(16, 1)

    def forward(
        self, seen: Float[Tensor, "batch observation"]
    ) -> tuple[Float[Tensor, "batch action"], Float[Tensor, "batch"]]:
        x = self.body(seen)
        return self.actor(x), self.critic(x).squeeze(-1)


def discounted(
    rewards: Float[Tensor, "time env"], last: Float[Tensor, "env"], discount: float
) -> Float[Tensor, "time env"]:
    returns, following = [], last
    for step in range(rewards.size(0) - 1, -1, -1):
        following = rewards[step] + discount * following
        returns.append(following)
    return torch.stack(returns[::-1], dim=0)


def log_probability(
    logits: Float[Tensor, "batch action"], taken: Int[Tensor, "batch"]
) -> Float[Tensor, "batch"]:
    every = logits.log_softmax(dim=-1)
    return every.gather(1, taken.unsqueeze(1)).squeeze(1)


def policy_loss(
    log_probabilities: Float[Tensor, "batch"],
    values: Float[Tensor, "batch"],
    returns: Float[Tensor, "batch"],
) -> Float[Tensor, ""]:
    advantage = returns - values.detach()
    value_error = F.mse_loss(values, returns)
    return value_error - (log_probabilities * advantage).mean()


def discount_weights(
    rewards: Float[Tensor, "time env"], discount: float
) -> Float[Tensor, "time env"]:
    """The share of each reward in the return of the first step."""
    powers = discount ** torch.arange(rewards.size(0))
    return rewards * powers.unsqueeze(1)


def update(
    model: ActorCritic,
    seen: Float[Tensor, "time env observation"],
    taken: Int[Tensor, "time env"],
    rewards: Float[Tensor, "time env"],
) -> Float[Tensor, ""]:
    logits, values = model(seen.flatten(0, 1))
    returns = discounted(rewards, torch.zeros(rewards.size(1)), 0.9)
    chosen = log_probability(logits, taken.flatten())
    return policy_loss(chosen, values, returns.flatten())
