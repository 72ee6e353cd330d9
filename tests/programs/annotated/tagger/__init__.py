"""A part-of-speech tagger: embedding, bidirectional LSTM, one linear layer per token."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


class Tagger(nn.Module):
    def __init__(self, vocabulary: int, tags: int, width: int = 10, hidden: int = 7) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width, padding_idx=0)
        self.lstm = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * hidden, tags)
        self.genre = nn.Linear(2 * hidden, 3)

    def encode(
        self, tokens: Int[Tensor, "batch seq"]
    ) -> tuple[Float[Tensor, "batch seq state"], Float[Tensor, "directions batch hidden"]]:
        states, (hidden, _) = self.lstm(self.embed(tokens))
        return states, hidden

    def forward(self, tokens: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch seq tag"]:
        states, _ = self.encode(tokens)
        return self.out(states)

    def classify(self, tokens: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch genre"]:
        """The genre of the whole sentence, from the last state of both directions."""
        _, hidden = self.encode(tokens)
        summary = hidden.transpose(0, 1).reshape(tokens.size(0), -1)
        return self.genre(summary)


def tag_loss(
    scores: Float[Tensor, "batch seq tag"], tags: Int[Tensor, "batch seq"]
) -> Float[Tensor, ""]:
    return F.cross_entropy(scores.transpose(1, 2), tags)


def sentence_accuracy(
    scores: Float[Tensor, "batch seq tag"],
    tags: Int[Tensor, "batch seq"],
    mask: Bool[Tensor, "batch seq"],
) -> Float[Tensor, "batch"]:
    """The share of real tokens of each sentence that got their tag."""
    hits = (scores.argmax(dim=-1) == tags) & mask
    return hits.sum(dim=1) / mask.sum(dim=1)
