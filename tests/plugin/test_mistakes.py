"""What is misspelt or cannot be done is refused with words that help."""

import sys

import pytest

TEST = "import shapes\n\ndef test_nothing():\n    pass\n"


def errors(project: pytest.Pytester, *arguments: str) -> str:
    """Run, and return what pytest says on stderr about its usage."""
    result = project.runpytest_inprocess(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    return str(result.stderr)


def test_a_misspelt_package_names_the_closest(project: pytest.Pytester) -> None:
    project.makepyfile(TEST)
    text = errors(project, "--shapecheck=shpes")
    assert "there is no package, module or folder `shpes`; did you mean `shapes`?" in text


def test_a_misspelt_module_of_a_package(project: pytest.Pytester) -> None:
    (project.path / "shapes/layers.py").write_text("")
    project.makepyfile(TEST)
    text = errors(project, "--shapecheck=shapes.layer")
    assert "there is no package, module or folder `shapes.layer`" in text
    assert "did you mean `shapes.layers`?" in text


def test_a_package_that_a_conftest_makes_importable_is_found(pytester: pytest.Pytester) -> None:
    (pytester.mkdir("lib") / "late.py").write_text("def one() -> int:\n    return 'one'\n")
    pytester.makeconftest("import sys, os; sys.path.insert(0, os.path.abspath('lib'))")
    pytester.makepyfile("import late\n\ndef test_one():\n    late.one()\n")
    result = pytester.runpytest_inprocess("--shapecheck=late")
    result.assert_outcomes(failed=1)


def test_a_package_that_no_test_imports_is_no_mistake(project: pytest.Pytester) -> None:
    project.makepyfile("def test_nothing():\n    pass\n")
    result = project.runpytest_inprocess("--shapecheck=shapes")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["shapecheck: nothing of shapes was imported*"])


def test_a_misspelt_key_of_pyproject_is_shown_with_its_line(project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.other]\npackage = 1\n\n[tool.shapecheck]\npackage = ['a']\n")
    text = errors(project)
    assert "pyproject.toml:5: [tool.shapecheck] has no `package`; did you mean `packages`?" in text


def test_a_misspelt_ini_option_is_shown_with_its_line(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nshapecheck_package = shapes\n")
    text = errors(project)
    assert "tox.ini:2: there is no option `shapecheck_package`" in text
    assert "did you mean `shapecheck_packages`?" in text


def test_a_value_of_another_type(project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.shapecheck]\npackages = ['shapes']\ntorch_threads = 'two'\n")
    text = errors(project)
    assert "pyproject.toml:3: `torch_threads` must be a whole number from 1 on, not 'two'" in text


def test_an_imported_package_names_who_imported_it(project: pytest.Pytester) -> None:
    project.makepyfile(early="import shapes")
    text = errors(project, "-p", "early", "--shapecheck=shapes")
    assert "shapes was already imported by early (" in text
    assert "early.py), so shapecheck cannot check it" in text


def test_a_package_that_jaxtypings_plugin_covers_as_well(project: pytest.Pytester) -> None:
    rival = "--jaxtyping-packages=shapes,typeguard.typechecked"
    text = errors(project, rival, "--shapecheck=shapes")
    assert "jaxtyping's own plugin covers `shapes` too" in text


def test_jaxtypings_plugin_on_another_package_is_left_alone(project: pytest.Pytester) -> None:
    project.mkpydir("others")
    project.makepyfile(TEST)
    before = list(sys.meta_path)
    try:
        result = project.runpytest_inprocess(
            "--jaxtyping-packages=others,typeguard.typechecked", "--shapecheck=shapes"
        )
    finally:
        sys.meta_path[:] = before
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"])
def test_an_annotation_that_cannot_be_read(project: pytest.Pytester, future: str) -> None:
    (project.path / "shapes/__init__.py").write_text(
        f"{future}import torch\nfrom jaxtyping import Float\n"
        'def f(x: Float[torch.Tensor, "batch, seq"]):\n    return x\n'
    )
    project.makepyfile("import shapes, torch\n\ndef test_f():\n    shapes.f(torch.ones(2, 3))\n")
    result = project.runpytest_inprocess("--shapecheck=shapes")
    assert result.ret != pytest.ExitCode.OK
    line = 4 if future else 3
    result.stdout.fnmatch_lines([f"E *shapecheck.DeclarationError: shapes/__init__.py:{line}: *"])
    result.stdout.no_fnmatch_line("*importer.py*")
    result.stdout.no_fnmatch_line("*<frozen importlib*")


@pytest.mark.parametrize("marker", ["enable=False", "False", "enabled=0"])
def test_a_marker_that_says_nothing_we_know(project: pytest.Pytester, marker: str) -> None:
    project.makepyfile(
        f"import pytest, shapes\n\n@pytest.mark.shapecheck({marker})\ndef test_one():\n    pass\n"
    )
    result = project.runpytest_inprocess("--shapecheck=shapes")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["@pytest.mark.shapecheck takes *"])
