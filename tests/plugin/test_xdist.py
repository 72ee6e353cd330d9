"""With pytest-xdist everything that workers saw reaches the one report."""

import re

import pytest

TESTS = """
import pytest, torch
from shapes import flip, swallow

@pytest.mark.parametrize("i", range(4))
def test_right(i):
    flip(torch.ones(2, 3))

def test_wrong():
    flip(torch.ones(3))

def test_swallowed():
    swallow(torch.ones(3))
"""


def last_line(result: pytest.RunResult) -> str:
    return next(line for line in reversed(result.outlines) if line.startswith("shapecheck: "))


def test_findings_counts_and_exit_status(project: pytest.Pytester) -> None:
    project.makepyfile(test_it=TESTS, test_import="from shapes import swallow\nswallow(3)\n")
    alone = project.runpytest_inprocess("--shapecheck=shapes", "--shapecheck-report")
    result = project.runpytest_subprocess("--shapecheck=shapes", "--shapecheck-report", "-n", "2")
    for run in (alone, result):
        run.assert_outcomes(passed=4, failed=2)
        assert run.ret == pytest.ExitCode.TESTS_FAILED
        run.stdout.fnmatch_lines(
            [
                "*= shapecheck: while no test was running =*",
                "shapes/__init__.py:13: in swallow",
                "*= shapecheck: what was checked =*",
                "shapes/__init__.py",
                "     7  flip  2 declarations, * calls",
            ]
        )
    assert re.search(
        r"3 findings; 2 declarations of 1 function checked in 7 calls", last_line(alone)
    )
    # each of the two workers imported the test modules
    assert re.search(
        r"3 findings; 2 declarations of 1 function checked in 8 calls", str(result.stdout)
    )
    assert str(result.stdout).count("raised, then swallowed") == 2


def test_a_misspelt_package(project: pytest.Pytester) -> None:
    project.makepyfile(test_it=TESTS)
    result = project.runpytest_subprocess("--shapecheck=shpes", "-n", "1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "did you mean `shapes`?" in str(result.stderr) + str(result.stdout)


def test_torchs_threads_and_a_stray_finding_alone(project: pytest.Pytester) -> None:
    project.makeconftest("import torch\ntorch.set_num_threads(64)\n")
    test = "import torch, shapes\nshapes.swallow(3)\n\n"
    test += "def test_threads():\n    assert torch.get_num_threads() == {}\n"
    project.makepyfile(test_it=test.format(64))
    result = project.runpytest_subprocess("--shapecheck=shapes", "-n", "2")
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    advice = "shapecheck: torch runs 64 threads in each of 2 workers on * cores*torch_threads = 1*"
    result.stdout.fnmatch_lines([advice])
    assert str(result.stdout).count("torch_threads") == 1

    project.makepyfile(test_it=test.format(1))
    project.makepyprojecttoml("[tool.shapecheck]\npackages = ['shapes']\ntorch_threads = 1\n")
    result = project.runpytest_subprocess("-n", "1")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*torch_threads*")
