"""`--shapecheck-run` and `run`: programs as test items."""

import xml.etree.ElementTree as ET

import pytest

CLEAN = "import sys\nopen('ran.txt', 'a').write('x')\nprint(__name__, sys.argv)\n"
SILENT = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

lstm = nn.LSTM(3, 8)
for (x,) in DataLoader(TensorDataset(torch.randn(12, 5, 3)), batch_size=4):
    out, _ = lstm(x)
"""


@pytest.fixture
def folder(pytester: pytest.Pytester) -> pytest.Pytester:
    """A clean program, and a test beside it."""
    pytester.makepyfile(clean=CLEAN, test_beside="def test_it(): pass")
    return pytester


def ran(folder: pytest.Pytester) -> int:
    """How often the clean program ran."""
    file = folder.path / "ran.txt"
    return len(file.read_text("utf-8")) if file.exists() else 0


def test_the_flag_adds_a_program(folder: pytest.Pytester) -> None:
    result = folder.runpytest("--shapecheck-run", "clean.py", "-v", "-rP")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["clean.py::run PASSED*", "__main__ ['clean.py']"])
    assert ran(folder) == 1


@pytest.mark.parametrize("words", [["--collect-only"], ["--collect-only", "clean.py"]])
def test_collection_executes_nothing(folder: pytest.Pytester, words: list[str]) -> None:
    result = folder.runpytest("--shapecheck-run=clean.py", *words)
    result.stdout.fnmatch_lines(["*ProgramItem run*"])
    assert ran(folder) == 0


@pytest.mark.parametrize(
    ("words", "times", "tests"),
    [([], 1, 2), (["test_beside.py"], 0, 1), (["clean.py"], 1, 1), (["--no-shapecheck"], 0, 1)],
)
def test_the_setting(folder: pytest.Pytester, words: list[str], times: int, tests: int) -> None:
    folder.makepyprojecttoml('[tool.shapecheck]\nrun = ["clean.py"]\n')
    folder.runpytest(*words).assert_outcomes(passed=tests)
    assert ran(folder) == times


@pytest.mark.parametrize(("words", "times"), [([], 1), (["tests"], 0)])
def test_the_setting_outside_of_testpaths(
    folder: pytest.Pytester, words: list[str], times: int
) -> None:
    folder.makepyprojecttoml(
        '[tool.shapecheck]\nrun = ["clean.py"]\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
    )
    folder.mkdir("tests").joinpath("test_in.py").write_text("def test_it(): pass", "utf-8")
    folder.runpytest(*words).assert_outcomes(passed=1 + times)
    assert ran(folder) == times


def test_a_program_named_like_a_test_is_not_imported(folder: pytest.Pytester) -> None:
    folder.makepyfile(test_homework=CLEAN + "def test_inside(): pass\n")
    folder.runpytest("--shapecheck-run=test_homework.py").assert_outcomes(passed=2)
    assert ran(folder) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SILENT, "nn.LSTM reads axis 0 of x as time, but it is batch*role-conflict*"),
        ("raise ValueError('bad')", "shapecheck: program.py raised ValueError; nothing found"),
        ("import sys; sys.exit(3)", "shapecheck: program.py exited with status 3; nothing found"),
    ],
    ids=["finding", "raises", "exits"],
)
def test_what_fails(folder: pytest.Pytester, text: str, said: str) -> None:
    folder.makepyfile(program=text)
    result = folder.runpytest("--shapecheck-run=program.py")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*shapecheck run program.py*", said])
    result.stdout.no_fnmatch_line("*launch(*")  # no frame of ours


def test_a_folder_and_one_that_is_not_there(folder: pytest.Pytester) -> None:
    folder.mkdir("scripts").joinpath("a.py").write_text("", encoding="utf-8")
    folder.runpytest("--shapecheck-run=scripts,clean.py").assert_outcomes(passed=3)
    result = folder.runpytest("--shapecheck-run=nowhere.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*shapecheck: there is no file *nowhere.py"])


def test_with_packages_and_workers(project: pytest.Pytester) -> None:
    project.makepyfile(program="1 / 0", clean=CLEAN)
    result = project.runpytest(
        "--shapecheck=shapes", "--shapecheck-run=program.py,clean.py", "-n2", "-p", "xdist"
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*raised ZeroDivisionError*"])
    assert ran(project) == 1


WARNED = """
import torch

def flatten(x):
    return x.view(32, -1)

batch_size = 32
flatten(torch.randn(batch_size, 3, 4))
"""


def test_junit_has_every_finding(folder: pytest.Pytester) -> None:
    folder.makepyfile(program=SILENT, warned=WARNED)
    folder.runpytest("--shapecheck-run=program.py,warned.py", "--junitxml=junit.xml")
    cases = {
        case.attrib["classname"]: case
        for case in ET.parse(folder.path / "junit.xml").iter("testcase")
    }
    (failure,) = cases["program"].iter("failure")
    assert "nn.LSTM reads axis 0 of x as time, but it is batch" in failure.attrib["message"]
    assert failure.text is not None
    assert "program.py:7" in failure.text
    assert [*cases["warned"].iter("failure")] == []
    told = {
        name: [p.attrib["value"] for p in case.iter("property")] for name, case in cases.items()
    }
    assert [value.split(": ")[0] for value in told["program"]] == ["error program.py:7"]
    (warning,) = told["warned"]
    assert warning.startswith("warning warned.py:4: ")
    assert warning.endswith("[batch-hard-coded]")
