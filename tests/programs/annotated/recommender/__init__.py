"""Recommend items from a user's history, by attention over the history."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


class Recommender(nn.Module):
    def __init__(self, users: int, items: int, embed: int) -> None:
        super().__init__()
        self.user = nn.Embedding(users, embed)
        self.item = nn.Embedding(items, embed, padding_idx=0)
        self.user_bias = nn.Embedding(users, 1)
        self.item_bias = nn.Embedding(items, 1)
        self.attend = nn.Linear(embed, 1)

    def profile(
        self, user: Int[Tensor, "batch"], history: Int[Tensor, "batch item"]
    ) -> Float[Tensor, "batch embed"]:
        past = self.item(history)
        scores = self.attend(past).squeeze(-1).masked_fill(history == 0, -1e9)
        weights = scores.softmax(dim=1)
        return self.user(user) + (weights.unsqueeze(-1) * past).sum(dim=1)

    def score(
        self, user: Int[Tensor, "batch"], history: Int[Tensor, "batch item"],
        candidates: Int[Tensor, "candidate"],
    ) -> Float[Tensor, "batch candidate"]:
        """Every candidate for every user."""
        match = self.profile(user, history) @ self.item(candidates).T
        return match + self.user_bias(user) + self.item_bias(candidates).squeeze(-1)

    def rate(
        self, user: Int[Tensor, "batch"], history: Int[Tensor, "batch item"],
        item: Int[Tensor, "batch"],
    ) -> Float[Tensor, "batch"]:
        """One item for each user."""
        match = (self.profile(user, history) * self.item(item)).sum(dim=-1)
        return match + self.user_bias(user).squeeze(-1) + self.item_bias(item).squeeze(-1)


def ranking_loss(
    liked: Float[Tensor, "batch"], other: Float[Tensor, "batch"]
) -> Float[Tensor, ""]:
    return -F.logsigmoid(liked - other).mean()


def hit_rate(
    scores: Float[Tensor, "batch candidate"], wanted: Int[Tensor, "batch"], best: int
) -> Float[Tensor, ""]:
    top = scores.topk(best, dim=1).indices
    return (top == wanted.unsqueeze(1)).any(dim=1).float().mean()
