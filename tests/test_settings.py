"""Options: one table, read from pyproject.toml and flags, with errors that help."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from shapecheck.settings import (
    BY_NAME,
    OPTIONS,
    Settings,
    SettingsError,
    misspelt_ini,
    parse,
    read_pyproject,
    settle,
)

ROOT = Path(__file__).parents[1]


def test_settings_are_the_options_with_their_defaults() -> None:
    assert [f.name for f in fields(Settings)] == [option.name for option in OPTIONS]
    assert settle() == Settings() == Settings(**{o.name: o.default for o in OPTIONS})


def test_every_option_has_a_place_in_the_reference() -> None:
    page = " ".join((ROOT / "docs/reference/settings.md").read_text(encoding="utf-8").split())
    for option in OPTIONS:
        if not option.help:
            continue  # for our own processes
        assert f"`{option.flag}" in page
        assert option.help.lower() in page.lower().replace("`", "")
        if option.ini:
            assert f"## {option.name} " in page
            assert f"`{option.ini}`" in page


def test_earlier_layers_win() -> None:
    flags = {"packages": ("a",), "torch_threads": None}
    file = {"packages": ("b",), "torch_threads": 2}
    assert settle(flags, file) == Settings(packages=("a",), torch_threads=2)


def test_it_is_on_where_there_is_something_to_check() -> None:
    assert Settings(packages=("a",)).on
    assert not Settings().on
    assert not Settings(packages=("a",), disabled=True).on


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (["a", "b.c"], ("a", "b.c")),
        ("a, b,,", ("a", "b")),
        (["a,b", "a"], ("a", "b")),
        ([], ()),
    ],
)
def test_names(raw: object, names: tuple[str, ...]) -> None:
    assert parse(BY_NAME["packages"], raw) == names


@pytest.mark.parametrize("raw", [1, True, {"a": 1}, ["a", 1], [["a"]]])
def test_what_is_no_list_of_names(raw: object) -> None:
    with pytest.raises(SettingsError, match=r'must be a list of names, such as \["mypackage"\]'):
        parse(BY_NAME["packages"], raw)


@pytest.mark.parametrize("raw", [1, "1", " 12 "])
def test_numbers(raw: object) -> None:
    assert parse(BY_NAME["torch_threads"], raw) == int(str(raw))


@pytest.mark.parametrize("raw", [0, -1, 1.5, True, "", "one", []])
def test_what_is_no_number_from_one_on(raw: object) -> None:
    with pytest.raises(SettingsError, match="must be a whole number from 1 on"):
        parse(BY_NAME["torch_threads"], raw)


@pytest.mark.parametrize("raw", [0.5, "0.5", " 2 ", 3])
def test_seconds(raw: object) -> None:
    assert parse(BY_NAME["probe_seconds"], raw) == float(str(raw))


@pytest.mark.parametrize("raw", [0, -1, True, "", "soon", "inf", "nan", [1]])
def test_what_is_no_time(raw: object) -> None:
    with pytest.raises(SettingsError, match="must be seconds above 0"):
        parse(BY_NAME["probe_seconds"], raw)


@pytest.mark.parametrize("raw", [{"batch": "mixes", "t": "causal"}, " batch=mixes,t=causal"])
def test_laws(raw: object) -> None:
    assert parse(BY_NAME["laws"], raw) == (("batch", "mixes"), ("t", "causal"))


@pytest.mark.parametrize("raw", [{"batch": "mix"}, "batch", "batch=mixed", ["mixes"], 3])
def test_what_is_no_law(raw: object) -> None:
    with pytest.raises(SettingsError, match="gives an axis one of independent, causal, "):
        parse(BY_NAME["laws"], raw)


def pyproject(folder: Path, text: str) -> Path:
    file = folder / "pyproject.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_table_is_read(tmp_path: Path) -> None:
    text = '[tool.shapecheck]\npackages = ["a"]\ntorch_threads = 1\n'
    assert read_pyproject(pyproject(tmp_path, text)) == {"packages": ("a",), "torch_threads": 1}


@pytest.mark.parametrize("text", ["", "[tool.other]\npackages = 1", "not TOML ["])
def test_without_a_table_nothing_is_said(tmp_path: Path, text: str) -> None:
    assert read_pyproject(pyproject(tmp_path, text)) == {}
    assert read_pyproject(tmp_path / "absent.toml") == {}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[tool.shapecheck]\npackage = []", 2, "did you mean `packages`?"),
        ("[tool.a]\nx = 1\n[tool.shapecheck] # ours\n\n'torch-threads' = 1", 5, "`torch_threads`?"),
        ("[tool.shapecheck]\nxyz = 1", 2, "there is `packages`, "),
        ("[tool.shapecheck]\nreport = true", 2, "has no `report`"),
        ("[tool.shapecheck.packages]\na = 1", 0, "must be a list of names"),
        ("[tool]\nshapecheck = {packages = 3}", 0, "must be a list of names"),
        ("[tool.shapecheck]\npackages = [\n  'a', 3\n]", 2, "must be a list of names"),
    ],
)
def test_a_mistake_is_shown_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    file = pyproject(tmp_path, text)
    with pytest.raises(SettingsError) as raised:
        read_pyproject(file)
    where = f"{file}:{line}: " if line else f"{file}: "
    assert str(raised.value).startswith(where)
    assert said in str(raised.value)


def test_a_table_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\[tool.shapecheck\] must be a table"):
        read_pyproject(pyproject(tmp_path, "[tool]\nshapecheck = 1"))


def test_misspelt_ini_options(tmp_path: Path) -> None:
    file = tmp_path / "pytest.ini"
    file.write_text("[pytest]\nshapecheck_packages = a\n# shapecheck_x = 1\nshapecheck_pack = b\n")
    found = misspelt_ini(file)
    assert found is not None
    assert (found[0], found[1].line) == ("shapecheck_pack", 4)
    file.write_text("[pytest]\nshapecheck_packages = a\nshapecheck_torch_threads = 1\n")
    assert misspelt_ini(file) is None


def test_help_is_one_line_that_ends_without_a_stop() -> None:
    told = [o for o in OPTIONS if o.help]
    assert [o.name for o in told if not re.fullmatch(r"[a-z][^\n]*[^.\n]", o.help)] == []
