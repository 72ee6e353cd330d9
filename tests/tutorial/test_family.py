"""The six models: every batch size, cell form against layer form, and no mixing of axes.

The sizes are all distinct, so that no axis can pass for another; where sizes are equal on
purpose, values tell the axes apart.
"""

import pytest
import torch
from torch import Tensor

from tutorial.cells import GRUCell
from tutorial.family import FAMILY, FORMS, both_forms, build, hidden_over_time, share_weights
from tutorial.model import LSTM

BATCH, SEQ, FEATURE, HIDDEN = 3, 10, 4, 20


@pytest.fixture(params=list(FAMILY))
def cell(request: pytest.FixtureRequest) -> str:
    torch.manual_seed(0)
    name: str = request.param
    return name


@pytest.fixture(params=list(FORMS))
def kind(request: pytest.FixtureRequest) -> str:
    torch.manual_seed(0)
    name: str = request.param
    return name


def a_state(kind: str, batch: int = BATCH) -> list[Tensor]:
    """A state that is not zero; h and c differ, so that a swap shows."""
    states = 2 if kind.startswith("lstm") else 1
    return [torch.randn(1, batch, HIDDEN) for _ in range(states)]


@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_it_works_for_every_batch_size(cell: str, batch: int) -> None:
    model = build(cell, FEATURE, HIDDEN)
    prediction, *state = model(torch.randn(batch, SEQ, FEATURE), *model.init_hidden(batch))
    assert prediction.shape == (batch, SEQ, 1)
    assert [s.shape for s in state] == [(1, batch, HIDDEN)] * len(a_state(cell))


@pytest.mark.parametrize("batch", [1, 3])
def test_it_starts_from_zeros(cell: str, batch: int) -> None:
    state = build(cell, FEATURE, HIDDEN).init_hidden(batch)
    assert [s.shape for s in state] == [(1, batch, HIDDEN)] * len(a_state(cell))
    assert all((s == 0).all() for s in state)


def test_the_model_of_the_section_has_its_sizes() -> None:
    model = LSTM()
    assert (model.rnn.input_size, model.rnn.hidden_size, model.out.out_features) == (1, 20, 1)


@pytest.mark.parametrize("batch", [1, 3])
def test_the_cell_form_equals_the_layer_form(kind: str, batch: int) -> None:
    layer, by_hand = both_forms(kind, FEATURE, HIDDEN)
    x, state = torch.randn(batch, SEQ, FEATURE), a_state(kind, batch)
    for of_layer, of_cell in zip(layer(x, *state), by_hand(x, *state), strict=True):
        torch.testing.assert_close(of_cell, of_layer)


def test_the_layer_form_hands_its_state_to_torch_in_order(kind: str) -> None:
    layer, _ = both_forms(kind, FEATURE, HIDDEN)
    x, state = torch.randn(BATCH, SEQ, FEATURE), a_state(kind)
    r_out, after = layer.rnn(x, tuple(state) if len(state) == 2 else state[0])
    expected = (layer.out(r_out), *(after if len(state) == 2 else [after]))
    for ours, torchs in zip(layer(x, *state), expected, strict=True):
        assert torch.equal(ours, torchs)


def test_the_hidden_state_is_the_same_at_every_time_step(kind: str) -> None:
    layer, by_hand = both_forms(kind, FEATURE, HIDDEN)
    x = torch.randn(BATCH, SEQ, FEATURE)
    r_out, _ = layer.rnn(x)
    for form in (layer, by_hand):
        hidden = hidden_over_time(form, x)
        assert hidden.shape == (SEQ, BATCH, HIDDEN)
        for t in range(SEQ):
            torch.testing.assert_close(hidden[t], r_out[:, t])


def test_hidden_over_time_works_for_a_batch_of_one(kind: str) -> None:
    for form in both_forms(kind, FEATURE, HIDDEN):
        assert hidden_over_time(form, torch.randn(1, SEQ, FEATURE)).shape == (SEQ, 1, HIDDEN)


def test_the_last_state_is_the_hidden_state_of_the_last_step(cell: str) -> None:
    model = build(cell, FEATURE, HIDDEN)
    x = torch.randn(BATCH, SEQ, FEATURE)
    _, h_state, *_ = model(x, *model.init_hidden(BATCH))
    torch.testing.assert_close(h_state[0], hidden_over_time(model, x)[-1])


def test_a_wave_read_in_two_halves_is_the_wave_read_at_once(cell: str) -> None:
    model = build(cell, FEATURE, HIDDEN)
    x, state = torch.randn(BATCH, SEQ, FEATURE), a_state(cell)
    whole, *end = model(x, *state)
    first, *middle = model(x[:, :4], *state)
    second, *end_of_second = model(x[:, 4:], *middle)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    for ours, expected in zip(end_of_second, end, strict=True):
        torch.testing.assert_close(ours, expected)


# From here on batch == seq: sizes cannot tell the two apart, values can.


def test_no_sample_sees_another(cell: str) -> None:
    model = build(cell, FEATURE, HIDDEN)
    x, state = torch.randn(SEQ, SEQ, FEATURE), a_state(cell, SEQ)
    for kept in range(SEQ):
        other_x, other_state = torch.randn(SEQ, SEQ, FEATURE), a_state(cell, SEQ)
        other_x[kept] = x[kept]
        for theirs, ours in zip(other_state, state, strict=True):
            theirs[:, kept] = ours[:, kept]
        before, *state_before = model(x, *state)
        after, *state_after = model(other_x, *other_state)
        assert torch.equal(before[kept], after[kept])
        for b, a in zip(state_before, state_after, strict=True):
            assert torch.equal(b[:, kept], a[:, kept])


def test_no_prediction_sees_the_future(cell: str) -> None:
    model = build(cell, FEATURE, HIDDEN)
    x, state = torch.randn(SEQ, SEQ, FEATURE), a_state(cell, SEQ)
    other = x.clone()
    other[:, 5:] = torch.randn(SEQ, 5, FEATURE)
    before, *_ = model(x, *state)
    after, *_ = model(other, *state)
    assert torch.equal(before[:, :5], after[:, :5])
    assert not torch.equal(before[:, 5:], after[:, 5:])


def test_what_trains_one_form_trains_the_other(kind: str) -> None:
    layer, by_hand = both_forms(kind, FEATURE, HIDDEN)
    assert {id(p) for p in layer.parameters()} == {id(p) for p in by_hand.parameters()}


def test_forms_of_two_kinds_share_no_weights() -> None:
    with pytest.raises(TypeError, match="GRUCell is not the cell form of LSTM"):
        share_weights(LSTM(), GRUCell())
