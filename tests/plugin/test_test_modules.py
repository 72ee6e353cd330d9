"""`packages = ["tests"]`: test modules and conftest files are checked as well."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

CONFTEST = """
import pytest, torch
from jaxtyping import Float
from torch import Tensor

def even(x: Float[Tensor, "row column"]) -> Float[Tensor, "row column"]:
    assert x.shape[0] == 2, "an assert of conftest"
    return x

@pytest.fixture
def make() -> object:
    return even
"""

TESTS = """
import torch
from jaxtyping import Float
from torch import Tensor

def double(x: Float[Tensor, "row column"]) -> Float[Tensor, "row column"]:
    return 2 * x

def test_own_function():
    double(torch.ones(3))

def test_local():
    x: Float[Tensor, "row column"] = torch.ones(3)

def test_conftest(make):
    make(torch.ones(2))

def test_assert():
    one, two = [1, 2, 3], [1, 2, 4]
    assert one == two

def test_assert_of_conftest(make):
    make(torch.ones(3, 1))
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    folder = pytester.mkdir("checks")
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(TESTS)
    pytester.makepyprojecttoml('[tool.shapecheck]\npackages = ["checks"]\n')
    return pytester


def package(project: pytest.Pytester) -> None:
    (project.path / "checks/__init__.py").write_text("")


def plain_folder(project: pytest.Pytester) -> None:
    pass


@pytest.mark.parametrize("layout", [plain_folder, package])
@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_they_are_checked_and_asserts_stay_introspected(
    project: pytest.Pytester, layout: Callable[[pytest.Pytester], None], mode: str
) -> None:
    layout(project)
    result = project.runpytest_inprocess(f"--import-mode={mode}", "--tb=short")
    result.assert_outcomes(failed=5)
    result.stdout.fnmatch_lines(
        [
            "E   shapecheck.ShapeError: `x` of double lacks an axis [[]axis-missing[]]",
            "E   shapecheck.ShapeError: `x` in test_local lacks an axis [[]axis-missing[]]",
            "E   shapecheck.ShapeError: `x` of even lacks an axis [[]axis-missing[]]",
            "E   assert [[]1, 2, 3] == [[]1, 2, 4]",
            "E     At index 2 diff: 3 != 4",
            "E   AssertionError: an assert of conftest",
            "E   assert 3 == 2",
        ]
    )


@pytest.mark.parametrize("mode", ["prepend", "importlib"])
def test_byte_code_never_meets_a_run_without_the_plugin(
    project: pytest.Pytester, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)

    def run(*arguments: str) -> pytest.RunResult:
        return project.runpytest_inprocess(f"--import-mode={mode}", "-q", *arguments)

    def cached() -> dict[Path, int]:
        return {p: p.stat().st_mtime_ns for p in project.path.rglob("*.pyc")}

    run("-p", "no:shapecheck").assert_outcomes(failed=2, passed=3)
    theirs = cached()
    run().assert_outcomes(failed=5)
    both = cached()
    assert {p: both[p] for p in theirs} == theirs
    assert all("shapecheck" in p.name for p in both.keys() - theirs.keys())
    assert both.keys() - theirs.keys()
    run("-p", "no:shapecheck").assert_outcomes(failed=2, passed=3)
    run().assert_outcomes(failed=5)
    assert cached() == both  # nothing was compiled again


def test_byte_code_is_made_anew_when_the_source_changes(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    project.runpytest_inprocess().assert_outcomes(failed=5)
    file = project.path / "checks/test_it.py"
    file.write_text(TESTS.replace("double(torch.ones(3))", "double(torch.ones(3, 1))"))
    project.runpytest_inprocess().assert_outcomes(failed=4, passed=1)


def test_coverage_counts_the_lines_of_the_source(project: pytest.Pytester) -> None:
    def report(*arguments: str) -> list[str]:
        result = project.runpytest_subprocess(
            "--cov=checks", "--cov-branch", "--cov-report=term-missing", "-k", "assert", *arguments
        )
        result.assert_outcomes(failed=2, deselected=3)
        return [line for line in result.outlines if re.match(r"checks/\S+ +\d", line)]

    with_us = report()
    assert len(with_us) == 2
    assert with_us == report("-p", "no:shapecheck")
