"""A recurrent network that looks back at the days that matter."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Attention(nn.Module):
    """One summary of a window: the days, weighted."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.score = nn.Linear(hidden, 1)

    def forward(self, states: Float[Tensor, "batch day hidden"]) -> Float[Tensor, "batch hidden"]:
        scores: Float[Tensor, "batch day"] = self.score(states).squeeze(-1)
        weights: Float[Tensor, "batch day"] = torch.softmax(scores, dim=1)
        weighted: Float[Tensor, "batch day hidden"] = weights.unsqueeze(-1) * states
        return weighted.sum(dim=1)


class Forecast(nn.Module):
    """Reads a window of days and says the next one."""

    def __init__(self, stations: int, hidden: int = 8) -> None:
        super().__init__()
        self.rnn = nn.GRU(stations, hidden, batch_first=True)
        self.attention = Attention(hidden)
        self.out = nn.Linear(2 * hidden, stations)

    def forward(self, x: Float[Tensor, "batch day station"]) -> Float[Tensor, "batch station"]:
        first = torch.zeros(1, x.size(0), self.rnn.hidden_size)
        states, _ = self.rnn(x, first)
        last: Float[Tensor, "batch hidden"] = states[:, -1]
        both: Float[Tensor, "batch twice"] = torch.cat([last, self.attention(states)], dim=1)
        return self.out(both)


def hottest(forecast: Float[Tensor, "batch station"]) -> Tensor:
    """Which station will be hottest, for every sample."""
    return forecast.argmax(dim=1)


def worst_error(forecast, truth):
    """The largest error of each sample."""
    return (forecast - truth).abs().amax(dim=1)
