"""Shape comments of a script and of the modules beside it, checked as it runs."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Command = Callable[..., CompletedProcess[str]]
Program = Callable[[str], Path]

BESIDE = '''
import torch

def pooled(x):
    """Mean over time.

    Args:
        x: tensor of shape (batch, seq)
    """
    return x.mean(1)  # (batch, hidden)
'''
PROGRAM = """
import traceback, warnings
import torch
from torch import nn
from beside import pooled

torch.manual_seed(0)
hidden_size = 20
rnn = nn.LSTM(5, hidden_size, batch_first=True, bidirectional=True)
optimiser = torch.optim.Adam(rnn.parameters())
for step in range(3):
    x = torch.randn(3, 10, 5)  # x: (batch, seq, 5)
    out, _ = rnn(x)  # out: (batch, seq, hidden_size)
    # (batch, 3)
    y = pooled(out)  # shapecheck: ignore[stale-comment]
    loss = y.pow(2).sum()  # (1,)
    optimiser.zero_grad(); loss.backward(); optimiser.step()
    print(loss.item().hex())
print(torch.rand(2).tolist())
try:
    z = (y +
         out)  # (batch, hidden)
except RuntimeError as error:
    print(traceback.extract_tb(error.__traceback__)[0], error)
warnings.warn("here")  # (B, T)
y.view(7)  # (7,)
"""


@pytest.fixture
def found(
    tmp_path: Path, program: Program, command: Command, plainly: Command
) -> Callable[..., Any]:
    program(PROGRAM)
    (tmp_path / "beside.py").write_text(BESIDE, encoding="utf-8")
    return lambda: (plainly("homework.py"), command("run", "homework.py", "--format=json"))


def test_comments_are_checked_and_nothing_else_changes(found: Callable[..., Any]) -> None:
    plain, watched = found()
    report = json.loads(watched.stdout)
    stale = [f for f in report["findings"] if f["slug"] == "stale-comment"]
    told = {(f["file"], f["line"], f["expected"], f["actual"]) for f in stale}
    assert told == {
        ("homework.py", 13, "(batch, seq, hidden_size)", "(3, 10, 40)"),
        ("beside.py", 8, "(batch, seq)", "(3, 10, 40)"),
    }
    assert report["files"][0]["ours"] == []
    # Losses, random numbers, tracebacks with their carets, warnings with their lines.
    assert sorted(watched.stderr.splitlines()) == sorted((plain.stdout + plain.stderr).splitlines())
    assert plain.returncode == report["files"][0]["exit_code"] == 1


def test_numpy_before_torch_is_not_judged_and_the_program_is_still_the_first_to_import_it(
    program: Program, command: Command
) -> None:
    program(
        "import sys\nimport numpy as np\nx = np.zeros((2, 3))  # (2, 4)\n"
        "print('torch' in sys.modules)\nimport torch\ny = torch.zeros(2, 3)  # (2, 4)\n"
    )
    done = command("run", "homework.py")
    assert done.stdout == "False\n"
    assert "homework.py:6" in done.stderr
    assert "homework.py:3" not in done.stderr


NAMED = """
import torch
from torch import nn

def read():
    return torch.randn(6, 5, 3)
"""
# Each with whether the layer that reads x has the batch first, and what is expected of its call.
NAMING = [
    ("x = read()  # (batch, seq, feature)", False, ["warning"]),
    ("x = read()  # (batch, seq, feature)", True, []),
    ("x = read()  # (seq, batch, feature)", False, []),
    ("x = read()  # two batches of a sequence", False, []),
    ("x = read()  # (batch, seq)", False, []),  # does not fit: it is no name for anything
    ("x = read()\nx = x.permute(1, 0, 2)  # (batch, seq, feature)", False, []),  # what it was
    ("x = read().permute(1, 0, 2)  # (batch, seq, feature)", False, []),
]


def test_names_from_comments_are_evidence_of_what_an_axis_is(
    program: Program, command: Command
) -> None:
    text, expected = NAMED, {}
    for line, first, severities in NAMING:
        text += f"{line}\nout, _ = nn.LSTM(3, 8, batch_first={first})(x)\n"
        expected[text.count("\n")] = severities
    program(text)
    report = json.loads(command("run", "homework.py", "--format=json").stdout)
    roles = [f for f in report["findings"] if f["slug"] == "role-conflict"]
    told = {at: [f["severity"] for f in roles if f["line"] == at] for at in expected}
    assert told == expected
    assert {f["line"] for f in roles} <= told.keys()
    assert all("the comment says 'batch'" in f["cause"] for f in roles)
