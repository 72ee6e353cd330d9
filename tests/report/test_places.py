"""Places as other tools name them: from the repository's root, in characters, from 1."""

from pathlib import Path

import pytest

from shapecheck.core.site import Place
from shapecheck.report.places import from_root, spot


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder of a repository; the command is run in `part` of it."""
    (tmp_path / "part").mkdir()
    monkeypatch.chdir(tmp_path / "part")
    return str(tmp_path)


def test_files_are_named_from_the_root_and_others_in_full(root: str) -> None:
    assert from_root("a.py", root) == "part/a.py"
    assert from_root("../b.py", root) == "b.py"
    assert from_root(f"{root}/c.py", root) == "c.py"
    assert from_root("/elsewhere/d.py", root) == "/elsewhere/d.py"
    assert from_root(f"{root}-other/e.py", root) == f"{root}-other/e.py"


def test_columns_count_characters(root: str) -> None:
    Path("a.py").write_text('größe = f("ß")\n', encoding="utf-8")
    column = len("größe = ".encode())
    there = spot(Place("a.py", 1, column), root)
    assert (there.line, there.column, there.code) == (1, 9, 'größe = f("ß")')
    assert spot(Place("a.py", 1), root).column == 0
    assert spot(Place("a.py"), root).line == 0
    assert spot(Place("gone.py", 3, 4), root).column == 0


def test_a_line_of_a_cell_is_no_line_of_the_notebook(root: str) -> None:
    there = spot(Place("nb.ipynb:cell 7", 3, 4), root)
    assert (there.file, there.line, there.column) == ("part/nb.ipynb", 0, 0)
    assert (there.part, there.told) == ("cell 7", "cell 7, line 3")
