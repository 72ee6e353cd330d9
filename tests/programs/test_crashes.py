"""Programs of students that raise: the remedy that each is told, and the whole of some messages.

`golden/crashes.txt` holds one line a program; `-` where nothing is recommended, because nothing
that was tried is surely what is meant. Read its diff as somebody would who wrote that program.
"""

from __future__ import annotations

import contextlib
import io
import runpy
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from shapecheck.check.session import Session
from shapecheck.core.evidence import Crash
from shapecheck.core.facts import Raised
from shapecheck.core.finding import Finding
from shapecheck.rules import by_cause, judged
from shapecheck.runtime.running.traces import clean

PROGRAMS = sorted((Path(__file__).parent / "crashes").glob("*.py"))
WHOLE = (
    "01_mlp_no_flatten",
    "02_cnn_flatten_size",
    "04_loss_batch_from_view",
    "08_lstm_hidden_batch_first",
    "09_lstm_layers",
    "17_ce_num_classes",
    "22_double_float",
    "26_bias_axis",
    "32_collate_unequal",
    "40_heads_not_divisible",
    "44_positional_longer",
    "45_residual_channels",
    "60_rnncell_time",
    "104_sequential_no_flatten",
    "118_cat_dim0_then_linear",
)


@cache
def told(program: Path) -> Finding:
    """What the command says of the exception: one finding, that of the likeliest cause."""
    session = Session()
    session.start()
    error: Exception | None = None
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            runpy.run_path(str(program), run_name="__main__")
    except Exception as raised:
        error = raised
    finally:
        session.stop()
    assert error is not None, "the program ran to its end"
    clean(error)
    pairs = list(judged(session.evidence(error)))
    assert session.errors() == []
    places = {finding.place for finding, piece in pairs if isinstance(piece, (Crash, Raised))}
    (finding,) = [finding for finding in by_cause(pairs) if finding.place in places]
    return finding


def test_the_remedy_of_each(golden: Callable[[str, str], None]) -> None:
    lines = [f"{program.stem}: {told(program).remedy or '-'}" for program in PROGRAMS]
    golden("crashes.txt", "\n".join(lines))


@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_message(name: str, golden: Callable[[str, str], None]) -> None:
    (program,) = [program for program in PROGRAMS if program.stem == name]
    golden(f"crash_{name}.txt", str(told(program)))
