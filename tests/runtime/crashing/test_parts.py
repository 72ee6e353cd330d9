"""The parts that remedies are tried with: steps, stand-ins, twins of layers, arguments read."""

from __future__ import annotations

import ast
import sys
from math import prod

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shapecheck.runtime.crashing.reading import Unread, operation_on, read
from shapecheck.runtime.crashing.standins import Unknown, built, plain, stand_in
from shapecheck.runtime.crashing.steps import steps
from shapecheck.runtime.crashing.twins import rebuilt, twin

SHAPES = st.lists(st.sampled_from((1, 2, 3, 5)), min_size=1, max_size=4).map(tuple)


@given(SHAPES)
def test_a_step_says_which_axes_make_each_new_one(shape: tuple[int, ...]) -> None:
    x = torch.empty(shape, device="meta")
    for step in steps(shape):
        sizes = tuple(prod(shape[i] for i in olds) for olds in step.axes)
        assert tuple(step.take(x).shape) == sizes


@given(SHAPES)
def test_what_a_step_is_written_as_is_what_it_does(shape: tuple[int, ...]) -> None:
    x = torch.arange(prod(shape)).reshape(shape)
    for step in steps(shape):
        assert torch.equal(eval(f"x{step.code}", {"x": x}), step.take(x))


def test_a_stand_in_is_laid_out_alike_and_reaches_as_far() -> None:
    x = torch.randint(2, 9, (4, 3)).T
    made = stand_in(x).tensor("cpu")
    assert (made.shape, made.stride(), made.dtype) == (x.shape, x.stride(), x.dtype)
    assert (int(made.min()), int(made.max())) == (int(x.min()), int(x.max()))


def test_how_far_many_indices_reach_is_looked_at_in_parts() -> None:
    x = torch.zeros(300, 400, dtype=torch.long)
    x[0, 0], x[299, 399] = -3, 70
    assert stand_in(x).extent == (-3, 70)
    assert stand_in(x.T).extent is None  # it would have to be copied


@pytest.mark.parametrize("value", [torch.zeros(2).to_sparse(), object(), [len]])
def test_nothing_stands_for_what_is_no_plain_value(value: object) -> None:
    with pytest.raises(Unknown):
        plain(value)


def test_arguments_keep_their_form() -> None:
    x = torch.zeros(2, 3)
    given = plain((x, [x, x], {"dim": -1}, slice(None, 2), None))
    again = built(given, "meta")
    assert again[0].shape == (2, 3)
    assert len(again[1]) == 2
    assert again[2:] == ({"dim": -1}, slice(None, 2), None)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Linear(4, 2, bias=False), (3, 4)),
        (nn.Conv2d(3, 6, 3, stride=2, padding=1, groups=3), (2, 3, 9, 9)),
        (nn.ConvTranspose1d(3, 2, 4), (2, 3, 9)),
        (nn.LSTM(4, 5, 2, batch_first=True, bidirectional=True), (3, 6, 4)),
        (nn.RNN(4, 5, nonlinearity="relu"), (6, 3, 4)),
        (nn.GRUCell(4, 5), (3, 4)),
        (nn.BatchNorm2d(3), (2, 3, 4, 4)),
        (nn.LayerNorm((4, 5)), (2, 4, 5)),
        (nn.TransformerEncoderLayer(8, 2, 16), (5, 3, 8)),
    ],
)
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_a_twin_gives_the_shapes_that_the_layer_gives(
    layer: nn.Module, shape: tuple[int, ...], device: str
) -> None:
    def first(result: object) -> torch.Size:
        return (result[0] if isinstance(result, tuple) else result).shape

    wanted = first(layer(torch.zeros(shape)))
    made = [twin(layer, device)]
    if not isinstance(layer, nn.TransformerEncoderLayer):
        made.append(rebuilt(layer, device, {}))
    for one in made:
        assert first(one.forward(torch.zeros(shape, device=device))) == wanted


def test_a_layer_is_built_again_with_another_size() -> None:
    made = rebuilt(nn.Conv2d(3, 6, 5, padding=2), "cpu", {"in_channels": 4})
    assert made(torch.zeros(1, 4, 8, 8)).shape == (1, 6, 8, 8)
    attention = rebuilt(nn.MultiheadAttention(8, 2), "cpu", {"embed_dim": 12})
    x = torch.zeros(5, 1, 12)
    assert attention(x, x, x)[0].shape == x.shape


def test_numbers_are_read_and_calls_are_not_made() -> None:
    x, heads = torch.zeros(4, 6), [2, 3]
    assert heads
    frame = sys._getframe()

    def held(text: str) -> object:
        return read(ast.parse(text, mode="eval").body, frame)

    assert held("x.size(0) * heads[1] - 1") == 11
    assert held("x.shape[-1] // 2") == 3
    assert held("x") is x
    for text in ("len(heads)", "x.sum()", "x[0]", "nothing_of_that_name", "x.T"):
        with pytest.raises(Unread):
            held(text)


@pytest.mark.parametrize("text", ["print(x)", "open(path)", "torch.load(path)", "x if x else x"])
def test_only_operations_of_torch_are_done_again(text: str) -> None:
    x, path = torch.zeros(2), "a file"
    assert path
    with pytest.raises(Unread):
        operation_on(ast.parse(text, mode="eval").body, sys._getframe())
    assert x.shape == (2,)
