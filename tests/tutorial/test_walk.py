"""``python -m tutorial``: what a learner reads, and what bad arguments get."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from tutorial.__main__ import main
from tutorial.family import FAMILY
from tutorial.walk import walk

ROOT = Path(__file__).parents[2]


def told(cell: str, batch: int, steps: int | None, seed: int = 0) -> str:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    walk(console, cell, batch, steps, seed)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("cell", "batch", "steps"), [("lstm", 1, None), ("gru", 3, 20), ("rnncell", 3, 20)]
)
def test_the_walk_reads_well(
    golden: Callable[[str, str], None], cell: str, batch: int, steps: int | None
) -> None:
    golden(f"walk_{cell}_batch_{batch}.txt", told(cell, batch, steps))


@pytest.mark.parametrize("cell", FAMILY)
def test_every_cell_has_a_walk(cell: str) -> None:
    text = told(cell, batch=2, steps=1)
    assert f"= {FAMILY[cell].__name__}(1, 20" in text
    assert "Equal to float tolerance." in text


def test_a_seed_repeats_the_walk_and_another_does_not() -> None:
    assert told("gru", 2, 5, seed=7) == told("gru", 2, 5, seed=7) != told("gru", 2, 5, seed=8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cell", "transformer"], "'transformer' is not one of 'lstm', 'gru', 'rnn'"),
        (["--batch", "0"], "Invalid value for '--batch': 0 is not in the range x>=1"),
        (["--batch", "three"], "'three' is not a valid integer"),
        (["--steps", "-1"], "Invalid value for '--steps': -1 is not in the range x>=1"),
        (["--seed", "-1"], "Invalid value for '--seed': -1 is not in the range"),
        (["--plot", "waves.xyz"], "Invalid value for --plot: 'waves.xyz' should end in a kind of"),
        (["--plot", "nowhere/waves.png"], "Invalid value for --plot: there is no folder 'nowhere'"),
        (["wave"], "Got unexpected extra argument (wave)"),
    ],
)
def test_bad_arguments_get_a_clear_error(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert "1. Data" not in result.output


def test_plot_without_matplotlib_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.backend_bases", None)
    result = CliRunner().invoke(main, ["--plot", "waves.png"])
    assert result.exit_code == 2
    assert "a picture needs matplotlib: pip install matplotlib" in result.output


def test_plot_writes_the_picture_and_says_where(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "waves.svg"
    result = CliRunner().invoke(main, ["--steps", "1", "--plot", str(file)])
    assert result.exit_code == 0
    assert f"The picture is in {file}." in result.output.replace("\n", "")
    assert "<svg" in file.read_text(encoding="utf-8")


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tutorial", "--steps", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "(batch=1, seq=10, feature=1)" in done.stdout
