"""Training: the run of the section, which hardly learns, and a run that does.

The run of the section takes 100 steps of plain gradient descent at a learning rate of 0.001.
A step lowers the loss by about ``0.001 * norm ** 2``, where ``norm`` is the length of the
gradient. That was between 0.2 and 1.0 in every model of the family, so 100 steps cannot gain
more than 0.1, and gained 0.04 at most. The run that learns lets Adam scale the steps, and starts
every pass over the waves from a state of zeros.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tutorial.family import Recurrent


class Run(NamedTuple):
    """What a training run leaves behind."""

    losses: list[float]
    """The mean squared error before each step."""
    gradient_norms: list[float]
    """The length of the gradient over all parameters, at each step."""
    prediction: Float[Tensor, "batch seq 1"]
    """What the model said in the last step."""


class Step(NamedTuple):
    """What one training step gives."""

    loss: Float[Tensor, ""]
    gradient_norm: Float[Tensor, ""]
    prediction: Float[Tensor, "batch seq 1"]
    state: tuple[Float[Tensor, "layers=1 batch hidden"], ...]


def train_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    x: Float[Tensor, "batch seq feature"],
    y: Float[Tensor, "batch seq 1"],
    state: tuple[Float[Tensor, "layers=1 batch hidden"], ...],
) -> Step:
    """Predict, measure, follow the gradient downhill once."""
    prediction, *after = model(x, *state)
    loss: Float[Tensor, ""] = nn.MSELoss()(prediction, y)
    optimizer.zero_grad()
    loss.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    gradient_norm = nn.utils.get_total_norm(gradients)
    optimizer.step()
    # Cut the state off from the step that made it, or the next backward() would go through
    # this step again.
    carried = tuple(s.detach() for s in after)
    return Step(loss.detach(), gradient_norm, prediction.detach(), carried)


def train(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    x: Float[Tensor, "batch seq feature"],
    y: Float[Tensor, "batch seq 1"],
    state: tuple[Float[Tensor, "layers=1 batch hidden"], ...],
    steps: int,
    carry: bool,
    report: Callable[[str], object] = print,
) -> Run:
    """``steps`` training steps on one batch, the loss reported every ten.

    With ``carry`` the state at the end of a step is where the next one starts; without it each
    starts from ``state``.
    """
    losses, norms = [], []
    for i in range(steps):
        step = train_step(model, optimizer, x, y, state)
        losses.append(step.loss.item())
        norms.append(step.gradient_norm.item())
        if carry:
            state = step.state
        if i % 10 == 0:
            report(f"loss:{losses[-1]:.3f}")
    return Run(losses, norms, step.prediction)


def train_as_in_the_section(
    model: Recurrent,
    x: Float[Tensor, "batch seq feature"],
    y: Float[Tensor, "batch seq 1"],
    steps: int = 100,
    report: Callable[[str], object] = print,
) -> Run:
    """SGD at 0.001, the state carried over."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    state = model.init_hidden(x.size(0))
    return train(model, optimizer, x, y, state, steps, carry=True, report=report)


def train_until_it_learns(
    model: Recurrent,
    x: Float[Tensor, "batch seq feature"],
    y: Float[Tensor, "batch seq 1"],
    steps: int = 200,
    report: Callable[[str], object] = print,
) -> Run:
    """Adam at 0.02, every pass over the waves started from zeros."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    state = model.init_hidden(x.size(0))
    return train(model, optimizer, x, y, state, steps, carry=False, report=report)
