"""Samples that are given a partner by an index that is called an order: mixup."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tests.runtime.trials.test_beside import Found

Rows = Float[Tensor, "batch frame mel"]


def mixed(x: Rows, weight: Float[Tensor, "batch"], order: Int[Tensor, "batch"]) -> Rows:
    w = weight[:, None, None]
    return w * x + (1 - w) * x[order]


def looked_up(x: Rows, weight: Float[Tensor, "batch"], label: Int[Tensor, "batch"]) -> Rows:
    return weight[:, None, None] * x[label]


def test_a_partner_in_another_order_is_meant(found: Found) -> None:
    assert found(mixed, torch.randn(4, 3, 5), torch.rand(4), torch.tensor([2, 0, 3, 1])) == []


def test_rows_by_their_labels_are_not(found: Found) -> None:
    told = found(looked_up, torch.randn(4, 3, 5), torch.rand(4), torch.tensor([2, 0, 3, 1]))
    assert told != []
