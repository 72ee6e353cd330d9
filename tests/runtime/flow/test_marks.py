"""What is remembered of how a tensor came about is bounded, however long the program runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.tracker import Tracker

SQUARES = torch.rand(3, 4, 4)
STEPS: dict[str, Callable[[Tensor], Tensor]] = {
    "products": lambda h: h * SQUARES[:, 0],
    "sums of products": lambda h: (h.unsqueeze(1) * SQUARES).sum(2),
    "copies": lambda h: torch.tanh(h.unsqueeze(1).expand(-1, 3, -1))[:, 0],
    "sums": lambda h: h * 0.9 + SQUARES[:, 0],
}


def held(axes: Axes) -> int:
    """How many records of axes one record holds on to."""
    seen: set[Axes] = set()
    todo = [axes]
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            summed = [one.marks.summed.source] if one.marks.summed else []
            copied = [one.marks.copies.root] if one.marks.copies else []
            todo += [*one.marks.factors, *summed, *copied, one.root]
    return len(seen)


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_a_loop_holds_on_to_its_last_rounds_alone(step: Callable[[Tensor], Tensor]) -> None:
    tracker = Tracker()
    with tracker:
        h = torch.rand(3, 4)
        for _ in range(30):
            h = step(h)
    assert tracker.errors == []
    assert held(tracker.before(h)) < 10
