"""The whole family behind one interface, so that two forms can be laid side by side.

``prediction, *state = model(x, *state)`` runs any of the six; ``model.init_hidden(batch)``
is where each starts.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from tutorial.cells import GRUCell, LSTMCell, RNNCell
from tutorial.layers import GRU, RNN
from tutorial.model import LSTM

Layer = LSTM | GRU | RNN
Cell = LSTMCell | GRUCell | RNNCell
Recurrent = Layer | Cell

FORMS: dict[str, tuple[type[Layer], type[Cell]]] = {
    "lstm": (LSTM, LSTMCell),
    "gru": (GRU, GRUCell),
    "rnn": (RNN, RNNCell),
}
FAMILY: dict[str, type[Recurrent]] = {
    **{kind: layer for kind, (layer, _) in FORMS.items()},
    **{f"{kind}cell": cell for kind, (_, cell) in FORMS.items()},
}


def build(name: str, input_size: int = 1, hidden_size: int = 20) -> Recurrent:
    """A fresh model by its name in ``FAMILY``; KeyError if there is none."""
    return FAMILY[name](input_size, hidden_size)


def both_forms(kind: str, input_size: int = 1, hidden_size: int = 20) -> tuple[Layer, Cell]:
    """The layer form and the cell form of one of ``FORMS``, with one set of weights."""
    layer_form, cell_form = FORMS[kind]
    layer, cell = layer_form(input_size, hidden_size), cell_form(input_size, hidden_size)
    share_weights(layer, cell)
    return layer, cell


def share_weights(layer: Layer, cell: Cell) -> None:
    """Let ``cell`` compute with the very parameters of ``layer``; what trains one trains both.

    TypeError if they are not two forms of one kind: an LSTM has four gates, a GRU three.
    """
    if (type(layer), type(cell)) not in FORMS.values():
        raise TypeError(f"{type(cell).__name__} is not the cell form of {type(layer).__name__}")
    # "_l0" is layer 0: a layer form may stack several layers, a cell is always a single one.
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(cell.cell, name, getattr(layer.rnn, f"{name}_l0"))
    cell.out = layer.out


def hidden_over_time(
    model: Recurrent, x: Float[Tensor, "batch seq feature"]
) -> Float[Tensor, "seq batch {model.hidden_size}"]:
    """h after every time step: x is fed one step at a time and the state handed on."""
    state: list[Float[Tensor, "layers=1 batch hidden"]] = list(model.init_hidden(x.size(0)))
    hidden = []
    for t in range(x.size(1)):
        one_step: Float[Tensor, "batch 1 feature"] = x[:, t : t + 1]
        _, *state = model(one_step, *state)
        h: Float[Tensor, "batch hidden"] = state[0].squeeze(0)
        hidden.append(h)
    return torch.stack(hidden, dim=0)
