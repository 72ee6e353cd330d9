"""The model of the section: an LSTM reads the wave, a linear layer writes the answer.

``batch_first=True`` is about the sequence alone: x and r_out are (batch, seq, ...). The state
is always (layers, batch, hidden), with or without it.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class LSTM(nn.Module):
    """One LSTM layer and one number out at every time step."""

    def __init__(self, input_size: int = 1, hidden_size: int = 20) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.rnn = nn.LSTM(input_size, hidden_size, batch_first=True)
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
        r_out, (h_state, c_state) = self.rnn(x, (h_state, c_state))
        # A linear layer works on the last axis and leaves those before it alone.
        prediction: Float[Tensor, "batch seq 1"] = self.out(r_out)
        return prediction, h_state, c_state

    def init_hidden(
        self, batch: int
    ) -> tuple[
        Float[Tensor, "layers=1 {batch} {self.hidden_size}"],
        Float[Tensor, "layers=1 {batch} {self.hidden_size}"],
    ]:
        """A state of zeros for every sample: nothing has been read yet."""
        return torch.zeros(1, batch, self.hidden_size), torch.zeros(1, batch, self.hidden_size)
