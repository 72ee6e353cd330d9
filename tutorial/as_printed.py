"""The model of the section exactly as it is printed: a lesson in what a batch of one hides.

The annotations say the shapes that it ought to have. With one sample it keeps every promise.
With three it breaks two of them, one in each method; shapecheck says which, and where.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class AsPrinted(nn.Module):
    """Right for one sample, and for one sample only."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(1, 20, batch_first=True)
        self.out = nn.Linear(20, 1)

    def forward(
        self,
        x: Float[Tensor, "batch seq feature=1"],
        h_state: Float[Tensor, "layers=1 batch hidden=20"],
        c_state: Float[Tensor, "layers=1 batch hidden=20"],
    ) -> tuple[
        Float[Tensor, "batch seq 1"],
        Float[Tensor, "layers=1 batch hidden=20"],
        Float[Tensor, "layers=1 batch hidden=20"],
    ]:
        """One prediction per sample and time step, or so it says."""
        r_out, (h_state, c_state) = self.rnn(x, (h_state, c_state))
        # r_out[0, :] is the first sample, all its time steps. The others are dropped without
        # a word, and unsqueeze(0) puts a batch axis of size 1 where they were.
        prediction: Float[Tensor, "batch seq 1"] = self.out(r_out[0, :]).unsqueeze(0)
        return prediction, h_state, c_state

    def init_hidden(
        self,
    ) -> tuple[
        Float[Tensor, "layers=1 batch=1 hidden=20"], Float[Tensor, "layers=1 batch=1 hidden=20"]
    ]:
        """A state for one sample, whatever the batch."""
        return torch.zeros(1, 1, 20), torch.zeros(1, 1, 20)
