"""`shapecheck run --trace`: the program runs as ever, and its lines show what they made."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "report.schema.json"
Command = Callable[..., CompletedProcess[str]]
Program = Callable[[str], Path]

# Prints what probes could change: names, losses bit by bit, a traceback of two frames.
TELLS = """
import torch
from net import Net

torch.manual_seed(0)
net = Net()
for _ in range(3):
    loss = net(torch.randn(4, 5, 3)).square().mean()
    loss.backward()
    print(loss.item().hex(), [p.grad.sum().item().hex() for p in net.parameters()])
print(sorted(globals()), sorted(vars(net)))
print(net.first(torch.randn(4, 5, 3)) +
      net.last(torch.randn(4, 5, 2)))
"""
NET = """
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 2)

    def forward(self, x):
        return self.linear(x)

    def first(self, x):
        return x[0]

    def last(self, x):
        return x.sum(0)[9:].item()
"""


def test_the_program_is_as_without_and_modules_beside_it_are_traced(
    tmp_path: Path, program: Program, command: Command, plainly: Command
) -> None:
    program(TELLS)
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    plain = plainly("homework.py")
    traced = command("run", "--trace", "--trace-html", "page.html", "homework.py")
    assert traced.stdout == plain.stdout
    assert "in last" in plain.stderr
    assert traced.stderr.startswith(plain.stderr)
    trace = traced.stderr[len(plain.stderr) :]
    assert "homework.py\n" in trace
    assert "net.py\n" in trace
    assert "→ loss  ()  float32  ×3" in trace
    assert "    → return  (4, 5, 2)  float32  ×3" in trace.replace("        →", "    →")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.count("<h2>") == 2
    assert "our own failure" not in trace


def test_for_tools_the_trace_is_in_the_report(program: Program, command: Command) -> None:
    program("import torch\nx = torch.randn(4, 5)\nfor row in x:\n    y = row.sum()\n")
    validator = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    report = json.loads(command("run", "--trace", "--format=json", "homework.py").stdout)
    validator.validate(report)
    values = {value["name"]: value for value in report["files"][0]["trace"]["values"]}
    assert values["y"]["times"] == 4
    assert values["x"]["place"]["file"] == "homework.py"
    assert [axis["size"] for axis in values["x"]["forms"][0]["axes"]] == [4, 5]


@pytest.mark.parametrize("last", ["raise SystemExit(3)", "os._exit(3)"])
def test_however_it_ends(program: Program, command: Command, last: str) -> None:
    program(f"import os, torch\nx = torch.ones(2, 3)\n{last}\n")
    done = command("run", "--trace", "homework.py")
    assert "→ x  (2, 3)  float32" in done.stderr
    assert "homework.py exited with status 3" in done.stderr


def test_blocks_of_markdown_are_traced(tmp_path: Path, command: Command) -> None:
    text = "# A chapter\n\n```python\nimport torch\n```\n\nThen:\n\n"
    text += "```python\nx = torch.ones(2, 3)\n```\n"
    (tmp_path / "chapter.md").write_text(text, encoding="utf-8")
    done = command("run", "--trace", "chapter.md")
    assert " 10 │ x = torch.ones(2, 3)\n    │ → x  (2, 3)  float32\n" in done.stderr


def test_a_page_that_cannot_be_written_is_said_before_the_run(
    program: Program, command: Command
) -> None:
    program("print('ran')\n")
    done = command("run", "--trace-html", "no/such/page.html", "homework.py")
    assert done.returncode == 2
    assert "ran" not in done.stdout
    assert "lies in a folder that is not there" in done.stderr
