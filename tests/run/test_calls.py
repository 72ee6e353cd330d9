"""Laws in a script that annotates nothing: its calls are tried again once it has ended."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Program = Callable[[str], Path]
Command = Callable[..., CompletedProcess[str]]

GATE = """
import atexit, sys
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate, self.calls = nn.Linear(5, 5), 0

    def forward(self, x):
        self.calls += 1
        print("call", self.calls)
        return x + self.gate(x).amax(dim=0)

model = Gate()
for (x,) in DataLoader(TensorDataset(torch.randn(8, 5)), batch_size=4):
    print(repr(model(x).sum().item()))
atexit.register(lambda: print(model.calls, torch.rand(1).item()))
sys.exit(3)
"""


def report(done: CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_samples_that_mix_are_found_and_nothing_else_changes(
    program: Program, command: Command, plainly: Command
) -> None:
    file = program(GATE)
    plain = plainly("homework.py")
    watched = command("run", "homework.py", "--output", "report.json", "--format", "json")
    assert watched.stdout == plain.stdout
    found = json.loads((file.parent / "report.json").read_text())
    (finding,) = found["findings"]
    assert (finding["slug"], finding["severity"], finding["line"]) == (
        "batch-mixing",
        "warning",
        17,
    )
    assert "the DataLoader stacks samples at axis 0 (line 20)" in finding["cause"]
    assert found["files"][0]["outcome"] == "exited"
    assert found["files"][0]["exit_code"] == plain.returncode == 3


def test_the_page_shows_what_is_printed(program: Program, command: Command) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "run.md").read_text("utf-8")
    section = page.partition("## When every shape is right")[2]
    program(section.partition("```python\n")[2].partition("```")[0])
    shown = section.partition("```text\n")[2].partition("```")[0]
    printed = command("run", "homework.py").stderr
    assert printed.partition("    output ↓ input →")[0] == shown


KINDS = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(5, 5)

    def forward(self, x):
        if x.dim() == 2:
            return self.gate(x)
        return x + self.gate(x).amax(dim=0)

model = Gate()
data = TensorDataset(torch.randn(8, 5), torch.randn(8, 7, 5))
for x, sequences in DataLoader(data, batch_size=4):
    model(x)
    model(sequences)
"""


def test_each_kind_of_call_is_tried(program: Program, command: Command) -> None:
    program(KINDS)
    (finding,) = report(command("run", "homework.py", "--format", "json"))["findings"]
    assert (finding["slug"], finding["line"]) == ("batch-mixing", 16)


def test_no_seconds_no_trials(program: Program, command: Command) -> None:
    program(GATE)
    done = command("run", "homework.py", "--trial-seconds", "0", "--format", "json")
    assert report(done)["findings"] == []


def test_a_comment_at_the_witness_ignores_it(program: Program, command: Command) -> None:
    at = "batch_size=4):"
    program(GATE.replace(at, f"{at}  # shapecheck: ignore[batch-mixing]"))
    assert report(command("run", "homework.py", "--format", "json"))["findings"] == []


def test_what_an_error_says_is_not_said_again(program: Program, command: Command) -> None:
    layer = GATE.replace("nn.Linear(5, 5)", "nn.LSTM(5, 5)").replace(
        "randn(8, 5)", "randn(8, 3, 5)"
    )
    program(layer.replace("x + self.gate(x).amax(dim=0)", "self.gate(x)[0]"))
    found = report(command("run", "homework.py", "--format", "json"))["findings"]
    assert [(f["slug"], f["line"]) for f in found] == [("role-conflict", 17)]
    assert "batch-mixing" in [f["slug"] for f in found[0]["related"]]


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ("os._exit(0)", "it left by os._exit"),
        # As the command does when the time is over, whatever this machine needs to come so far.
        ("os.kill(os.getpid(), signal.SIGUSR2)\nwhile True: pass", "its time was over"),
    ],
)
def test_a_program_cut_short_is_said_to_be_held_to_no_law(
    program: Program, command: Command, last: str, why: str
) -> None:
    program("import os, signal\n" + GATE.replace("sys.exit(3)", last))
    file = report(command("run", "homework.py", "--format", "json"))["files"][0]
    reasons = [skipped["reason"] for skipped in file["skipped"]]
    assert f"no call is tried again: {why}, so that laws are not held" in reasons
