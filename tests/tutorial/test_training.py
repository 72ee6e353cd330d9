"""Training: the run that stalls, the run that learns, and how each carries its state."""

import re

import pytest
import torch
from torch import Tensor, nn

from tutorial.data import waves
from tutorial.family import FAMILY, build
from tutorial.training import (
    Run,
    train,
    train_as_in_the_section,
    train_step,
    train_until_it_learns,
)


def section_run(cell: str = "lstm", batch: int = 1, seed: int = 0, steps: int = 100) -> Run:
    torch.manual_seed(seed)
    return train_as_in_the_section(build(cell), *waves(batch), steps, report=lambda line: None)


def learning_run(cell: str = "lstm", batch: int = 1, seed: int = 0) -> Run:
    torch.manual_seed(seed)
    return train_until_it_learns(build(cell), *waves(batch), report=lambda line: None)


def test_the_loss_is_printed_every_ten_steps(capsys: pytest.CaptureFixture[str]) -> None:
    run = train_as_in_the_section(build("lstm"), *waves(1))
    lines = capsys.readouterr().out.splitlines()
    assert len(run.losses) == 100
    assert lines == [f"loss:{loss:.3f}" for loss in run.losses[::10]]
    assert all(re.fullmatch(r"loss:\d\.\d{3}", line) for line in lines)


@pytest.mark.parametrize("batch", [1, 3])
def test_the_run_of_the_section_hardly_learns(batch: int) -> None:
    run = section_run(batch=batch)
    assert 0 < run.losses[0] - run.losses[-1] < 0.03
    # First-order: a step of gradient descent gains the learning rate times the norm squared.
    foretold = sum(0.001 * norm**2 for norm in run.gradient_norms)
    assert run.losses[0] - run.losses[-1] == pytest.approx(foretold, abs=0.005)


@pytest.mark.parametrize("cell", FAMILY)
def test_the_other_run_learns_within_200_steps(cell: str) -> None:
    run = learning_run(cell)
    assert len(run.losses) == 200
    assert run.losses[-1] < 0.01
    _, y = waves(1)
    assert nn.functional.mse_loss(run.prediction, y).item() == pytest.approx(run.losses[-1])


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_it_learns_three_waves_as_well(cell: str) -> None:
    assert learning_run(cell, batch=3).losses[-1] < 0.01


@pytest.mark.parametrize("batch", [1, 3])
def test_a_seed_fixes_every_number(batch: int) -> None:
    first, second = section_run(batch=batch), section_run(batch=batch)
    assert first.losses == second.losses
    assert torch.equal(first.prediction, second.prediction)
    assert first.losses != section_run(batch=batch, seed=1).losses


@pytest.mark.parametrize("batch", [1, 3])
def test_a_step_measures_predicts_and_cuts_the_state_off(batch: int) -> None:
    torch.manual_seed(0)
    model = build("lstm")
    x, y = waves(batch)
    state = model.init_hidden(batch)
    expected: list[Tensor] = [tensor.detach() for tensor in model(x, *state)]
    step = train_step(model, torch.optim.SGD(model.parameters(), lr=0.1), x, y, state)
    assert torch.equal(step.prediction, expected[0])
    assert step.loss.item() == pytest.approx((expected[0] - y).square().mean().item())
    for ours, theirs in zip(step.state, expected[1:], strict=True):
        assert torch.equal(ours, theirs)
    assert not any(tensor.requires_grad for tensor in (step.loss, step.prediction, *step.state))
    flat = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
    assert step.gradient_norm.item() == pytest.approx(flat.norm().item())
    assert not torch.equal(model(x, *state)[0], expected[0])


def test_a_carried_state_is_where_the_next_step_starts() -> None:
    x, y = waves(3)
    runs = {}
    for carry in (True, False):
        torch.manual_seed(0)
        model = build("gru")
        still = torch.optim.SGD(model.parameters(), lr=0.0)
        state = model.init_hidden(3)
        runs[carry] = train(model, still, x, y, state, 2, carry, report=lambda line: None)
        once, *after = model(x, *state)
        twice, *_ = model(x, *after)
        torch.testing.assert_close(runs[carry].prediction, twice if carry else once)
    assert runs[True].losses[0] == runs[False].losses[0]
    assert runs[True].losses[1] != runs[False].losses[1]
