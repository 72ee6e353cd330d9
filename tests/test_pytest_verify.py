"""`pytest --shapecheck-verify`, as its user sees it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROJECTS = ROOT / "tests/projects"
Weather = Callable[..., pytest.Pytester]


@pytest.fixture
def weather(pytester: pytest.Pytester) -> Weather:
    """``weather((file, old, new), …)``: the project, with texts replaced."""

    def make(*edits: tuple[str, str, str]) -> pytest.Pytester:
        shutil.copytree(PROJECTS / "weather", pytester.path, dirs_exist_ok=True)
        for file, old, new in edits:
            path = pytester.path / file
            assert path.read_text().count(old) == 1
            path.write_text(path.read_text().replace(old, new))
        return pytester

    return make


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_subprocess(*arguments)


def ledger(project: pytest.Pytester) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((project.path / "ledger.json").read_text())
    return data


def verdicts(project: pytest.Pytester) -> dict[str, str]:
    entries = ledger(project)["entries"]
    return {f"{e['site']['place']['function']} {e['site']['text']}": e["verdict"] for e in entries}


def shown(result: pytest.RunResult) -> str:
    """The ledger as printed, without what the clock says."""
    text = str(result.stdout)
    start = text.index("shapecheck: the ledger")
    return text[text.index("\n", start) + 1 : text.rindex("\n", 0, text.index(" mutants in "))]


BLIND = {
    "anomalies .mean(dim=1, keepdim=True)": "unverified",
    "worst_error .amax(dim=1)": "not reached",
}


@pytest.mark.slow
def test_the_blind_spots_of_a_project_are_found_and_nothing_else(
    weather: Weather, golden: Callable[[str, str], None]
) -> None:
    project = weather()
    before = {f: f.read_bytes() for f in project.path.rglob("*.py")}
    result = run(
        project,
        *("--shapecheck-verify", "--shapecheck-fail-under=100"),
        *("--shapecheck-ledger=ledger.json", "--junitxml=junit.xml"),
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=7)
    golden("weather_ledger.txt", shown(result))
    assert {s: v for s, v in verdicts(project).items() if v != "verified"} == BLIND
    (softmax,) = [e for e in ledger(project)["entries"] if "softmax" in e["site"]["text"]]
    assert {mutant["pin"] for mutant in softmax["mutants"]} >= {"law"}
    properties = ET.parse(project.path / "junit.xml").iter("property")
    values = {p.get("name"): p.get("value") for p in properties}
    assert values["shapecheck-verified-percent"] == "88.89"
    assert values["shapecheck-unverified"] == "1"
    assert {f: f.read_bytes() for f in before} == before


@pytest.mark.slow
def test_an_annotation_or_a_test_taken_away_unpins_the_sites_it_pinned(
    weather: Weather, golden: Callable[[str, str], None]
) -> None:
    tests = (PROJECTS / "weather/tests/test_weather.py").read_text()
    hottest = tests[tests.index("def test_the_hottest") :]
    project = weather(
        ("weather/readings.py", 'mean: Float[Tensor, "1 station"]', "mean"),
        ("tests/test_weather.py", hottest, ""),
    )
    result = run(
        project,
        *("--shapecheck-verify", "--shapecheck-ledger=ledger.json", "--shapecheck-no-probe"),
    )
    golden("weather_ledger_unpinned.txt", shown(result))
    assert {s: v for s, v in verdicts(project).items() if v != "verified"} == {
        **BLIND,
        # Every shape is right with a softmax over the batch, and without the dim while more
        # than one sample comes by; only laws can tell.
        "Attention.forward .squeeze(-1)": "unverified",
        "Attention.forward torch.softmax(scores, dim=1)": "unverified",
        "standardised .mean(dim=0, keepdim=True)": "unverified",
        "hottest .argmax(dim=1)": "not reached",
    }


@pytest.mark.slow
def test_one_place_with_a_part_of_the_suite_dealt_out_to_workers(weather: Weather) -> None:
    project = weather()
    result = run(
        project,
        *("-v", "-n2", "-k", "column", "--shapecheck-verify=weather/readings.py"),
        "--shapecheck-ledger=ledger.json",
    )
    assert result.ret == pytest.ExitCode.OK
    result.stdout.re_match_lines([r"weather/readings.py:\d+ +series\[:, None\] +verified +"])
    reached = {site for site, verdict in verdicts(project).items() if verdict == "verified"}
    assert reached == {"as_column series[:, None]"}
    assert {e["site"]["place"]["file"] for e in ledger(project)["entries"]} == {
        str(project.path / "weather/readings.py")
    }


HOSTILE = """
import os, sys, torch

def loops(x):
    y = x.unsqueeze(0)
    while y.shape[0] != 1:
        pass
    return y

def dies(x):
    y = x.unsqueeze(0)
    if y.shape[0] != 1:
        os._exit(3)
    return y

def exits(x):
    y = x.unsqueeze(0)
    if y.shape[0] != 1:
        sys.exit(4)
    return y
"""
HOSTILE_TESTS = """
import pathlib, pytest, torch
from hostile import dies, exits, loops

@pytest.fixture(scope="session")
def ones():
    return torch.ones(3)

@pytest.mark.parametrize("function", [loops, dies, exits])
def test_shape(function, ones, tmp_path):
    (tmp_path / "note").write_text("x")
    assert function(ones).shape == (1, 3)

class TestState:
    count = 0
    def test_once(self):
        TestState.count += 1
        assert TestState.count == 1
        assert exits(torch.ones(3)).shape == (1, 3)

def test_writes():
    exits(torch.ones(3))
    pathlib.Path(__file__).with_name("result").write_text("x")
"""


@pytest.mark.slow
def test_mutants_that_loop_die_or_exit_are_told_and_unfit_tests_are_named(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(hostile=HOSTILE, test_hostile=HOSTILE_TESTS)
    pytester.makepyprojecttoml(
        '[tool.pytest.ini_options]\npythonpath = ["."]\n[tool.shapecheck]\npackages = ["hostile"]\n'
    )
    result = run(pytester, "--shapecheck-verify", "--shapecheck-ledger=ledger.json")
    result.assert_outcomes(passed=5)
    unsqueezes = {
        entry["site"]["place"]["function"]: entry
        for entry in ledger(pytester)["entries"]
        if entry["site"]["kind"] == "unsqueeze"
    }
    assert {e["verdict"] for e in unsqueezes.values()} == {"verified"}
    first = {name: entry["mutants"][0] for name, entry in unsqueezes.items()}
    assert re.fullmatch(r"it did not end within \d+ s", first["loops"]["message"])
    assert first["dies"]["message"] == "the process exited with status 3"
    assert first["exits"]["message"] == "SystemExit: 4"
    assert {m["pin"] for name in ("loops", "dies") for m in [first[name]]} == {"death"}
    reasons = {left["item"]: left["reason"] for left in ledger(pytester)["left_out"]}
    # The class counted the first run too, but that was in another process.
    assert reasons["test_hostile.py::TestState::test_once"].startswith("it passes once but not")
    assert reasons["test_hostile.py::test_writes"].startswith("it writes outside its own folder")
    assert len(reasons) == 2


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--shapecheck-verify=weather/nowhere.py", "*finds no site in weather/nowhere.py*"),
        ("--shapecheck-verify=weather/model.py:1", "*no site at weather/model.py:1;*in line 16,*"),
        ("--shapecheck-verify=tests", "*takes FILE.py or FILE.py:LINE, not `tests`*"),
        ("--shapecheck-fail-under=101", "*must be a number from 0 to 100, not '101'*"),
    ],
)
def test_a_misspelt_option_is_told_before_any_test_runs(
    weather: Weather, argument: str, said: str
) -> None:
    result = weather().runpytest_inprocess(argument, "--shapecheck=weather")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])


def test_a_finding_makes_its_site_violated_though_failing_tests_verify_nothing(
    weather: Weather,
) -> None:
    project = weather(("weather/readings.py", "series[:, None]", "series[None, :]"))
    result = run(project, "--shapecheck-verify", "--shapecheck-ledger=ledger.json")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.re_match_lines(
        [
            r"violated",
            r"  weather/readings.py:\d+ in as_column  series\[None, :\]",
            r"    The return value of as_column has its axes in another order than declared",
            r"nothing was verified: only tests that pass can notice a mutant",
        ],
        consecutive=False,
    )
    told = verdicts(project)
    assert told.pop("as_column series[None, :]") == "violated"
    assert set(told.values()) == {"not verifiable"}
    assert ledger(project)["percent"] == 0.0


def test_failing_tests_verify_nothing(weather: Weather) -> None:
    project = weather(("tests/test_weather.py", "[1, 0]", "[0, 0]"))
    result = project.runpytest_inprocess("--shapecheck-verify")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["nothing was verified: only tests that pass can notice a mutant"])


@pytest.fixture
def course(pytester: pytest.Pytester) -> pytest.Pytester:
    """The tutorial, with its tests of the data."""
    shutil.copytree(ROOT / "tutorial", pytester.path / "tutorial")
    shutil.copy(ROOT / "tests/tutorial/test_data.py", pytester.path)
    pytester.makepyprojecttoml(
        '[tool.pytest.ini_options]\npythonpath = ["."]\n'
        '[tool.shapecheck]\npackages = ["tutorial"]\n'
    )
    return pytester


def missed(course: pytest.Pytester) -> list[tuple[str, str, str, str]]:
    """Where, what, verdict and suggestion for the sites of the data that are not verified."""
    result = run(course, "--shapecheck-verify=tutorial/data.py", "--shapecheck-ledger=ledger.json")
    assert result.ret == pytest.ExitCode.OK
    return [
        (e["site"]["place"]["function"], e["site"]["text"], e["verdict"], e["suggestion"])
        for e in ledger(course)["entries"]
        if e["verdict"] != "verified"
    ]


@pytest.mark.slow
def test_taking_an_annotation_from_the_tutorial_unpins_a_site_and_suggests_the_annotation(
    course: pytest.Pytester,
) -> None:
    assert missed(course) == []
    # A time of (seq,) broadcasts like one of (1, seq): every result is right without the axis.
    file = course.path / "tutorial/data.py"
    before, annotation, after = file.read_text().partition(': Float32[Tensor, "1 seq"] =')
    assert annotation
    file.write_text(f"{before} ={after}")
    suggestion = 'declare the result: "1 a" takes what it gives now and refuses (7,)'
    assert missed(course) == [("waves", ".unsqueeze(0)", "unverified", suggestion)]


@pytest.mark.slow
def test_taking_tests_from_the_tutorial_leaves_their_sites_not_reached(
    course: pytest.Pytester,
) -> None:
    file = course.path / "test_data.py"
    kept, parametrized, _ = file.read_text().partition('@pytest.mark.parametrize("batch"')
    assert parametrized
    file.write_text(kept)
    assert missed(course) == [
        ("waves", ".unsqueeze(-1)", "not reached", ""),
        ("waves", ".unsqueeze(0)", "not reached", ""),
        ("waves", ".unsqueeze(-1)", "not reached", ""),
        ("waves", ".unsqueeze(-1)", "not reached", ""),
    ]


INTERRUPTS = """
import os, signal, torch

def row(x):
    return x.unsqueeze(0)

def column(x):
    y = x.unsqueeze(1)
    if y.shape != (3, 1):
        os.killpg(0, signal.SIGINT)  # what a terminal does at Ctrl-C
        while True:
            try:
                signal.pause()
            except KeyboardInterrupt:
                pass
    return y
"""
INTERRUPTS_TESTS = """
import torch
from interrupts import column, row

def test_row():
    assert row(torch.ones(3)).shape == (1, 3)

def test_column():
    assert column(torch.ones(3)).shape == (3, 1)
"""


def _heed_interrupts() -> None:
    """A shell that runs the tests in the background has all that it starts ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="Windows knows no groups of processes")
def test_ctrl_c_in_the_midst_of_a_mutant_leaves_nothing_behind(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(interrupts=INTERRUPTS, test_interrupts=INTERRUPTS_TESTS)
    pytester.makepyprojecttoml(
        '[tool.pytest.ini_options]\npythonpath = ["."]\n'
        '[tool.shapecheck]\npackages = ["interrupts"]\n'
    )
    temporary = pytester.mkdir("temporary")
    monkeypatch.setenv("TMPDIR", str(temporary))
    before = {f: f.read_bytes() for f in pytester.path.glob("*.py")}
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--shapecheck-verify"]
    words += ["--shapecheck-ledger=ledger.json"]
    with subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_interrupts,
    ) as process:
        said = process.communicate()[0]
    assert process.returncode == pytest.ExitCode.INTERRUPTED, said
    assert "interrupted: the other sites were not tried; no file was changed" in said
    told = {
        e["site"]["place"]["function"]: (e["verdict"], e["reason"])
        for e in ledger(pytester)["entries"]
    }
    assert told == {
        "row": ("verified", ""),
        "column": ("not verifiable", "interrupted before it was tried"),
    }
    with pytest.raises(ProcessLookupError):  # the worker is gone as well, though it would not go
        os.killpg(process.pid, 0)
    assert {f: f.read_bytes() for f in pytester.path.glob("*.py")} == before
    assert not list(temporary.glob("shapecheck-*"))


TEST_MODULE = """
import torch

ROWS = torch.ones(3).unsqueeze(0)

class Fixed:
    column = torch.ones(3).unsqueeze(1)

def column(x):
    return x.unsqueeze(1)

def test_asserts():
    x = torch.ones(3)
    y = x.unsqueeze(-1)
    def inner():
        return x.unsqueeze(-1)
    assert column(x).shape == y.shape == inner().shape == (3, 1)

def never(x):
    return x.unsqueeze(0)
"""


def test_test_modules_are_verified_as_far_as_pytest_leaves_them_as_written(
    pytester: pytest.Pytester,
) -> None:
    (pytester.mkdir("checks") / "test_it.py").write_text(TEST_MODULE)
    pytester.makepyprojecttoml('[tool.shapecheck]\npackages = ["checks"]\n')
    result = run(pytester, "--shapecheck-verify", "--shapecheck-ledger=ledger.json")
    assert result.ret == pytest.ExitCode.OK
    told = {
        entry["site"]["place"]["function"]: (entry["verdict"], entry["reason"])
        for entry in ledger(pytester)["entries"]
        if entry["site"]["kind"] == "unsqueeze"
    }
    altered = "what runs is not what the file's text compiles to, as where pytest rewrites asserts"
    imported = (
        "it runs when the module is imported, before any mutant can take its place; "
        "in a function it could be tried"
    )
    assert told == {
        "": ("not verifiable", imported),
        "Fixed": ("not verifiable", imported),
        "column": ("verified", ""),
        "test_asserts": ("not verifiable", altered),
        "test_asserts.<locals>.inner": ("not verifiable", altered),
        "never": ("not reached", "no test comes by it"),
    }
