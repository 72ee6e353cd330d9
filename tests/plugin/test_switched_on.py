"""Flag, ini option, pyproject.toml: the same three ways to say which packages are checked."""

import pytest

TEST = """
import torch
from shapes import flip

def test_right():
    assert flip(torch.ones(2, 3)).shape == (3, 2)

def test_wrong():
    flip(torch.ones(3))
"""


@pytest.mark.parametrize(
    ("file", "text", "arguments"),
    [
        ("", "", ["--shapecheck=shapes"]),
        ("pytest.ini", "[pytest]\nshapecheck_packages = shapes", []),
        ("pyproject.toml", "[tool.pytest.ini_options]\nshapecheck_packages = ['shapes']", []),
        ("pyproject.toml", "[tool.shapecheck]\npackages = ['shapes']", []),
        ("pyproject.toml", "[tool.shapecheck]\npackages = ['nothing']", ["--shapecheck=shapes"]),
    ],
)
def test_each_way_checks_the_package(
    project: pytest.Pytester, file: str, text: str, arguments: list[str]
) -> None:
    if file:
        (project.path / file).write_text(text, encoding="utf-8")
    project.makepyfile(TEST)
    result = project.runpytest_inprocess(*arguments)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "shapecheck: shapes",
            "E * shapecheck.ShapeError: `x` of flip lacks an axis [[]axis-missing[]]",
            "shapecheck: 1 finding; 2 declarations of 1 function checked in 2 calls",
        ]
    )


@pytest.mark.parametrize("arguments", [[], ["--shapecheck=shapes", "--no-shapecheck"]])
def test_without_it_or_with_no_shapecheck_nothing_is_checked(
    project: pytest.Pytester, arguments: list[str]
) -> None:
    project.makepyfile(TEST)
    result = project.runpytest_inprocess(*arguments)
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*shapecheck*:*")


def test_several_packages_are_given_with_commas(project: pytest.Pytester) -> None:
    project.mkpydir("others")
    project.makepyfile("import others\n" + TEST)
    result = project.runpytest_inprocess("--shapecheck=others,shapes")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["shapecheck: others, shapes"])


def test_unconfigured_it_loads_neither_torch_nor_jaxtyping(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_light():
            assert not {"torch", "jaxtyping", "shapecheck.check"} & set(sys.modules)
        """
    )
    # jaxtyping's own plugin loads jaxtyping.
    result = pytester.runpytest_subprocess("-p", "no:jaxtyping")
    result.assert_outcomes(passed=1)


def test_the_hook_is_in_place_before_conftest_files(project: pytest.Pytester) -> None:
    project.makeconftest("import shapes")
    project.makepyfile(TEST)
    result = project.runpytest_inprocess("--shapecheck=shapes")
    result.assert_outcomes(passed=1, failed=1)


def test_decorated_functions_are_watched_without_configuration(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import torch
        import shapecheck
        from jaxtyping import Float

        @shapecheck.checked
        def double(x: Float[torch.Tensor, "row column"]):
            return 2 * x

        def test_swallowed():
            try:
                double(torch.ones(3))
            except Exception:
                pass
        """
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["shapecheck: 1 finding; 1 declaration of 1 function*1 call"])


def test_every_option_is_in_the_help(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--help")
    text = " ".join(str(result.stdout).split())
    for said in (
        "--shapecheck=PKG[,PKG] packages, modules and folders",
        "--no-shapecheck check nothing in this run",
        "shapecheck_packages (args): packages, modules and folders",
    ):
        assert said in text
