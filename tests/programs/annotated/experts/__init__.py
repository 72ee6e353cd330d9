"""A mixture of experts with a soft gate, and the loss that keeps the experts busy."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Experts(nn.Module):
    def __init__(self, features: int, out: int, experts: int) -> None:
        super().__init__()
        self.gate = nn.Linear(features, experts)
        self.experts = nn.ModuleList(nn.Linear(features, out) for _ in range(experts))

    def weights(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch expert"]:
        return self.gate(x).softmax(dim=-1)

    def forward(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch out"]:
        answers = torch.stack([expert(x) for expert in self.experts], dim=1)
        return torch.einsum("be,beo->bo", self.weights(x), answers)


def load(weights: Float[Tensor, "batch expert"]) -> Float[Tensor, "expert"]:
    """The share of the batch that each expert serves."""
    return weights.mean(dim=0)


def balance_loss(weights: Float[Tensor, "batch expert"]) -> Float[Tensor, ""]:
    share = load(weights)
    return (share * share.clamp(min=1e-9).log()).sum()


def residual_error(
    predicted: Float[Tensor, "batch out"],
    target: Float[Tensor, "batch out"],
    certainty: Float[Tensor, "batch"],
) -> Float[Tensor, ""]:
    """The error of each sample weighted by how certain its label is."""
    error = (predicted - target).pow(2).mean(dim=1)
    return (certainty * error).sum() / certainty.sum()
