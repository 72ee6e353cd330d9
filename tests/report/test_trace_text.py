"""The trace in a terminal."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shapecheck.core.program import ProgramReport, Raised
from shapecheck.report.trace_html import trace_page
from shapecheck.report.trace_text import trace_text

Traced = Callable[..., ProgramReport]
Golden = Callable[[str, str], None]
WEATHER = (Path(__file__).parent / "weather.py.txt").read_text("utf-8")
COLORS = re.compile(r"\x1b\[[0-9;]*(?:3[0-7]|9[0-7])[0-9;]*m")


def test_each_line_is_followed_by_what_it_made(traced: Traced, golden: Golden) -> None:
    text = trace_text([traced(WEATHER)])
    assert max(map(len, text.splitlines())) <= 80
    assert text == "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    golden("trace.txt", text)


def test_the_source_stands_there_line_for_line(traced: Traced) -> None:
    text = trace_text([traced(WEATHER)], width=200)
    shown = re.findall(r"^ *\d+ │ ?(.*)$", text, re.MULTILINE)
    assert shown == WEATHER.splitlines()


def test_what_is_too_wide_goes_on_below(traced: Traced) -> None:
    long = f"import torch\nx = torch.ones({', '.join('1' * 20)})  # {'a word ' * 20}\n"
    text = trace_text([traced(long)])
    assert max(map(len, text.splitlines())) <= 80
    assert re.sub(r"\n +│ +(?!→)", " ", text).count("a word") == 20


def test_colours_are_asked_for_and_no_color_takes_them_away(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    report = traced(WEATHER)
    assert COLORS.search(trace_text([report], color=True))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not COLORS.search(trace_text([report], color=True))
    assert "\x1b" not in trace_text([report])


def test_where_a_program_raised_stands_at_its_line(traced: Traced) -> None:
    raised = Raised("RuntimeError", "the shapes\ndo not fit", "weather.py", 2)
    report = replace(traced("import torch\nx = torch.ones(3)\n"), exception=raised)
    assert trace_text([report]).rstrip().endswith("    │ ✗ raised RuntimeError: the shapes")
    assert "<strong>raised</strong> RuntimeError: the shapes</p>" in trace_page([report])


def test_loops_are_folded_and_say_what_changed(traced: Traced) -> None:
    text = trace_text([traced("import torch\nfor n in range(1, 9):\n    x = torch.zeros(n, 3)\n")])
    assert "→ x  (n=1 batch, 3)  float32  ×1" in text
    assert "        n=2  ×1, first the 2nd time" in text
    assert "… 4 more forms" in text


def test_a_step_that_says_no_more_than_its_result_is_left_out(traced: Traced) -> None:
    text = trace_text(
        [traced("import torch\nx = torch.zeros(4, 3)\ny = (x.relu() + 1).sum(0).neg()\n")]
    )
    assert "· x.relu() + 1  (4, 3)" in text.replace("(x.relu() + 1)", "x.relu() + 1")
    assert "· x.relu()  " not in text
    assert "· (x.relu() + 1).sum(0)  " not in text
