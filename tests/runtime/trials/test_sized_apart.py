"""Reshapes that do nothing at the sizes of a call, and what they do at others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

Tried = Callable[..., list[Any]]


class Spotter(nn.Module):
    """As many samples as channels as frames."""

    def __init__(self) -> None:
        super().__init__()
        self.channels = 8
        self.conv = nn.Conv1d(5, 8, 3, padding=1)
        self.gru = nn.GRU(8, 6, batch_first=True)


class Viewed(Spotter):
    def forward(self, mels: Float[Tensor, "clip mel frame"]) -> Float[Tensor, "clip frame state"]:
        y = torch.relu(self.conv(mels))
        y = y.view(y.size(0), -1, self.channels)
        return self.gru(y)[0]


class Exchanged(Spotter):
    def forward(self, mels: Float[Tensor, "clip mel frame"]) -> Float[Tensor, "clip frame state"]:
        y = torch.relu(self.conv(mels)).transpose(1, 2)
        return self.gru(y.reshape(y.size(0), -1, self.channels))[0]


def kept(x: Float[Tensor, "batch time width"]) -> Float[Tensor, "batch time width"]:
    return x.view(x.shape[0], -1, x.shape[2]) * 2


def pieces(x: Float[Tensor, "batch time width"]) -> Float[Tensor, "batch time width"]:
    return x.reshape(-1, x.shape[-1]).tanh().reshape(x.shape)


def crossed_grids(x: Float[Tensor, "batch row column"]) -> Float[Tensor, "batch column row"]:
    return x.flatten(1).view(len(x), x.shape[1], x.shape[2]).transpose(1, 2)


def test_a_view_in_place_of_an_exchange_is_found_at_other_sizes(tried: Tried) -> None:
    found = [f for f in tried(Viewed(), torch.randn(8, 5, 8)) if f.severity.value != "note"]
    assert [f.slug for f in found] == ["scrambling-reshape"]
    assert "(8, 8, 8) before and after" in found[0].notes[0]


@pytest.mark.parametrize("function", [kept, pieces, crossed_grids])
def test_reshapes_that_follow_every_size_are_silent(tried: Tried, function: Any) -> None:
    assert tried(function, torch.randn(6, 6, 6)) == []


def test_an_axis_exchanged_before_a_view_is_right(tried: Tried) -> None:
    assert tried(Exchanged(), torch.randn(8, 5, 8)) == []
