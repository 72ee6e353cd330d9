"""Sums so far along what an annotation calls by a word for samples, beside what is time."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

TOKENS = (torch.randn(6, 5, 9), torch.randint(0, 9, (6, 5)))
Paths = Float[Tensor, "series time"]


def wealth(gains: Paths) -> Paths:
    return torch.cumprod(1 + gains, dim=0)


def growing(gains: Paths) -> Paths:
    return torch.cumprod(1 + gains, dim=1)


class Forecaster(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inp, self.gru = nn.Linear(3, 8), nn.GRU(8, 8)

    def forward(self, x: Float[Tensor, "series time 3"]) -> Float[Tensor, "series 8"]:
        return self.gru(self.inp(x))[0][:, -1]


class BatchFirst(Forecaster):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(8, 8, batch_first=True)


class Placed(BatchFirst):
    def __init__(self) -> None:
        super().__init__()
        self.pos = nn.Parameter(torch.randn(12, 8))

    def forward(self, x: Float[Tensor, "series time 3"]) -> Float[Tensor, "series 8"]:
        return self.gru(self.inp(x) + self.pos[: x.shape[1]])[0][:, -1]


class PlacedAcross(Placed):
    def forward(self, x: Float[Tensor, "series time 3"]) -> Float[Tensor, "series 8"]:
        return self.gru(self.inp(x) + self.pos[: x.shape[0], None])[0][:, -1]


def shifted(
    logits: Float[Tensor, "batch length vocab"], tokens: Int[Tensor, "batch length"]
) -> Float[Tensor, ""]:
    return F.cross_entropy(logits[:-1].flatten(0, 1), tokens[1:].flatten())


def next_tokens(
    logits: Float[Tensor, "batch length vocab"], tokens: Int[Tensor, "batch length"]
) -> Float[Tensor, ""]:
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


def test_a_shift_by_one_sample_is_told(found: Any) -> None:
    assert "order-along-batch" in found(shifted, *TOKENS)


def test_a_shift_by_one_token_is_right(found: Any) -> None:
    assert found(next_tokens, *TOKENS) == []


def test_an_order_among_series_is_told(found: Any) -> None:
    assert found(wealth, torch.rand(5, 5) * 0.1) == ["order-along-batch"]


def test_an_order_in_time_is_right(found: Any) -> None:
    assert found(growing, torch.rand(5, 5) * 0.1) == []


def test_series_that_a_model_reads_as_time_are_told(found: Any) -> None:
    assert set(found(Forecaster(), torch.randn(6, 6, 3))) & {"batch-mixing", "role-conflict"}


def test_a_model_that_keeps_series_apart_is_right(found: Any) -> None:
    assert found(BatchFirst(), torch.randn(6, 6, 3)) == []


def test_positions_along_the_series_are_told(found: Any) -> None:
    assert found(PlacedAcross(), torch.randn(6, 6, 3)) == ["positional-encoding-axis"]


def test_positions_in_time_are_right(found: Any) -> None:
    assert found(Placed(), torch.randn(6, 6, 3)) == []
