"""Correct programs, the more suspicious the better: no trial of theirs breaks without an excuse."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from shapecheck.core.evidence import Skipped, Trial

Case = tuple[Any, ...]
CASES: dict[str, Callable[[], Case]] = {}


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    CASES[build.__name__] = build
    return build


def broken(found: list[Trial | Skipped]) -> list[Trial]:
    return [t for t in found if isinstance(t, Trial) and t.outcome == "broken" and not t.excuse]


class Net(nn.Module):
    """`forward` is `(batch, seq, feature) -> (batch, seq, out)` through whatever it is given."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Float[Tensor, "batch seq feature"]) -> Float[Tensor, "batch seq out"]:
        result = self.layer(x)
        return result[0] if isinstance(result, tuple) else result


class Flat(nn.Module):
    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch out"]:
        return self.layer(x)


class Picture(nn.Module):
    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Float[Tensor, "batch channel h w"]) -> Float[Tensor, "batch ..."]:
        return self.layer(x)


def data(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def old_weight_norm(layer: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return nn.utils.weight_norm(layer)


for layer in (nn.LSTM, nn.GRU, nn.RNN):
    for options in [
        {},
        {"bidirectional": True},
        {"num_layers": 2},
        {"num_layers": 2, "dropout": 0.5},
    ]:
        name = f"{layer.__name__} {options}"
        CASES[name] = lambda layer=layer, options=options: (
            Net(layer(3, 8, batch_first=True, **options)),
            data(4, 5, 3),
        )

for batch, seq, feature in [(1, 5, 3), (1, 1, 1), (4, 4, 4), (2, 3, 2), (33, 2, 3), (2, 1, 1)]:
    CASES[f"LSTM of sizes {batch} {seq} {feature}"] = lambda b=batch, s=seq, f=feature: (
        Net(nn.LSTM(f, f, batch_first=True)),
        data(b, s, f),
    )
    CASES[f"encoder of sizes {batch} {seq} {feature}"] = lambda b=batch, s=seq, f=feature: (
        Net(nn.TransformerEncoderLayer(f, 1, 8, batch_first=True)),
        data(b, s, f),
    )

for mode in ("train", "eval"):
    CASES[f"encoder stack, {mode}"] = lambda mode=mode: (
        Net(nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)).train(
            mode == "train"
        ),
        data(4, 5, 8),
    )
    CASES[f"dropout, {mode}"] = lambda mode=mode: (
        Net(nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, 2))).train(
            mode == "train"
        ),
        data(4, 5, 3),
    )
    CASES[f"BatchNorm1d, {mode}"] = lambda mode=mode: (
        Flat(nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))).train(
            mode == "train"
        ),
        data(4, 3),
    )
    CASES[f"BatchNorm2d, {mode}"] = lambda mode=mode: (
        Picture(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())).train(
            mode == "train"
        ),
        data(4, 3, 8, 8),
    )

CASES |= {
    "BatchNorm without running statistics": lambda: (
        Flat(nn.BatchNorm1d(3, track_running_stats=False)),
        data(4, 3),
    ),
    "BatchNorm, batch of one": lambda: (Picture(nn.BatchNorm2d(3)), data(1, 3, 4, 4)),
    "LayerNorm": lambda: (Net(nn.LayerNorm(3)), data(4, 5, 3)),
    "GroupNorm": lambda: (Picture(nn.GroupNorm(2, 4)), data(4, 4, 5, 5)),
    "InstanceNorm": lambda: (Picture(nn.InstanceNorm2d(4)), data(4, 4, 5, 5)),
    "Conv stack": lambda: (
        Picture(nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3, padding=1),
                              nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))),
        data(4, 3, 16, 16),
    ),
    "Linear on a column": lambda: (Flat(nn.Linear(1, 1)), data(4, 1)),
    "weight norm": lambda: (Flat(old_weight_norm(nn.Linear(3, 2))), data(4, 3)),
    "spectral norm": lambda: (Flat(nn.utils.spectral_norm(nn.Linear(3, 2))), data(4, 3)),
    "parametrized weight norm": lambda: (
        Flat(nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))),
        data(4, 3),
    ),
    "constant input": lambda: (Net(nn.LSTM(3, 4, batch_first=True)), torch.zeros(4, 5, 3)),
    "double precision": lambda: (
        Net(nn.GRU(3, 4, batch_first=True).double()),
        data(4, 5, 3).double(),
    ),
    "half precision": lambda: (Flat(nn.Linear(3, 4).bfloat16()), data(4, 3).bfloat16()),
}  # fmt: skip


class SelfAttention(nn.Module):
    """Written by hand: heads split and merged, a causal mask as a buffer."""

    def __init__(self, d: int = 8, heads: int = 2, most: int = 16) -> None:
        super().__init__()
        self.qkv, self.out, self.heads = nn.Linear(d, 3 * d), nn.Linear(d, d), heads
        self.register_buffer("mask", torch.tril(torch.ones(most, most))[None, None])

    def forward(self, x: Float[Tensor, "batch time d"]) -> Float[Tensor, "batch time d"]:
        B, T, D = x.shape
        q, k, v = (
            part.view(B, T, self.heads, D // self.heads).transpose(1, 2)
            for part in self.qkv(x).split(D, dim=2)
        )
        scores = q @ k.transpose(-2, -1) / math.sqrt(D // self.heads)
        scores = scores.masked_fill(self.mask[:, :, :T, :T] == 0, float("-inf"))
        y = scores.softmax(-1) @ v
        return self.out(y.transpose(1, 2).contiguous().view(B, T, D))


@case
def attention_by_hand() -> Case:
    return SelfAttention(), data(4, 5, 8)


@case
def attention_by_hand_with_batch_seq_and_feature_equal() -> Case:
    return SelfAttention(4, 2), data(4, 4, 4)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(
        self,
        q: Float[Tensor, "batch seq d"],
        k: Float[Tensor, "batch keys d"],
        padding: Bool[Tensor, "batch keys"],
    ) -> tuple[Float[Tensor, "batch seq d"], Float[Tensor, "batch seq keys"]]:
        return self.attention(q, k, k, key_padding_mask=padding)


def padding(batch: int, keys: int) -> Tensor:
    return torch.arange(keys) >= torch.arange(keys - 1, keys - 1 - batch, -1).clamp(1)[:, None]


@case
def attention_with_padding() -> Case:
    return Attention().eval(), data(4, 3, 8), data(4, 6, 8), padding(4, 6)


@case
def attention_with_fully_masked_rows() -> Case:
    mask = padding(4, 6)
    mask[2] = True
    return Attention(), data(4, 3, 8), data(4, 6, 8), mask


class PaddedEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)

    def forward(
        self, x: Float[Tensor, "batch seq d"], mask: Bool[Tensor, "batch seq"]
    ) -> Float[Tensor, "batch seq d"]:
        return self.encoder(x, src_key_padding_mask=mask)


@case
def encoder_with_padding() -> Case:
    return PaddedEncoder(), data(4, 6, 8), padding(4, 6)


@case
def encoder_with_padding_in_eval() -> Case:
    return PaddedEncoder().eval(), data(4, 6, 8), padding(4, 6)


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerDecoderLayer(8, 2, 16, batch_first=True)
        self.decoder = nn.TransformerDecoder(layer, 2)

    def forward(
        self, x: Float[Tensor, "batch tgt d"], memory: Float[Tensor, "batch src d"]
    ) -> Float[Tensor, "batch tgt d"]:
        mask = nn.Transformer.generate_square_subsequent_mask(x.size(1))
        return self.decoder(x, memory, tgt_mask=mask)


@case
def decoder() -> Case:
    return Decoder(), data(4, 3, 8), data(4, 5, 8)


class TimeFirst(nn.Module):
    """Everything in torch's own order (seq, batch, feature), rightly."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.attention = nn.LSTM(3, 8), nn.MultiheadAttention(8, 2)

    def forward(self, x: Float[Tensor, "seq batch feature"]) -> Float[Tensor, "seq batch hidden"]:
        out, _ = self.rnn(x)
        return self.attention(out, out, out)[0]


@case
def time_first() -> Case:
    return TimeFirst(), data(5, 4, 3)


class WithState(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.out = nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 1)

    def forward(
        self,
        x: Float[Tensor, "batch seq feature"],
        h: Float[Tensor, "layers batch hidden"],
        c: Float[Tensor, "layers batch hidden"],
    ) -> tuple[Float[Tensor, "batch seq 1"], Float[Tensor, "layers batch hidden"]]:
        out, (h, c) = self.rnn(x, (h, c))
        return self.out(out), h


@case
def state_of_zeros_passed() -> Case:
    return WithState(), data(4, 5, 3), torch.zeros(1, 4, 8), torch.zeros(1, 4, 8)


@case
def one_state_passed_twice() -> Case:
    zeros = torch.zeros(1, 1, 8)
    return WithState(), data(1, 5, 3), zeros, zeros


class KeepsState(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.h = nn.GRU(3, 8, batch_first=True), None

    def forward(self, x: Float[Tensor, "batch seq feature"]) -> Float[Tensor, "batch seq hidden"]:
        if self.h is None:
            self.h = torch.zeros(1, x.size(0), 8)
        out, self.h = self.rnn(x, self.h)
        return out


@case
def state_built_at_the_first_call() -> Case:
    return KeepsState(), data(4, 5, 3)


@case
def state_kept_from_an_earlier_call() -> Case:
    net = KeepsState()
    net(data(4, 5, 3))
    return net, data(4, 5, 3)


@case
def state_kept_for_one_sample() -> Case:
    net = KeepsState()
    net(data(1, 5, 3))
    return net, data(1, 5, 3)


class RandomState(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(3, 8, batch_first=True)

    def forward(self, x: Float[Tensor, "batch seq feature"]) -> Float[Tensor, "batch seq hidden"]:
        return self.rnn(x, torch.randn(1, x.size(0), 8))[0]


@case
def state_drawn_at_random() -> Case:
    return RandomState(), data(4, 5, 3)


class ChaoticRNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(3, 64, batch_first=True)
        with torch.no_grad():
            self.rnn.weight_hh_l0.normal_(0, 2)

    def forward(self, x: Float[Tensor, "batch seq feature"]) -> Float[Tensor, "batch seq hidden"]:
        return self.rnn(x)[0]


@case
def chaos() -> Case:
    return ChaoticRNN(), data(7, 60, 3)


class VAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc, self.dec = nn.Linear(6, 4), nn.Linear(2, 6)

    def forward(
        self, x: Float[Tensor, "batch d"]
    ) -> tuple[Float[Tensor, "batch d"], Float[Tensor, "batch z"], Float[Tensor, "batch z"]]:
        mean, logvar = self.enc(x).chunk(2, dim=-1)
        z = mean + torch.randn_like(mean) * (logvar / 2).exp()
        return self.dec(z), mean, logvar


@case
def vae() -> Case:
    return VAE(), data(4, 6)


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.rnn = nn.Embedding(11, 8), nn.LSTM(8, 8, batch_first=True)
        self.out = nn.Linear(8, 11, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, tokens: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch seq vocab"]:
        return self.out(self.rnn(self.embed(tokens))[0])


@case
def tied_weights() -> Case:
    return Tied(), torch.arange(20).view(4, 5) % 11


class Packed(nn.Module):
    def __init__(self, enforce_sorted: bool) -> None:
        super().__init__()
        self.rnn, self.enforce = nn.LSTM(3, 8, batch_first=True), enforce_sorted

    def forward(
        self, x: Float[Tensor, "batch seq feature"], lengths: Int[Tensor, "batch"]
    ) -> tuple[Float[Tensor, "batch seq hidden"], Float[Tensor, "batch hidden"]]:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=self.enforce)
        out, (h, _) = self.rnn(packed)
        return pad_packed_sequence(out, batch_first=True, total_length=x.size(1))[0], h[-1]


@case
def packed_sorted() -> Case:
    return Packed(True), data(4, 6, 3), torch.tensor([6, 4, 4, 2])


@case
def packed_unsorted() -> Case:
    return Packed(False), data(5, 6, 3), torch.tensor([2, 6, 3, 1, 4])


class TakesPacked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 8)

    def forward(
        self, x: PackedSequence, h: Float[Tensor, "1 batch hidden"]
    ) -> Float[Tensor, "1 batch hidden"]:
        return self.rnn(x, h)[1]


@case
def packed_argument() -> Case:
    packed = pack_padded_sequence(data(4, 6, 3), torch.tensor([6, 4, 4, 2]), batch_first=True)
    return TakesPacked(), packed, data(1, 4, 8)


def trimmed(
    x: Float[Tensor, "batch seq d"], lengths: Int[Tensor, "batch"]
) -> Float[Tensor, "batch most d"]:
    return x[:, : int(lengths.max())] * 2


@case
def trimmed_to_the_longest() -> Case:
    return trimmed, data(4, 6, 3), torch.tensor([2, 5, 3, 1])


def cross_entropy_none(
    scores: Float[Tensor, "batch classes"], target: Int[Tensor, "batch"]
) -> Float[Tensor, "batch"]:
    return F.cross_entropy(scores, target, reduction="none")


def cross_entropy_mean(
    scores: Float[Tensor, "batch classes"], target: Int[Tensor, "batch"]
) -> Float[Tensor, ""]:
    return F.cross_entropy(scores, target)


def squared_sum(a: Float[Tensor, "batch d"], b: Float[Tensor, "batch d"]) -> Float[Tensor, ""]:
    return F.mse_loss(a, b, reduction="sum")


def squared_none(
    a: Float[Tensor, "batch d"], b: Float[Tensor, "batch d"]
) -> Float[Tensor, "batch d"]:
    return F.mse_loss(a, b, reduction="none")


for loss, inputs in [
    (cross_entropy_none, lambda: (data(4, 3), torch.tensor([0, 2, 1, 1]))),
    (cross_entropy_mean, lambda: (data(4, 3), torch.tensor([0, 2, 1, 1]))),
    (squared_sum, lambda: (data(4, 3), data(4, 3) + 1)),
    (squared_none, lambda: (data(4, 3), data(4, 3) + 1)),
]:
    CASES[loss.__name__] = lambda loss=loss, inputs=inputs: (loss, *inputs())


def beam_step(
    scores: Float[Tensor, "batch beam"], logits: Float[Tensor, "batch beam vocab"]
) -> tuple[Float[Tensor, "batch beam"], Int[Tensor, "batch beam"], Int[Tensor, "batch beam"]]:
    total = scores[:, :, None] + logits.log_softmax(-1)
    best, at = total.flatten(1).topk(scores.size(1), dim=1)
    return best, at // logits.size(2), at % logits.size(2)


@case
def beam_search_step() -> Case:
    return beam_step, data(4, 3), data(4, 3, 7)


def assign(
    points: Float[Tensor, "samples d"], centres: Float[Tensor, "k d"]
) -> Int[Tensor, "samples"]:
    return torch.cdist(points, centres).argmin(1)


def k_means(points: Float[Tensor, "samples d"]) -> Int[Tensor, "samples"]:
    centres = points[:3].clone()
    for _ in range(4):
        labels = torch.cdist(points, centres).argmin(1)
        centres = torch.stack([points[labels == j].mean(0) for j in range(3)])
    return labels


@case
def k_means_assignment() -> Case:
    return assign, data(9, 2), data(3, 2)


@case
def k_means_in_full() -> Case:
    return k_means, data(9, 2)


def standardise(x: Float[Tensor, "samples d"]) -> Float[Tensor, "samples d"]:
    return (x - x.mean(0)) / (x.std(0) + 1e-6)


def min_max(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    low, high = x.min(dim=0).values, x.max(dim=0).values
    return (x - low) / (high - low)


def centre(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x - x.mean(dim=0, keepdim=True)


@case
def standardising() -> Case:
    return standardise, data(9, 2)


@case
def min_max_scaling() -> Case:
    return min_max, data(9, 2)


@case
def centring() -> Case:
    return centre, data(9, 2)


def nearest(
    queries: Float[Tensor, "batch d"], keys: Float[Tensor, "n d"], values: Float[Tensor, "n"]
) -> Float[Tensor, "batch"]:
    near = torch.cdist(queries, keys).topk(2, largest=False).indices
    return values[near].mean(1)


def smooth(x: Float[Tensor, "samples d"], y: Float[Tensor, "samples"]) -> Float[Tensor, "samples"]:
    return (-torch.cdist(x, x)).softmax(1) @ y


def minibatch_features(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d+1"]:
    apart = (x.unsqueeze(0) - x.unsqueeze(1)).abs().sum(2)
    return torch.cat([x, (-apart).exp().sum(1, keepdim=True)], 1)


def similarities(
    a: Float[Tensor, "batch d"], b: Float[Tensor, "batch d"]
) -> Float[Tensor, "batch batch"]:
    return F.normalize(a, dim=1) @ F.normalize(b, dim=1).T


def clip_loss(a: Float[Tensor, "batch d"], b: Float[Tensor, "batch d"]) -> Float[Tensor, ""]:
    logits = similarities(a, b) / 0.07
    target = torch.arange(len(a))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def in_batch_nll(
    a: Float[Tensor, "batch d"], b: Float[Tensor, "batch d"]
) -> Float[Tensor, "batch"]:
    return F.cross_entropy(a @ b.T, torch.arange(len(a)), reduction="none")


CASES |= {
    "nearest neighbours": lambda: (nearest, data(4, 2), data(6, 2), data(6)),
    "kernel smoothing": lambda: (smooth, data(6, 2), data(6)),
    "minibatch discrimination": lambda: (minibatch_features, data(4, 2)),
    "pairwise similarities": lambda: (similarities, data(4, 3), data(4, 3) + 1),
    "CLIP loss": lambda: (clip_loss, data(4, 3), data(4, 3) + 1),
    "in-batch negatives, each loss": lambda: (in_batch_nll, data(4, 3), data(4, 3) + 1),
}


class GCN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 4)

    def forward(
        self, x: Float[Tensor, "N F"], adjacency: Float[Tensor, "N N"]
    ) -> Float[Tensor, "N out"]:
        return torch.relu(self.linear(adjacency @ x))


class EdgeGCN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 4)

    def forward(self, x: Float[Tensor, "N F"], edges: Int[Tensor, "2 E"]) -> Float[Tensor, "N out"]:
        out = torch.zeros(x.size(0), 4)
        return out.index_add(0, edges[1], self.linear(x)[edges[0]])


class NodeSum(nn.Module):
    def forward(self, x: Float[Tensor, "nodes F"]) -> Float[Tensor, "nodes F"]:
        return x + x.sum(0)


@case
def graph_convolution() -> Case:
    return GCN(), data(5, 3), torch.eye(5) + torch.eye(5).roll(1, 0)


@case
def graph_convolution_over_edges() -> Case:
    return EdgeGCN(), data(5, 3), torch.tensor([[0, 1, 2, 3], [1, 2, 3, 4]])


@case
def deep_sets_over_nodes() -> Case:
    return NodeSum(), data(5, 3)


class Experts(nn.Module):
    """Top-1 routing: how many rows an expert gets depends on the other samples."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(8, 3)
        self.experts = nn.ModuleList(nn.Linear(8, 64) for _ in range(3))

    def forward(self, x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch out"]:
        weight, which = self.gate(x).softmax(-1).max(-1)
        out = x.new_zeros(x.size(0), 64)
        for i, expert in enumerate(self.experts):
            rows = which == i
            out[rows] = expert(x[rows])
        return out * weight[:, None]


class SoftExperts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(8, 3)
        self.experts = nn.ModuleList(nn.Linear(8, 5) for _ in range(3))

    def forward(self, x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch out"]:
        weights = self.gate(x).softmax(1)
        outs = torch.stack([expert(x) for expert in self.experts], 1)
        return (weights[..., None] * outs).sum(1)


@case
def experts_by_routing() -> Case:
    return Experts(), data(33, 8)


@case
def experts_weighted() -> Case:
    return SoftExperts(), data(4, 8)


def until_settled(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    """Fixed-point iteration until every sample is close: the others decide how long it runs."""
    y = x
    while y.abs().max() > 1:
        y = y / 2
    return y


def clipped_if_large(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x.clamp(-1, 1) if x.abs().max() > 2 else x


ONE_LARGE = torch.tensor([[5.0, 1.0], [0.3, 1.7], [0.1, -1.2], [1.5, 0.2]])


def poisson(rate: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return torch.poisson(rate.abs() * 20)


def noise_where(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    y = x.clone()
    low = y < 0
    y[low] = torch.randn(int(low.sum()))
    return y


def mixup(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return 0.7 * x + 0.3 * x[torch.randperm(x.size(0))]


def last_valid(
    out: Float[Tensor, "batch seq d"], lengths: Int[Tensor, "batch"]
) -> Float[Tensor, "batch d"]:
    return out[torch.arange(out.size(0)), lengths - 1]


def one_hot(labels: Int[Tensor, "batch"]) -> Int[Tensor, "batch 5"]:
    return F.one_hot(labels, 5)


def least_squares(
    x: Float[Tensor, "samples d"], y: Float[Tensor, "samples 1"]
) -> Float[Tensor, "samples 1"]:
    return x @ torch.linalg.lstsq(x, y).solution


CASES |= {
    "fixed point": lambda: (until_settled, ONE_LARGE),
    "a branch on all the data": lambda: (clipped_if_large, ONE_LARGE),
    "Poisson noise": lambda: (poisson, data(6, 3)),
    "noise where a mask says": lambda: (noise_where, data(6, 3)),
    "mixup": lambda: (mixup, data(6, 3)),
    "last valid step": lambda: (last_valid, data(4, 5, 2), torch.tensor([5, 2, 3, 1])),
    "one hot": lambda: (one_hot, torch.tensor([0, 3, 4, 2])),
    "least squares": lambda: (least_squares, data(6, 2), data(6, 1)),
}


class Positions(nn.Module):
    """Learned positions added along time, batch == time."""

    def __init__(self) -> None:
        super().__init__()
        self.position = nn.Parameter(torch.randn(4, 3))
        self.register_buffer("sinus", torch.randn(1, 4, 3))

    def forward(self, x: Float[Tensor, "batch time d"]) -> Float[Tensor, "batch time d"]:
        return x + self.position[: x.size(1)] + self.sinus[:, : x.size(1)]


class Patches(nn.Module):
    """A vision transformer's way in: patches cut out, a class token put before them."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = nn.Conv2d(3, 8, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, 8))

    def forward(self, x: Float[Tensor, "batch 3 h w"]) -> Float[Tensor, "batch patches 8"]:
        patches = self.cut(x).flatten(2).transpose(1, 2)
        return torch.cat([self.token.expand(x.size(0), -1, -1), patches], 1)


class Shuffle(nn.Module):
    def forward(self, x: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch c h w"]:
        b, c, h, w = x.shape
        return x.view(b, 2, c // 2, h, w).transpose(1, 2).reshape(b, c, h, w)


class Frames(nn.Module):
    """Frames of a video put into the batch for a convolution, and taken out again."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x: Float[Tensor, "batch time 3 h w"]) -> Float[Tensor, "batch time 4 h w"]:
        y = self.conv(x.flatten(0, 1))
        return y.unflatten(0, x.shape[:2])


class Seq2Seq(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc, self.dec = nn.GRU(3, 8, batch_first=True), nn.GRUCell(3, 8)
        self.out = nn.Linear(8, 3)

    def forward(
        self, x: Float[Tensor, "batch src 3"], steps: int
    ) -> Float[Tensor, "batch steps 3"]:
        h = self.enc(x)[1][-1]
        y, ys = x.new_zeros(x.size(0), 3), []
        for _ in range(steps):
            h = self.dec(y, h)
            y = self.out(h)
            ys.append(y)
        return torch.stack(ys, 1)


CASES |= {
    "positions where batch equals time": lambda: (Positions(), data(4, 4, 3)),
    "patches and a class token": lambda: (Patches(), data(4, 3, 8, 8)),
    "channel shuffle": lambda: (Shuffle(), data(4, 4, 2, 2)),
    "pixel shuffle": lambda: (Picture(nn.PixelShuffle(2)), data(4, 8, 3, 3)),
    "frames in the batch": lambda: (Frames(), data(2, 3, 3, 4, 4)),
    "sequence to sequence": lambda: (Seq2Seq(), data(4, 5, 3), 4),
}


def given_size(x: Float[Tensor, "batch d"], batch_size: int) -> Float[Tensor, "batch 1 d"]:
    return x.view(batch_size, 1, -1)


def one_more(x: Float[Tensor, "batch d"], how_many: int) -> Float[Tensor, "batch d"]:
    return x.view(how_many, -1)


def guarded(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    assert x.size(0) == 4
    return x


class Unflattens(nn.Module):
    """MNIST's sizes are written down, as they are in every tutorial."""

    def forward(self, x: Float[Tensor, "batch h w"]) -> Float[Tensor, "batch pixels"]:
        return x.reshape(-1, 6 * 7)


class OneRowForEach(nn.Module):
    """A learned row for each sample of a fixed set: the batch is fixed by weights."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.Parameter(torch.randn(5, 1, 3))

    def forward(self, x: Float[Tensor, "batch seq d"]) -> Float[Tensor, "batch longer d"]:
        return torch.cat([self.rows.expand(5, -1, -1), x], dim=1)


def five_classes(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch 5"]:
    """Five classes and a batch of five; then a product that only fits the features."""
    return (x @ torch.eye(3, 5)).expand(-1, 5)


class PadsToMost(nn.Module):
    def forward(self, x: Float[Tensor, "batch time d"]) -> Float[Tensor, "batch most d"]:
        return F.pad(x, (0, 0, 0, 12 - x.size(1)))


CASES |= {
    "a batch size given": lambda: (given_size, data(4, 3), 4),
    "a size given by another name": lambda: (one_more, data(4, 3), 4),
    "an assertion on the batch": lambda: (guarded, data(4, 3)),
    "picture sizes written down": lambda: (Unflattens(), data(4, 6, 7)),
    "a learned row for each": lambda: (OneRowForEach(), data(5, 4, 3)),
    "as many classes as samples": lambda: (five_classes, data(5, 3)),
    "padding to the longest": lambda: (PadsToMost(), data(4, 6, 3)),
}


@pytest.mark.parametrize("name", CASES)
def test_no_alarm(name: str, probe: Callable[..., list[Trial | Skipped]]) -> None:
    torch.manual_seed(0)
    found = probe(*CASES[name]())
    assert found
    assert broken(found) == []
    failures = [t.reason for t in found if isinstance(t, Skipped) and "shapecheck" in t.reason]
    assert failures == []


@pytest.mark.parametrize(
    "name",
    [n for n in CASES if not n.startswith(("noise", "Poisson", "packed_arg"))],
)
def test_it_was_really_tried(name: str, probe: Callable[..., list[Trial | Skipped]]) -> None:
    torch.manual_seed(0)
    found = probe(*CASES[name]())
    assert [t for t in found if isinstance(t, Trial) and t.outcome in ("held", "broken", "fixed")]
