"""The cell forms: what a recurrent layer does, one time step at a time, by hand.

A layer takes the whole sequence; a cell takes one step of it, (batch, feature), and a state
without the ``layers`` axis, (batch, hidden). Each class here walks through time itself and
keeps the layer's interface, so that either form can stand in for the other.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class RNNCell(nn.Module):
    """``layers.RNN`` by hand."""

    def __init__(self, input_size: int = 1, hidden_size: int = 20) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.cell = nn.RNNCell(input_size, hidden_size)
        self.out = nn.Linear(hidden_size, 1)

    def forward(
        self,
        x: Float[Tensor, "batch seq feature"],
        h_state: Float[Tensor, "layers=1 batch hidden"],
    ) -> tuple[Float[Tensor, "batch seq 1"], Float[Tensor, "layers=1 batch hidden"]]:
        """The prediction at every time step, and the state after the last one."""
        h: Float[Tensor, "batch hidden"] = h_state.squeeze(0)
        states = []
        for t in range(x.size(1)):
            x_t: Float[Tensor, "batch feature"] = x[:, t]
            h = self.cell(x_t, h)
            states.append(h)
        r_out: Float[Tensor, "batch seq hidden"] = torch.stack(states, dim=1)
        prediction: Float[Tensor, "batch seq 1"] = self.out(r_out)
        return prediction, h.unsqueeze(0)

    def init_hidden(
        self, batch: int
    ) -> tuple[Float[Tensor, "layers=1 {batch} {self.hidden_size}"]]:
        """A state of zeros for every sample."""
        return (torch.zeros(1, batch, self.hidden_size),)


class GRUCell(nn.Module):
    """``layers.GRU`` by hand."""

    def __init__(self, input_size: int = 1, hidden_size: int = 20) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.cell = nn.GRUCell(input_size, hidden_size)
        self.out = nn.Linear(hidden_size, 1)

    def forward(
        self,
        x: Float[Tensor, "batch seq feature"],
        h_state: Float[Tensor, "layers=1 batch hidden"],
    ) -> tuple[Float[Tensor, "batch seq 1"], Float[Tensor, "layers=1 batch hidden"]]:
        """The prediction at every time step, and the state after the last one."""
        h: Float[Tensor, "batch hidden"] = h_state.squeeze(0)
        states = []
        for t in range(x.size(1)):
            x_t: Float[Tensor, "batch feature"] = x[:, t]
            h = self.cell(x_t, h)
            states.append(h)
        r_out: Float[Tensor, "batch seq hidden"] = torch.stack(states, dim=1)
        prediction: Float[Tensor, "batch seq 1"] = self.out(r_out)
        return prediction, h.unsqueeze(0)

    def init_hidden(
        self, batch: int
    ) -> tuple[Float[Tensor, "layers=1 {batch} {self.hidden_size}"]]:
        """A state of zeros for every sample."""
        return (torch.zeros(1, batch, self.hidden_size),)


class LSTMCell(nn.Module):
    """``model.LSTM`` by hand: h is what the cell says, c what it keeps to itself."""

    def __init__(self, input_size: int = 1, hidden_size: int = 20) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.cell = nn.LSTMCell(input_size, hidden_size)
        self.out = nn.Linear(hidden_size, 1)

    def forward(
        self,
        x: Float[Tensor, "batch seq feature"],
        h_state: Float[Tensor, "layers=1 batch hidden"],
        c_state: Float[Tensor, "layers=1 batch hidden"],
    ) -> tuple[
        Float[Tensor, "batch seq 1"],
        Float[Tensor, "layers=1 batch hidden"],
        Float[Tensor, "layers=1 batch hidden"],
    ]:
        """The prediction at every time step, and the state after the last one."""
        h: Float[Tensor, "batch hidden"] = h_state.squeeze(0)
        c: Float[Tensor, "batch hidden"] = c_state.squeeze(0)
        states = []
        for t in range(x.size(1)):
            x_t: Float[Tensor, "batch feature"] = x[:, t]
            h, c = self.cell(x_t, (h, c))
            states.append(h)
        r_out: Float[Tensor, "batch seq hidden"] = torch.stack(states, dim=1)
        prediction: Float[Tensor, "batch seq 1"] = self.out(r_out)
        return prediction, h.unsqueeze(0), c.unsqueeze(0)

    def init_hidden(
        self, batch: int
    ) -> tuple[
        Float[Tensor, "layers=1 {batch} {self.hidden_size}"],
        Float[Tensor, "layers=1 {batch} {self.hidden_size}"],
    ]:
        """A state of zeros for every sample."""
        return torch.zeros(1, batch, self.hidden_size), torch.zeros(1, batch, self.hidden_size)
