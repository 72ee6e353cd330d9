"""Graph convolution over small molecules, padded to the largest, and a masked readout."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn


def normalise(
    adjacency: Float[Tensor, "batch node node"],
) -> Float[Tensor, "batch node node"]:
    """Each row divided by its sum: a node takes the mean of its neighbours."""
    with_self = adjacency + torch.eye(adjacency.size(-1))
    degree = with_self.sum(dim=-1)
    return with_self / degree.unsqueeze(2)


class GraphConv(nn.Module):
    def __init__(self, features: int, out: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, out)

    def forward(
        self,
        nodes: Float[Tensor, "batch node feature"],
        adjacency: Float[Tensor, "batch node node"],
    ) -> Float[Tensor, "batch node out"]:
        gathered = torch.einsum("bij,bjf->bif", adjacency, nodes)
        return self.linear(gathered).relu()


def readout(
    nodes: Float[Tensor, "batch node feature"], real: Bool[Tensor, "batch node"]
) -> Float[Tensor, "batch feature"]:
    """The mean over the real nodes of each molecule."""
    total = (nodes * real.unsqueeze(-1)).sum(dim=1)
    return total / real.sum(dim=1).unsqueeze(-1)


class Molecules(nn.Module):
    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.first = GraphConv(features, hidden)
        self.second = GraphConv(hidden, hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(
        self,
        nodes: Float[Tensor, "batch node feature"],
        adjacency: Float[Tensor, "batch node node"],
        real: Bool[Tensor, "batch node"],
    ) -> Float[Tensor, "batch"]:
        weights = normalise(adjacency)
        x = self.second(self.first(nodes, weights), weights)
        return self.head(readout(x, real)).squeeze(-1)
