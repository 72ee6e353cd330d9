"""Shapes by name: what the walk-through says about a tensor and about a model at work."""

import pytest
import torch

from tutorial.family import build
from tutorial.shapes import Shape, calls_inside, shape_of


def test_a_shape_is_told_as_torch_prints_it_and_by_name() -> None:
    assert shape_of("x", torch.zeros(3, 10, 1), "batch seq feature") == Shape(
        "x", "torch.Size([3, 10, 1])", "(batch=3, seq=10, feature=1)"
    )


@pytest.mark.parametrize("axes", ["batch seq", "batch seq feature hidden", ""])
def test_one_name_for_each_axis(axes: str) -> None:
    with pytest.raises(ValueError, match="for the 3 axes of x"):
        shape_of("x", torch.zeros(3, 10, 1), axes)


def test_a_layer_is_called_once() -> None:
    model = build("lstm")
    rnn, out = calls_inside(model, torch.zeros(3, 10, 1), model.init_hidden(3))
    assert (rnn.part, rnn.times) == ("self.rnn = LSTM(1, 20, batch_first=True)", 1)
    assert [shape.code for shape in rnn.takes] == ["x", "h_state", "c_state"]
    assert [shape.named for shape in rnn.gives] == [
        "(batch=3, seq=10, hidden=20)",
        "(layers=1, batch=3, hidden=20)",
        "(layers=1, batch=3, hidden=20)",
    ]
    assert [shape.named for shape in out.gives] == ["(batch=3, seq=10, feature=1)"]


def test_a_cell_is_called_once_a_time_step() -> None:
    model = build("grucell")
    cell, out = calls_inside(model, torch.zeros(3, 10, 1), model.init_hidden(3))
    assert (cell.times, out.times) == (10, 1)
    assert [shape.named for shape in cell.takes] == ["(batch=3, feature=1)", "(batch=3, hidden=20)"]
    assert [shape.named for shape in cell.gives] == ["(batch=3, hidden=20)"]


def test_looking_leaves_no_hook_behind() -> None:
    model = build("rnn")
    calls_inside(model, torch.zeros(3, 10, 1), model.init_hidden(3))
    assert not any(part._forward_hooks for part in model.modules())
