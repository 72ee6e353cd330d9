"""Warnings of torch name the user's line, once a line, as they do without a tracker."""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from shapecheck.runtime.tracker import Tracker

IMPLICIT = "for _ in range(2):\n    F.softmax(x)\nF.softmax(x)\n"  # three frames up, Python
COPIED = "torch.tensor(x)\ntorch.tensor(x)\n"  # the frame that asks, C++
BROADCAST = "F.mse_loss(x, x[:1])\n"  # two frames up
OWN = "import warnings\nwarnings.warn('of the program')\n"  # no operation of torch on the way
ASKED = """import warnings
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    F.softmax(x)
"""


def said(program: str, mode: Any) -> list[tuple[str, int, str, str]]:
    """The warnings of a program, with the places that they name."""
    names = {"F": F, "torch": torch, "x": torch.ones(4, 3), "__name__": "program"}
    code = compile(program, "program.py", "exec")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        with mode:
            exec(code, names)
    return [(w.filename, w.lineno, w.category.__name__, str(w.message)) for w in seen]


@pytest.mark.parametrize("program", [IMPLICIT, COPIED, BROADCAST, OWN, ASKED])
def test_a_warning_stands_where_it_would_without_us(program: str) -> None:
    alone = said(program, contextlib.nullcontext())

    assert said(program, Tracker()) == alone
    assert bool(alone) == (program is not ASKED)


def test_past_the_detour_that_a_mode_makes() -> None:
    """Five frames up, in torch's own module.py: at another line of it, since modules have hooks."""
    program = "torch.nn.Softmax()(x)\n"

    [there] = said(program, Tracker())

    [alone] = said(program, contextlib.nullcontext())
    assert (there[0], *there[2:]) == (alone[0], *alone[2:])


def test_nothing_of_ours_stays() -> None:
    before = vars(warnings).copy()

    said(IMPLICIT, Tracker())

    changed = {name for name, value in vars(warnings).items() if before.get(name) is not value}
    assert changed <= {"filters", "_filters_version", "onceregistry"}
