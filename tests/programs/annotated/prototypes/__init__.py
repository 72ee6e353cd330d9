"""Few-shot classification by distance to class prototypes."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


class Embedder(nn.Module):
    def __init__(self, features: int, embed: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(features, 16), nn.ReLU(), nn.Linear(16, embed))

    def forward(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch embed"]:
        return F.normalize(self.net(x), dim=-1)


def class_means(
    embedded: Float[Tensor, "batch embed"], labels: Int[Tensor, "batch"], classes: int
) -> Float[Tensor, "{classes} embed"]:
    member = F.one_hot(labels, classes).float()
    return (member.T @ embedded) / member.sum(dim=0).unsqueeze(1)


def distances(
    query: Float[Tensor, "query embed"], means: Float[Tensor, "way embed"]
) -> Float[Tensor, "query way"]:
    return (query[:, None] - means[None]).pow(2).sum(dim=-1)


def predict(
    query: Float[Tensor, "query embed"], means: Float[Tensor, "way embed"]
) -> Int[Tensor, "query"]:
    return distances(query, means).argmin(dim=1)


def margin_loss(
    anchor: Float[Tensor, "batch embed"],
    positive: Float[Tensor, "batch embed"],
    negative: Float[Tensor, "batch embed"],
    margin: float = 0.5,
) -> Float[Tensor, ""]:
    near = (anchor - positive).pow(2).sum(dim=-1)
    far = (anchor - negative).pow(2).sum(dim=-1)
    return (near - far + margin).relu().mean()


def soft_labels(
    query: Float[Tensor, "query embed"], means: Float[Tensor, "way embed"]
) -> Float[Tensor, "query way"]:
    """The probability of each class for each query."""
    nearness = -distances(query, means)
    return nearness.softmax(dim=1)
