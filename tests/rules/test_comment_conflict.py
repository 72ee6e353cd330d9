"""comment-conflict: two comments of one call that cannot both be right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shapecheck.core.finding import Finding
from shapecheck.rules import judge
from shapecheck.runtime.comments import observe
from shapecheck.source.declarations import read_comments
from shapecheck.source.units import read_units


def findings(program: str) -> list[Finding]:
    (unit,) = read_units("program.py", program)
    return list(judge([observe(unit, read_comments(unit), {"__name__": "__main__"})]))


EXCHANGED = """\
import torch, torch.nn as nn
rnn = nn.RNN(5, 6)
def encode(x):
    out, state = rnn(x)  # out: (seq, batch, hidden)
    top = out + 0  # top: (batch, seq, hidden)
    return top
encode(torch.zeros(9, 4, 5))
"""

TWO_BATCHES = """\
import torch
def score(x, y):
    a = x + 0  # a: (batch, dim)
    b = y + 0  # b: (batch, dim)
    return a @ b.T
score(torch.zeros(4, 3), torch.zeros(7, 3))
"""


def test_exchanged_names_are_found_and_both_lines_named(
    golden: Callable[[str, str], None],
) -> None:
    (found,) = findings(EXCHANGED)
    assert (found.slug, found.place.line) == ("comment-conflict", 5)
    golden("comment-conflict-exchanged.txt", str(found))


def test_two_batches_in_one_call_are_found() -> None:
    (found,) = findings(TWO_BATCHES)
    assert (found.slug, found.place.line) == ("comment-conflict", 4)
    assert found.message == "`batch` is 4 in the comment of line 3 and 7 in this one"


@pytest.mark.parametrize(
    "call",
    [
        "score(torch.zeros(4, 3), torch.zeros(4, 3))",
        "score(torch.zeros(4, 3), torch.zeros(1, 3))",  # broadcast
        "score(torch.zeros(4, 3), torch.zeros(8, 3))",  # two candidates a sample
    ],
)
def test_batches_that_agree_are_left_alone(call: str) -> None:
    program = TWO_BATCHES.replace("score(torch.zeros(4, 3), torch.zeros(7, 3))", call)
    assert findings(program) == []


def test_one_call_in_which_they_agree_is_enough_to_be_silent() -> None:
    assert findings(TWO_BATCHES + "score(torch.zeros(4, 3), torch.zeros(4, 3))\n") == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("(N, C)", "(N, C)"),  # letters mean several things
        ("(seq_len, dim)", "(seq_len, dim)"),  # lengths are written alike
        ("(features, dim)", "(features, dim)"),
    ],
)
def test_names_that_mean_several_things_are_left_alone(first: str, second: str) -> None:
    program = TWO_BATCHES.replace("a: (batch, dim)", f"a: {first}")
    assert findings(program.replace("b: (batch, dim)", f"b: {second}")) == []


def test_a_module_goes_through_several_batches() -> None:
    program = (
        "import torch\n"
        "train = torch.zeros(4, 3)  # train: (batch, dim)\n"
        "test = torch.zeros(7, 3)  # test: (batch, dim)\n"
    )
    assert findings(program) == []


def test_two_functions_have_names_of_their_own() -> None:
    program = (
        "import torch\n"
        "def f(x):\n    a = x + 0  # (batch, dim)\n    return g(a[:3])\n"
        "def g(x):\n    b = x + 0  # (batch, dim)\n    return b\n"
        "f(torch.zeros(7, 3))\n"
    )
    assert findings(program) == []


def test_a_comment_that_another_reading_saves_is_left_alone() -> None:
    program = EXCHANGED.replace("top: (batch", "(batch").replace(
        "top = out + 0", "top = out.transpose(0, 1)[:, :, :].transpose(0, 1)"
    )
    assert findings(program) == []
