"""A program with numpy in it sees what it would see without the probes in its code."""

import ast
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from shapecheck.runtime.arrays.exempt import looks_at_code

Command = Callable[..., CompletedProcess[str]]
Program = Callable[[str], Path]
ODD = Path(__file__).parents[1] / "programs" / "arrays" / "odd.py"

# As deep as Python compiles, and deeper than it compiles with probes in it.
DEEP = "import numpy as np, torch\na = np.ones(2)\nprint((" + " + ".join(["a"] * 900) + ").sum())\n"


def test_order_errors_carets_identities_and_variables(
    tmp_path: Path, command: Command, plainly: Command
) -> None:
    shutil.copy(ODD, tmp_path / "homework.py")
    plain = plainly("homework.py")
    watched = command("run", "homework.py")
    assert "ValueError: matmul" in plain.stderr.splitlines()[-1]
    assert watched.stdout == plain.stdout
    assert watched.stderr.startswith(plain.stderr)
    assert "our own failure" not in watched.stderr


def test_what_is_nested_too_deeply_runs_as_it_is(
    program: Program, command: Command, plainly: Command
) -> None:
    program(DEEP)
    watched = command("run", "homework.py")
    assert (watched.stdout, watched.returncode) == (plainly("homework.py").stdout, 0)
    assert watched.stderr == "shapecheck: homework.py ran to its end; nothing found\n"


def test_a_finding_between_torch_numpy_and_torch(program: Program, command: Command) -> None:
    program("""
import numpy as np
import torch

batch_size, seq_len, n_features = 6, 10, 3
data = np.random.rand(batch_size, seq_len, n_features).astype(np.float32)
data = (data - data.mean(axis=(0, 1))) / data.std(axis=(0, 1))
out, _ = torch.nn.LSTM(n_features, 4)(torch.tensor(data))
""")
    report = json.loads(command("run", "homework.py", "--format", "json").stdout)
    (found,) = report["findings"]
    assert (found["slug"], found["line"]) == ("role-conflict", 8)
    assert "it is called batch_size (line 6)" in found["cause"]


LOOKS = {
    "a debugger": "breakpoint()",
    "compiled code": "net = torch.compile(net)",
    "a compiled function": "@torch.jit.script\ndef f(x): return x",
    "functions sent elsewhere": "from joblib import Parallel",
    "workers of a library": "cross_val_score(model, x, y, n_jobs=2)",
    "who refers to what": "sys.getrefcount(x)",
}


@pytest.mark.parametrize("code", LOOKS.values(), ids=LOOKS.keys())
def test_code_that_is_looked_at_gets_no_probes(code: str) -> None:
    assert looks_at_code(ast.parse(code))
    assert not looks_at_code(ast.parse("import re\nre.compile('x')\nx = np.ones(3).mean()"))


def test_the_page_shows_what_is_printed(program: Program, command: Command) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "run.md").read_text("utf-8")
    section = page.partition("in numpy\n")[2]
    program(section.partition("```python\n")[2].partition("```")[0])
    shown = section.partition("```text\n")[2].partition("```")[0]
    assert command("run", "homework.py").stderr.startswith(shown)
