"""role-conflict: a mask of all pairs of items beside scores of users and items, one item a user."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.runtime.guard import Guard


def in_batch(scores: Float[Tensor, "users items"], ids: Int[Tensor, "items"]) -> Float[Tensor, ""]:
    same = ids[:, None] == ids[None, :]
    eye = torch.eye(len(ids), dtype=torch.bool)
    scores = scores.masked_fill(same & ~eye, -1e4)
    return -scores.log_softmax(dim=1).diagonal().mean()


def test_items_that_occur_twice_are_masked_for_each_user() -> None:
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(in_batch)(torch.rand(6, 6), torch.tensor([0, 1, 2, 0, 3, 4]))
    assert [f.slug for f in laws.conclude() if f.severity.value != "note"] == []
