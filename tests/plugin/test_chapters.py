"""`--shapecheck-run` with notebooks and Markdown: each cell, each block is an item."""

import re

import nbformat
import pytest

CHAPTER = """\
# A chapter

```python
open("ran.txt", "a").write("x")
x = 1
print(x)
```

```text
1
```

<!-- shapecheck: skip -->

```python
raise SystemExit("never")
```

```python
def f():
    return 1 / y


y = 0
print("before")
f()
```

```python
print("after")
```
"""


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    found = re.findall(r"^\S+?::(.+?) ([A-Z]+)\b", result.stdout.str(), re.MULTILINE)
    return dict(found)


def test_blocks_are_items_of_one_run(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("chapter.md").write_text(CHAPTER, "utf-8")
    result = pytester.runpytest("--shapecheck-run=chapter.md", "-v")
    assert outcomes(result) == {
        "line 4": "PASSED",
        "line 16": "SKIPPED",
        "line 20": "FAILED",
        "line 30": "SKIPPED",
    }
    result.stdout.fnmatch_lines(
        [
            "*chapter.md, line 20*",
            "shapecheck: chapter.md raised ZeroDivisionError at line 26; nothing found",
            '  File "*chapter.md", line 26, in <module>',
            "    f()",
        ]
    )
    assert (pytester.path / "ran.txt").read_text("utf-8") == "x"


def test_one_block_alone_and_collection(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("chapter.md").write_text(CHAPTER, "utf-8")
    result = pytester.runpytest("--shapecheck-run=*.md", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["chapter.md::line 4", "chapter.md::line 30"])
    assert not (pytester.path / "ran.txt").exists()
    result = pytester.runpytest("--shapecheck-run=chapter.md", "-v", "-k", "line and 4")
    assert outcomes(result) == {"line 4": "PASSED"}


STALE = """\
```python
print(1, 2)
```

```text
1 3
```

```python
print(2)
```

```text
2
```
"""


@pytest.mark.parametrize("fail_on", ["error", "warning"])
def test_a_warning_belongs_to_its_block(pytester: pytest.Pytester, fail_on: str) -> None:
    pytester.path.joinpath("chapter.md").write_text(STALE, "utf-8")
    pytester.makepyprojecttoml(f'[tool.shapecheck]\nrun = ["chapter.md"]\nfail_on = "{fail_on}"\n')
    result = pytester.runpytest_subprocess("-v", "-rA")
    first = "FAILED" if fail_on == "warning" else "PASSED"
    assert outcomes(result) == {"line 2": first, "line 10": "PASSED"}
    text = result.stdout.str()
    assert len(re.findall(r"the output shown is not what the code prints", text)) >= 1
    assert "chapter.md:6" in text


def test_an_error_in_cell_7(pytester: pytest.Pytester) -> None:
    """The cell and line as Jupyter shows them; markdown and empty cells have no number there."""
    v4 = nbformat.v4
    book = v4.new_notebook()
    code = [f"x{n} = {n}" for n in range(1, 6)]
    texts = ["%matplotlib inline\nimport torch", *code, "y = torch.zeros(2, 3)\n\nz = y @ y", "1"]
    for text in texts:
        book.cells += [v4.new_markdown_cell("words"), v4.new_code_cell(text), v4.new_code_cell("")]
    nbformat.write(book, pytester.path / "demo.ipynb")
    result = pytester.runpytest("--shapecheck-run=.", "-v")
    wanted = {f"cell {n}": "PASSED" for n in range(1, 7)}
    assert outcomes(result) == {**wanted, "cell 7": "FAILED", "cell 8": "SKIPPED"}
    result.stdout.fnmatch_lines(
        [
            "*demo.ipynb, cell 7*",
            "error  demo.ipynb, cell 7, line 3:*",
            "    z = y @ y",
            "torch refused the shapes in `y @ y` [[]operand-shapes[]]",
            "*raised RuntimeError in cell 7, line 3; 1 error",
            '  File "*demo.ipynb:cell 7", line 3, in <module>',
            "    z = y @ y",
        ]
    )


def test_a_notebook_that_is_none(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("demo.ipynb").write_text("no JSON", "utf-8")
    result = pytester.runpytest("--shapecheck-run=demo.ipynb")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*shapecheck: *demo.ipynb is no notebook*"])
