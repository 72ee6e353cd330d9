"""Stories of the command: a program in a folder of its own, run plainly and under watch."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """``command("run", "a.py", stdin="")``: what `shapecheck` did in the test's folder."""
    return lambda *words, **given: _done(tmp_path, ["-m", "shapecheck", *words], **given)


@pytest.fixture
def plainly(tmp_path: Path) -> Command:
    """``plainly("a.py")``: what Python did with the same file in the same folder."""
    return lambda *words, **given: _done(tmp_path, list(words), **given)


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """``program(text)``: the text as ``homework.py`` in the test's folder."""

    def write(text: str) -> Path:
        file = tmp_path / "homework.py"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def _done(folder: Path, words: list[str], stdin: str = "", **variables: str) -> Done:
    quiet: dict[str, Any] = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, **quiet, **variables},
        check=False,
        timeout=120,
    )
