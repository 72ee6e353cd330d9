"""Encoder and decoder LSTM with dot-product attention, decoded step by step."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


class Encoder(nn.Module):
    def __init__(self, vocabulary: int, hidden: int, layers: int = 2) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, hidden)
        self.lstm = nn.LSTM(hidden, hidden, layers, batch_first=True)

    def forward(
        self, source: Int[Tensor, "batch source"]
    ) -> tuple[
        Float[Tensor, "batch source hidden"],
        Float[Tensor, "layers batch hidden"],
        Float[Tensor, "layers batch hidden"],
    ]:
        states, (hidden, cell) = self.lstm(self.embed(source))
        return states, hidden, cell


def attention(
    query: Float[Tensor, "batch hidden"], memory: Float[Tensor, "batch source hidden"]
) -> Float[Tensor, "batch hidden"]:
    scores = torch.einsum("bh,bsh->bs", query, memory)
    weights = scores.softmax(dim=1)
    return torch.einsum("bs,bsh->bh", weights, memory)


class Decoder(nn.Module):
    def __init__(self, vocabulary: int, hidden: int, layers: int = 2) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, hidden)
        self.lstm = nn.LSTM(hidden, hidden, layers, batch_first=True)
        self.out = nn.Linear(2 * hidden, vocabulary)

    def forward(
        self,
        token: Int[Tensor, "batch"],
        hidden: Float[Tensor, "layers batch hidden"],
        cell: Float[Tensor, "layers batch hidden"],
        memory: Float[Tensor, "batch source hidden"],
    ) -> tuple[
        Float[Tensor, "batch word"],
        Float[Tensor, "layers batch hidden"],
        Float[Tensor, "layers batch hidden"],
    ]:
        embedded = self.embed(token).unsqueeze(1)
        output, (hidden, cell) = self.lstm(embedded, (hidden, cell))
        state = output.squeeze(1)
        context = attention(state, memory)
        return self.out(torch.cat([state, context], dim=-1)), hidden, cell


def translate(
    encoder: Encoder, decoder: Decoder, source: Int[Tensor, "batch source"], length: int
) -> tuple[Int[Tensor, "batch {length}"], Float[Tensor, "batch {length} word"]]:
    memory, hidden, cell = encoder(source)
    token = torch.zeros(source.size(0), dtype=torch.long)
    words, scores = [], []
    for _ in range(length):
        logits, hidden, cell = decoder(token, hidden, cell, memory)
        token = logits.argmax(dim=-1)
        words.append(token)
        scores.append(logits)
    return torch.stack(words, dim=1), torch.stack(scores, dim=1)
