"""A debugger steps from a call into the user's function: real sessions of pdb, one of pytest's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

FUNCTION = """
import torch
from jaxtyping import Float
from torch import Tensor


def doubled(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    y = x * 2
    return y + 1
"""
LOOP = """
import shapecheck
from torch import ones
from doubling import doubled

doubled = shapecheck.checked(doubled)
x = ones(2, 3)
for i in range(15):
    doubled(x)
    i += 1
"""
TEST = """
from torch import ones
from doubling import doubled


def test_it():
    x = ones(2, 3)
    for i in range(15):
        if i in (0, 14):
            breakpoint()
        doubled(x)
    i += 1
"""
CALL = LOOP.splitlines().index("    doubled(x)") + 1
INSIDE = [
    "--Call--", "doubling.py(7)", "doubling.py(8)", "doubling.py(9)",
    "--Return--", "doubling.py(9)",
]  # fmt: skip


def session(folder: Path, words: list[str], typed: list[str]) -> list[str]:
    """Where the debugger stopped: file and line, and whether that is a call or a return."""
    for name, text in {"doubling.py": FUNCTION, "loop.py": LOOP, "test_loop.py": TEST}.items():
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        input="\n".join([*typed, "q", ""]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "AttributeError" not in done.stderr
    return re.findall(r"--Call--|--Return--|[^/ ]*\.py\(\d+\)", done.stdout)


@pytest.mark.parametrize("passes", [0, 14], ids=["at first", "code written"])
def test_pdb_steps_from_the_call_into_the_function(passes: int, tmp_path: Path) -> None:
    typed = [f"tbreak {CALL}, i == {passes}", "c", "s", "s", "s", "s", "s"]
    stops = session(tmp_path, ["pdb", "loop.py"], typed)
    assert stops[-8:] == [f"loop.py({CALL})", *INSIDE, f"loop.py({CALL + 1})"]


def test_in_a_test_with_breakpoint(tmp_path: Path) -> None:
    words = ["pytest", "-q", "-s", "-p", "no:cacheprovider", "--shapecheck=doubling"]
    stops = session(tmp_path, words, ["s", "s", "s", "s", "s", "c"] * 2)
    assert [stop for stop in stops if "test_loop" not in stop] == INSIDE * 2
