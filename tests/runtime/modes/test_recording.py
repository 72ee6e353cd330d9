"""Programs that torch records instead of running them: recorded as they are, and said once."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.fx.experimental.proxy_tensor import make_fx

from shapecheck.runtime.guard import Guard

Doubled = Callable[[Any], Any]


def recorded(record: Callable[[Any, Any], Any], doubled: Doubled) -> None:
    """What was recorded computes what was recorded, at other sizes too."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)
        made = record(doubled, torch.ones(2, 3))
    x = torch.randn(5, 3)
    assert torch.equal(made(x), x * 2)


class Doubles(nn.Module):
    def __init__(self, doubled: Doubled) -> None:
        super().__init__()
        self.doubled = doubled

    def forward(self, x: Tensor) -> Any:
        return self.doubled(x)


def exported(doubled: Doubled, x: Tensor) -> Any:
    sizes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("feature")}
    return torch.export.export(Doubles(doubled), (x,), dynamic_shapes=(sizes,)).module()


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (lambda f, x: torch.jit.trace(f, x), "calls that torch.jit.trace records"),
        (lambda f, x: torch.fx.symbolic_trace(f), "calls that torch.fx traces"),
        (exported, "calls that torch.export records"),
        (
            lambda f, x: make_fx(f, tracing_mode="symbolic")(x),
            "calls that torch.fx traces",
        ),
    ],
    ids=["jit", "fx", "export", "make_fx"],
)
def test_what_is_recorded_is_recorded_as_it_is_and_said_once(
    guard: Guard, doubled: Doubled, record: Callable[..., Any], words: str
) -> None:
    recorded(record, doubled)
    (entry,) = guard.record.skipped
    assert (entry.reason, entry.function) == (words, "doubled")
