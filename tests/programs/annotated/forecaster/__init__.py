"""Forecast the next value of a multivariate series with a GRU over sliding windows."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


def windows(
    series: Float[Tensor, "time feature"], length: int
) -> Float[Tensor, "window {length} feature"]:
    """Every run of `length` consecutive steps."""
    return series.unfold(0, length, 1).transpose(1, 2)


def scale(
    history: Float[Tensor, "batch time feature"],
) -> Float[Tensor, "batch time feature"]:
    """Each window in units of its own mean and deviation."""
    mean = history.mean(dim=1, keepdim=True)
    deviation = history.std(dim=1, keepdim=True)
    return (history - mean) / (deviation + 1e-5)


class Forecaster(nn.Module):
    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.gru = nn.GRU(features, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def start(self, batch: int) -> Float[Tensor, "1 {batch} hidden"]:
        return torch.zeros(1, batch, self.hidden)

    def forward(
        self,
        history: Float[Tensor, "batch time feature"],
        state: Float[Tensor, "1 batch hidden"],
    ) -> tuple[Float[Tensor, "batch"], Float[Tensor, "1 batch hidden"]]:
        output, state = self.gru(history, state)
        last = output[:, -1]
        return self.head(last).squeeze(-1), state


def squared_error(
    predicted: Float[Tensor, "batch"], target: Float[Tensor, "batch"]
) -> Float[Tensor, ""]:
    return F.mse_loss(predicted, target)


def train_step(
    model: Forecaster,
    history: Float[Tensor, "batch time feature"],
    target: Float[Tensor, "batch"],
    optimiser: torch.optim.Optimizer,
) -> float:
    predicted, _ = model(scale(history), model.start(history.size(0)))
    loss = squared_error(predicted, target)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()
