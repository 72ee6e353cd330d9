"""Chapters: code with the output shown under it, in Markdown and in notebooks."""

from __future__ import annotations

import json
import linecache
from pathlib import Path

import nbformat
import pytest

from shapecheck.source.chapters import Chapter, read_chapter, remember

MARKDOWN = """\
# Title

```python
print(1)
```

```text
1
```

```python
print(2)
```

Prose between.

```text
no output
```

<!-- shapecheck: raises -->

```python
1 / 0
```

<!-- shapecheck: output -->

```yaml
anything
```

- a list

  ```pycon
  >>> x = 3
  >>> x
  3
  >>> for i in range(2):
  ...     i
  0
  1
  ```

```python
broken = (
```
"""


@pytest.fixture
def markdown(tmp_path: Path) -> Chapter:
    file = tmp_path / "chapter.md"
    file.write_text(MARKDOWN, encoding="utf-8")
    return read_chapter(str(file))


def test_output_that_markdown_shows(markdown: Chapter) -> None:
    shown = [
        (part.name, output.place.line, output.text, output.indent, output.implicit)
        for part in markdown.parts
        for output in part.shown
    ]
    assert shown == [
        ("line 4", 8, "1\n", "", True),
        ("line 24", 30, "anything\n", "", False),
        ("line 36", 38, "3\n", "  ", False),
        ("line 36", 41, "0\n1\n", "  ", False),
    ]
    assert [part.name for part in markdown.parts if part.raises] == ["line 24"]


def test_a_markdown_file_is_remembered_as_its_code(markdown: Chapter) -> None:
    remember(markdown)
    lines = linecache.getlines(markdown.file)
    assert [(n, line) for n, line in enumerate(lines, 1) if line.strip()] == [
        (4, "print(1)\n"),
        (12, "print(2)\n"),
        (24, "1 / 0\n"),
        (36, "x = 3\n"),
        (37, "x\n"),
        (39, "for i in range(2):\n"),
        (40, "    i\n"),
    ]
    linecache.checkcache(markdown.file)
    assert linecache.getline(markdown.file, 1) == "\n"


def notebook(tmp_path: Path) -> Path:
    v4 = nbformat.v4
    book = v4.new_notebook()
    result = v4.new_output("execute_result", data={"text/plain": "3", "text/html": "<b>3</b>"})
    stream = v4.new_output("stream", name="stdout", text="a\nb\n")
    other = v4.new_output("stream", name="stderr", text="c\n")
    tagged = v4.new_code_cell("4", outputs=[result])
    tagged.metadata["tags"] = ["ignore-output", "raises-exception"]
    book.cells = [
        v4.new_code_cell("1", outputs=[other, stream, result]),
        v4.new_code_cell("%time f()\n!ls\nx = 3", outputs=[stream]),
        v4.new_code_cell("%%bash\nls", outputs=[stream]),
        tagged,
        v4.new_code_cell("5  # shapecheck: ignore[stale-output]", outputs=[result]),
    ]
    file = tmp_path / "demo.ipynb"
    nbformat.write(book, file)
    return file


def test_output_that_a_notebook_keeps(tmp_path: Path) -> None:
    chapter = read_chapter(str(notebook(tmp_path)))
    shown = [[(o.shown_as, o.text) for o in part.shown] for part in chapter.parts]
    assert shown == [[("stream", "a\nb\n"), ("result", "3")], [], [], [], []]
    assert [part.magics for part in chapter.parts] == [(), ("%time", "!ls"), ("%%bash",), (), ()]
    assert [part.raises for part in chapter.parts] == [False, False, False, True, False]


def test_an_old_notebook(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "input": ["x = 1"], "outputs": [], "metadata": {}, "collapsed": 0}
    cell |= {"language": "python", "prompt_number": 1}
    file = tmp_path / "old.ipynb"
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}}
    file.write_text(json.dumps({**old, "worksheets": [{"cells": [cell]}]}), encoding="utf-8")
    assert [part.unit.text for part in read_chapter(str(file)).parts] == ["x = 1"]
