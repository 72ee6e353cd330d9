"""Files as units: true line numbers in modules, notebook cells and fenced blocks."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecheck.source.units import CodeUnit, read_units


def notebook(*cells: str) -> str:
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_markdown_cell("# Title")]
    book.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    return nbformat.writes(book)


def lines_of(unit: CodeUnit) -> list[int]:
    return [node.lineno for node in unit.tree().body]


def test_a_module_is_one_unit(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("x = 1\n\ny = 2\n", encoding="utf-8")
    (unit,) = read_units(file)
    assert (unit.label, unit.part, lines_of(unit)) == (str(file), "", [1, 3])


def test_a_module_is_read_by_its_coding_line(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes("# -*- coding: latin-1 -*-\ns = 'é'\r\n".encode("latin-1"))
    (unit,) = read_units(file)
    assert "'é'" in unit.code


def test_cells_are_numbered_as_jupyter_numbers_a_fresh_run() -> None:
    units = read_units("demo.ipynb", notebook("a = 1", "", "b = 2\nc = 3"))
    assert [u.part for u in units] == ["cell 1", "cell 2"]
    assert units[1].label == "demo.ipynb:cell 2"
    assert str(units[1].place(2)) == "demo.ipynb, cell 2, line 2"
    assert lines_of(units[1]) == [1, 2]


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        ("%matplotlib inline\nx = 1", [1, 2]),
        ("!pip install a \\\n   b\nx = 1", [1, 3]),
        ("files = !ls\nx = 1", [1, 2]),
        ("t = %timeit -o f()\nx = 1", [1, 2]),
        ("if True:\n    %time f()\nx = 1", [1, 3]),
        ("torch.nn?\nx = 1", [1, 2]),
        ("%%time\nx = 1", [2]),
    ],
)
def test_magics_are_tolerated_line_for_line(cell: str, lines: list[int]) -> None:
    (unit,) = read_units("demo.ipynb", notebook(cell))
    assert lines_of(unit) == lines


def test_a_percent_sign_that_is_python_stays() -> None:
    (unit,) = read_units("demo.ipynb", notebook("x = (7\n% 4)"))
    namespace: dict[str, int] = {}
    exec(compile(unit.tree(), unit.label, "exec"), namespace)
    assert namespace["x"] == 3


def test_a_cell_of_another_language_is_not_run() -> None:
    units = read_units("demo.ipynb", notebook("%%bash\nls", "%%time\nx = 1", "y = 2"))
    assert [u.skipped for u in units] == [True, False, False]


MARKDOWN = """\
# Title

```python
x = 1

y = 2
```

```console
$ ls
```

<!-- shapecheck: skip -->

```py
z = 3
```

- a list

  ```python
  w = 4
  ```

```pycon
>>> v = 5
>>> v
5
>>> for i in range(2):
...     v += i
```
"""


def test_fenced_blocks_keep_the_line_numbers_of_the_file() -> None:
    units = read_units("a.md", MARKDOWN)
    assert [lines_of(u) for u in units] == [[4, 6], [16], [22], [26, 27, 29]]
    assert [u.skipped for u in units] == [False, True, False, False]
    assert {u.label for u in units} == {"a.md"}


def test_a_syntax_error_is_placed_in_the_file() -> None:
    (unit,) = read_units("a.md", "text\n\n```python\nx = 1\nx = = 2\n```\n")
    with pytest.raises(SyntaxError) as raised:
        unit.tree()
    assert (raised.value.filename, raised.value.lineno) == ("a.md", 5)


def test_comments_have_their_place_and_say_whether_they_stand_alone() -> None:
    (unit,) = read_units("a.md", "\n```python\n# one\nx = '#no'  # two\n```\n")
    assert [(c.line, c.column, c.text, c.alone) for c in unit.comments()] == [
        (3, 0, "# one", True),
        (4, 11, "# two", False),
    ]


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="neither Python"):
        read_units(tmp_path / "a.txt", "x")
    with pytest.raises(ValueError, match="no notebook"):
        read_units("a.ipynb", "not json")
    with pytest.raises(OSError, match="missing"):
        read_units(tmp_path / "missing.py")


@given(st.text(max_size=80))
def test_no_text_of_a_module_raises_but_for_its_syntax(text: str) -> None:
    (unit,) = read_units("a.py", text)
    list(unit.comments())
    try:
        unit.tree()
    except (SyntaxError, ValueError):
        assert unit.code is not None
