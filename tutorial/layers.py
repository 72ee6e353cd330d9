"""RNN and GRU: the LSTM's interface with one state in place of two.

Whatever the model, ``prediction, *state = model(x, *state)`` runs it.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class RNN(nn.Module):
    """The plain recurrent layer: h is all it remembers."""

    def __init__(self, input_size: int = 1, hidden_size: int = 20) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.rnn = nn.RNN(input_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, 1)

    def forward(
        self,
        x: Float[Tensor, "batch seq feature"],
        h_state: Float[Tensor, "layers=1 batch hidden"],
    ) -> tuple[Float[Tensor, "batch seq 1"], Float[Tensor, "layers=1 batch hidden"]]:
        """The prediction at every time step, and the state after the last one."""
        r_out, h_state = self.rnn(x, h_state)
        prediction: Float[Tensor, "batch seq 1"] = self.out(r_out)
        return prediction, h_state

    def init_hidden(
        self, batch: int
    ) -> tuple[Float[Tensor, "layers=1 {batch} {self.hidden_size}"]]:
        """A state of zeros for every sample."""
        return (torch.zeros(1, batch, self.hidden_size),)


class GRU(nn.Module):
    """Gates decide how much of h to keep, without the second state of an LSTM."""

    def __init__(self, input_size: int = 1, hidden_size: int = 20) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.rnn = nn.GRU(input_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, 1)

    def forward(
        self,
        x: Float[Tensor, "batch seq feature"],
        h_state: Float[Tensor, "layers=1 batch hidden"],
    ) -> tuple[Float[Tensor, "batch seq 1"], Float[Tensor, "layers=1 batch hidden"]]:
        """The prediction at every time step, and the state after the last one."""
        r_out, h_state = self.rnn(x, h_state)
        prediction: Float[Tensor, "batch seq 1"] = self.out(r_out)
        return prediction, h_state

    def init_hidden(
        self, batch: int
    ) -> tuple[Float[Tensor, "layers=1 {batch} {self.hidden_size}"]]:
        """A state of zeros for every sample."""
        return (torch.zeros(1, batch, self.hidden_size),)
