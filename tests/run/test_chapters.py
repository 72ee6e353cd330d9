"""`shapecheck run` on notebooks and Markdown."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import nbformat

Command = Callable[..., CompletedProcess[str]]

CHAPTER = """\
# The section, as it is written

<!-- shapecheck: shapes -->

```python
import numpy as np
import torch

x_np = np.sin(np.linspace(0, 2 * np.pi, 10, dtype=np.float32))
x = torch.from_numpy(x_np).unsqueeze(0).unsqueeze(-1)  # shape (1, 1, 100)
print(x.shape)
```

```text
torch.Size([1, 1, 100])
```

The wave `x` is now of shape (1, 1, 100). Its mean is small:

```pycon
>>> x.mean().abs() < 1e-3
tensor(False)
>>> x.view(7)
Traceback (most recent call last):
    ...
RuntimeError: shape '[7]' is invalid for input of size 10
```
"""


def test_the_sections_sentence_is_found_wherever_it_stands(
    tmp_path: Path, command: Command, golden: Callable[[str, str], None]
) -> None:
    (tmp_path / "chapter.md").write_text(CHAPTER, encoding="utf-8")
    done = command("run", "chapter.md", "--fail-on=warning")
    assert done.returncode == 1
    golden("chapter.txt", done.stderr)


PLAIN = """\
```python
import random, time
print("before")
print(random.random())
print(time.perf_counter_ns())
```

```output
after
0.5
...
```

```python
print([1, 2])
```

<!-- shapecheck: raises -->

```python
raise ValueError("meant")
```

```text
ValueError: meant
```

```python
print(__name__, "__file__" in globals())
import beside
print(beside.here)
```

```python
import os
print(os.getcwd() + "/file")
```

```text
/home/me/file
```
"""


def test_update_writes_what_is_printed_and_unsure_lines_are_not_judged(
    tmp_path: Path, command: Command
) -> None:
    file = tmp_path / "part" / "chapter.md"
    file.parent.mkdir()
    file.write_text(PLAIN.replace("...\n", "123\n"), encoding="utf-8")
    (tmp_path / "beside.py").write_text("here = 'beside'\n", encoding="utf-8")
    done = command("run", "part/chapter.md")
    assert "[1, 2]\n__main__ False\nbeside\n" in done.stdout
    assert "part/chapter.md:9:\n    after\n" in done.stderr
    assert "ran to its end; 2 warnings" in done.stderr
    done = command("run", "--update", "part/chapter.md")
    assert "shapecheck: 2 outputs of part/chapter.md written anew" in done.stderr
    assert "ran to its end; nothing found" in done.stderr
    now = file.read_text("utf-8").splitlines()
    before = PLAIN.splitlines()
    assert (now[8], now[:8], now[11:-2]) == ("before", before[:8], before[11:-2])
    assert now[-2:] == [f"{tmp_path}/file", "```"]
    assert float(now[9]) != 0.5
    done = command("run", "part/chapter.md")
    assert "output that a second run printed differently is not compared: line 10" in done.stderr
    assert "nothing found" in done.stderr


def test_a_notebook_runs_in_its_folder_as_jupyter_would(tmp_path: Path, command: Command) -> None:
    v4 = nbformat.v4
    kept = v4.new_output("execute_result", data={"text/plain": "{'a': [1, 2],\n 'b': 3}"})
    stale = v4.new_output("stream", name="stdout", text="1\n")
    cells = [
        v4.new_code_cell("%matplotlib inline\n!false\nwords = open('data.txt').read()"),
        v4.new_code_cell("{'a': [1, 2], 'b': 3}", outputs=[kept]),
        v4.new_code_cell("%%bash\nexit 1"),
        v4.new_code_cell("print(2)", outputs=[stale]),
        v4.new_code_cell("display(words); 5;"),
        v4.new_code_cell("x = (", metadata={"tags": ["skip-shapecheck"]}),
        v4.new_code_cell("def f():\n    raise KeyError(words)\n\nf()"),
        v4.new_code_cell("print('never')"),
    ]
    (tmp_path / "part").mkdir()
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "part" / "demo.ipynb")
    (tmp_path / "part" / "data.txt").write_text("words", encoding="utf-8")
    done = command("run", ".", "--format=json")
    report = json.loads(done.stdout)
    (file,) = report["files"]
    assert [part["outcome"] for part in file["parts"]] == [
        *("ran", "ran", "left out", "ran", "ran", "left out", "raised", "not reached"),
    ]
    assert file["parts"][6]["raised_at"] == 4
    assert (file["exception"]["file"], file["exception"]["line"]) == ("part/demo.ipynb:cell 7", 2)
    (found,) = report["findings"]
    assert (found["slug"], found["file"]) == ("stale-output", "part/demo.ipynb:cell 4")
    assert [entry["reason"] for entry in file["skipped"]] == [
        "lines for IPython are not run: "
        + ", ".join(["`%matplotlib` (cell 1)", "`!false` (cell 1)", "`%%bash` (cell 3)"]),
        "marked as not to be run: cell 6",
    ]
    said = done.stderr.splitlines()
    assert said[:4] == [
        "{'a': [1, 2], 'b': 3}",
        "2",
        "'words'",
        "Traceback (most recent call last):",
    ]
    assert "    raise KeyError(words)" in said
