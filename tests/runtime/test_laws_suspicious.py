"""Annotated functions that look wrong and are right: no finding above a note, whatever judges."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Severity
from shapecheck.runtime.guard import Guard

Case = tuple[Any, ...]
CASES: dict[str, Callable[[], Case]] = {}


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    CASES[build.__name__] = build
    return build


# Graphs


def random_walk(adjacency: Float[Tensor, "node node"]) -> Float[Tensor, "node node"]:
    """Columns divided by degrees: A D⁻¹."""
    return adjacency / adjacency.sum(dim=1).clamp(min=1)[None, :]


def symmetric_norm(adjacency: Float[Tensor, "batch node node"]) -> Float[Tensor, "batch node node"]:
    scale = adjacency.sum(dim=-1).clamp(min=1).rsqrt()
    return scale.unsqueeze(-1) * adjacency * scale.unsqueeze(-2)


def graph_attention(
    x: Float[Tensor, "node feature"], adjacency: Bool[Tensor, "node node"]
) -> Float[Tensor, "node feature"]:
    left, right = x.sum(dim=1), x.prod(dim=1)
    scores = F.leaky_relu(left[:, None] + right[None, :])
    return scores.masked_fill(~adjacency, -1e9).softmax(dim=1) @ x


@case
def graph_walk() -> Case:
    directed = torch.rand(5, 5) > 0.4  # an edge of the graph counts for both its ends
    return random_walk, (directed | directed.T).float()


@case
def graph_norm() -> Case:
    return symmetric_norm, (torch.rand(5, 5, 5) > 0.4).float()


@case
def graph_heads() -> Case:
    return graph_attention, torch.randn(4, 4), torch.rand(4, 4) > 0.3


# Clusters and statistics


def k_means_step(
    x: Float[Tensor, "sample feature"], centres: Float[Tensor, "cluster feature"]
) -> tuple[Float[Tensor, "cluster feature"], Int[Tensor, "sample"]]:
    nearest = torch.cdist(x, centres).argmin(dim=1)
    member = F.one_hot(nearest, len(centres)).to(x)
    return (member.T @ x) / member.sum(dim=0).clamp(min=1)[:, None], nearest


def mixture_step(
    x: Float[Tensor, "sample feature"], centres: Float[Tensor, "cluster feature"]
) -> Float[Tensor, "cluster feature"]:
    """Soft assignments: normalised over clusters, summed over samples."""
    share = (-torch.cdist(x, centres)).softmax(dim=1)
    return (share.T @ x) / share.sum(dim=0)[:, None]


def whitened(x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch feature"]:
    centred = x - x.mean(dim=0)
    values, vectors = torch.linalg.eigh(centred.T @ centred / (len(x) - 1))
    return centred @ vectors / (values.clamp(min=1e-6)).sqrt()


def less_the_mean_picture(
    images: Float[Tensor, "batch channel height width"],
) -> Float[Tensor, "batch channel height width"]:
    return (images - images.mean(dim=0)) / images.std()


def channel_units(
    images: Float[Tensor, "batch channel height width"],
) -> Float[Tensor, "batch channel height width"]:
    mean = images.mean(dim=(0, 2, 3), keepdim=True)
    return (images - mean) / images.std(dim=(0, 2, 3), keepdim=True)


def group_advantage(rewards: Float[Tensor, "batch sample"]) -> Float[Tensor, "batch sample"]:
    mean, spread = rewards.mean(dim=1, keepdim=True), rewards.std(dim=1, keepdim=True)
    return (rewards - mean) / (spread + 1e-6)


@case
def clusters() -> Case:
    return k_means_step, torch.randn(4, 4), torch.randn(4, 4)


@case
def soft_clusters() -> Case:
    return mixture_step, torch.randn(5, 5), torch.randn(5, 5)


@case
def whitening() -> Case:
    return whitened, torch.randn(6, 3)


@case
def mean_picture() -> Case:
    return less_the_mean_picture, torch.randn(4, 3, 4, 4)


@case
def units_of_a_channel() -> Case:
    return channel_units, torch.randn(4, 4, 4, 4)


@case
def advantages_of_a_group() -> Case:
    return group_advantage, torch.randn(4, 4)


# Contrasts


def nt_xent(first: Float[Tensor, "batch d"], second: Float[Tensor, "batch d"]) -> Float[Tensor, ""]:
    """SimCLR: each view's partner among all others."""
    both = F.normalize(torch.cat([first, second]), dim=1)
    scores = (both @ both.T / 0.5).masked_fill(torch.eye(len(both), dtype=torch.bool), -1e9)
    n = len(first)
    return F.cross_entropy(scores, torch.cat([torch.arange(n, 2 * n), torch.arange(n)]))


def neighbouring_views(x: Float[Tensor, "view d"]) -> Float[Tensor, ""]:
    """Views 2i and 2i + 1 show the same thing."""
    return -F.cosine_similarity(x[0::2], x[1::2]).mean()


def triplets(
    anchor: Float[Tensor, "batch d"], positive: Float[Tensor, "batch d"]
) -> Float[Tensor, ""]:
    """The hardest negative of the batch for each anchor."""
    apart = torch.cdist(anchor, positive)
    near = apart.diagonal()
    far = (apart + torch.eye(len(anchor)) * 1e6).min(dim=1).values
    return (near - far + 1).relu().mean()


def mixed_up(
    x: Float[Tensor, "batch d"], y: Float[Tensor, "batch label"], order: Int[Tensor, "batch"]
) -> Float[Tensor, ""]:
    return ((0.7 * x + 0.3 * x[order]).sum(1) * (0.7 * y + 0.3 * y[order]).sum(1)).mean()


def cox_loss(risk: Float[Tensor, "batch"], died: Bool[Tensor, "batch"]) -> Float[Tensor, ""]:
    """Sorted by time: whoever comes later is still at risk."""
    at_risk = risk.flip(0).logcumsumexp(dim=0).flip(0)
    return -((risk - at_risk) * died).sum() / died.sum().clamp(min=1)


def supervised(
    x: Float[Tensor, "sample d"], labels: Int[Tensor, " sample"]
) -> Float[Tensor, " sample"]:
    """Samples of one label are friends: a column meets its row, without a word but the view."""
    own = torch.eye(len(x), dtype=torch.bool)
    x = F.normalize(x, dim=1)
    logs = (x @ x.T / 0.2).masked_fill(own, -1e9).log_softmax(dim=1)
    friends = (labels.view(-1, 1) == labels) & ~own
    return -(logs * friends).sum(dim=1) / friends.sum(dim=1).clamp(min=1)


@case
def friends_of_a_label() -> Case:
    return supervised, torch.randn(6, 6), torch.tensor([0, 0, 1, 1, 2, 2])


@case
def two_views() -> Case:
    return nt_xent, torch.randn(4, 4), torch.randn(4, 4)


@case
def interleaved_views() -> Case:
    return neighbouring_views, torch.randn(6, 3)


@case
def hardest_triplets() -> Case:
    return triplets, torch.randn(5, 5), torch.randn(5, 5)


@case
def mixup() -> Case:
    return mixed_up, torch.randn(4, 4), torch.rand(4, 4), torch.tensor([2, 0, 3, 1])


@case
def survival() -> Case:
    return cox_loss, torch.randn(6), torch.tensor([True, False, True, True, False, True])


# Sequences


class BeamSearch(nn.Module):
    """Beams lie in the batch; the best of all beams and words of a sentence go on."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(6, 7)

    def forward(
        self, state: Float[Tensor, "batch beam 6"], score: Float[Tensor, "batch beam"]
    ) -> tuple[Float[Tensor, "batch beam 6"], Float[Tensor, "batch beam"]]:
        batch, beam, width = state.shape
        words = self.out(state.reshape(batch * beam, width)).log_softmax(dim=-1)
        total = (words + score.reshape(-1, 1)).view(batch, beam * 7)
        best, index = total.topk(beam, dim=1)
        parent = (index // 7).unsqueeze(-1).expand(-1, -1, width)
        return state.gather(1, parent), best


def alignment_scores(
    words: Float[Tensor, "batch text d"], sound: Float[Tensor, "batch frame d"]
) -> Float[Tensor, "batch"]:
    """Dynamic programming over all monotone alignments, as CTC does."""
    cost = torch.cdist(words, sound)
    row = cost[:, 0].cumsum(dim=1)
    for i in range(1, cost.size(1)):
        fresh = [row[:, 0] + cost[:, i, 0]]
        for j in range(1, cost.size(2)):
            before = torch.stack([row[:, j], row[:, j - 1], fresh[-1]]).amin(dim=0)
            fresh.append(before + cost[:, i, j])
        row = torch.stack(fresh, dim=1)
    return row[:, -1]


class TeacherForcing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.cell, self.out = nn.Embedding(9, 4), nn.GRUCell(4, 4), nn.Linear(4, 9)

    def forward(
        self, target: Int[Tensor, "batch seq"], state: Float[Tensor, "batch hidden"]
    ) -> Float[Tensor, ""]:
        shifted = F.pad(target[:, :-1], (1, 0))
        logits = []
        for word in shifted.unbind(dim=1):
            state = self.cell(self.embed(word), state)
            logits.append(self.out(state))
        stacked = torch.stack(logits, dim=1)
        return F.cross_entropy(stacked.transpose(1, 2), target)


def rewards_to_go(rewards: Float[Tensor, "batch time"]) -> Float[Tensor, "batch time"]:
    return rewards.flip(1).cumsum(dim=1).flip(1)


class BackwardLanguageModel(nn.Module):
    """Sees what follows, as one half of a bidirectional model does."""

    def forward(self, x: Float[Tensor, "batch time d"]) -> Float[Tensor, "batch time d"]:
        future = torch.ones(x.size(1), x.size(1), dtype=torch.bool).triu()
        scores = x @ x.transpose(1, 2) / math.sqrt(x.size(2))
        return scores.masked_fill(~future, -1e9).softmax(dim=-1) @ x


class CausalAttention(nn.Module):
    """Causal when it is told to be."""

    def __init__(self, causal: bool) -> None:
        super().__init__()
        self.causal = causal

    def forward(self, x: Float[Tensor, "batch seq d"]) -> Float[Tensor, "batch seq d"]:
        return F.scaled_dot_product_attention(x, x, x, is_causal=self.causal)


class MaskedBothWays(nn.Module):
    """Padding is hidden among the keys, and among the queries too."""

    def forward(
        self, x: Float[Tensor, "batch seq d"], real: Bool[Tensor, "batch seq"]
    ) -> Float[Tensor, "batch seq d"]:
        scores = x @ x.transpose(1, 2)
        scores = scores.masked_fill(~real[:, None, :], -1e9)
        return scores.masked_fill(~real[:, :, None], -1e9).softmax(dim=-1) @ x


def token_weights(
    loss: Float[Tensor, "batch seq"], weight: Float[Tensor, "batch"]
) -> Float[Tensor, ""]:
    return (loss.flatten() * weight.repeat_interleave(loss.size(1))).mean()


def flat_offsets(
    index: Int[Tensor, "batch k"], table: Float[Tensor, "batch n"]
) -> Float[Tensor, "batch k"]:
    """Rows of one long table: the place in the batch is part of the index."""
    offset = torch.arange(index.size(0))[:, None] * table.size(1)
    return table.flatten()[index + offset]


class Chain(nn.Module):
    """A conditional random field: all pairs of tags meet at each step."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.randn(tags))
        self.moves = nn.Parameter(torch.randn(tags, tags))

    def forward(self, emissions: Float[Tensor, "batch time tag"]) -> Float[Tensor, "batch"]:
        total = self.first + emissions[:, 0]
        for t in range(1, emissions.size(1)):
            paths = total.unsqueeze(2) + self.moves + emissions[:, t].unsqueeze(1)
            total = paths.logsumexp(dim=1)
        return total.logsumexp(dim=1)


class ChainOfStates(Chain):
    """The same, whose author calls the sizes of the table by another word than the data's axis."""

    def __init__(self, states: int) -> None:
        super().__init__(states)
        self.first = nn.Parameter(torch.randn(states))
        self.moves = nn.Parameter(torch.randn(states, states))


class Mixer(nn.Module):
    """Layers made for positions and layers made for channels, as many of both."""

    def __init__(self, tokens: int, channels: int) -> None:
        super().__init__()
        self.across, self.along = nn.Linear(tokens, tokens), nn.Linear(channels, channels)
        self.gain = nn.Parameter(torch.ones(tokens))

    def forward(self, x: Float[Tensor, "batch token channel"]) -> Float[Tensor, "batch channel"]:
        x = x + self.across(x.transpose(1, 2)).transpose(1, 2) * self.gain[:, None]
        return (x + self.along(x)).mean(dim=1)


REAL = torch.tensor([[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]], dtype=torch.bool)

CASES |= {
    "beam search": lambda: (BeamSearch(), torch.randn(3, 3, 6), torch.randn(3, 3)),
    "alignments": lambda: (alignment_scores, torch.randn(4, 4, 3), torch.randn(4, 4, 3)),
    "a chain of tags": lambda: (Chain(4), torch.randn(3, 5, 4)),
    "a chain of states": lambda: (ChainOfStates(4), torch.randn(3, 5, 4)),
    "a mixer": lambda: (Mixer(4, 4), torch.randn(4, 4, 4)),
    "teacher forcing": lambda: (TeacherForcing(), torch.randint(0, 9, (4, 4)), torch.randn(4, 4)),
    "rewards to go": lambda: (rewards_to_go, torch.randn(5, 5)),
    "a backward model": lambda: (BackwardLanguageModel(), torch.randn(4, 4, 3)),
    "causal": lambda: (CausalAttention(True), torch.randn(4, 4, 3)),
    "causal, turned off": lambda: (CausalAttention(False), torch.randn(4, 4, 3)),
    "masked both ways": lambda: (MaskedBothWays(), torch.randn(4, 4, 3), REAL),
    "a weight for each sample": lambda: (token_weights, torch.rand(4, 4), torch.rand(4)),
    "offsets of rows": lambda: (flat_offsets, torch.randint(0, 4, (4, 4)), torch.randn(4, 4)),
}


class Social(nn.Module):
    """Where each one goes next, who looks at all others: tracks of one scene are no samples."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.GRU(2, 8, batch_first=True)
        self.meet = nn.MultiheadAttention(8, 2)
        self.out = nn.Linear(8, 2)

    def forward(self, x: Float[Tensor, "track step 2"]) -> Float[Tensor, "track 2"]:
        state = self.read(x)[1][0]
        looked: Tensor = self.out(state + self.meet(state, state, state)[0])
        return looked


@case
def tracks_of_a_scene() -> Case:
    return Social(), torch.randn(5, 7, 2)


def ranks(scores: Float[Tensor, "question answer"]) -> Int[Tensor, "question"]:
    """Question k and answer k are a pair, of which the diagonal holds the score."""
    return (scores > scores.diagonal()[:, None]).sum(dim=1) + 1


def edges(features: Float[Tensor, "N d"], near: Int[Tensor, "N k"]) -> Float[Tensor, "N k d"]:
    """Points beside their neighbours: `near` holds numbers of points."""
    return features[near] - features[:, None]


class Wide(nn.Module):
    """The width of a net is no width of a picture, though both are 4."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, 3, padding=1)
        self.next = nn.Conv2d(width, channels, 3, padding=1)

    def forward(
        self, x: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch channel height width"]:
        return x + torch.as_tensor(self.next(self.first(x)))


CASES |= {
    "a wide net": lambda: (Wide(3, 4), torch.randn(5, 3, 4, 4)),
    "ranks of pairs": lambda: (ranks, torch.randn(6, 6)),
    "edges of points": lambda: (edges, torch.randn(8, 3), torch.randint(0, 8, (8, 2))),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_found(name: str) -> None:
    torch.manual_seed(0)
    target, *given = CASES[name]()
    guard = Guard(explain)
    laws = Laws(guard)
    if isinstance(target, nn.Module):
        function, given = type(target).forward, [target, *given]
    else:
        function = target
    guard.checked(function)(*given)
    found = laws.conclude()
    assert [f for f in found if f.severity is not Severity.NOTE] == []
    assert laws.trials, [skipped.reason for skipped in laws.skipped]
