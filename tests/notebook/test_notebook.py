"""`%load_ext shapecheck`: cells run as without, and show their shapes and faults below."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

import shapecheck.notebook
from shapecheck.notebook import CellReport

DATA = """%%shapecheck
import torch
from torch import nn
batch_size, seq_len = 4, 7
x = torch.randn(batch_size, seq_len, 3)
def mean(x):
    return x.mean(dim=1)
mean(x).shape"""
READS = "%%shapecheck\nlstm = nn.LSTM(3, 5)\nout, _ = lstm(x)"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A shell with the extension; ``shell.shown`` are the reports that it displayed."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    config = Config()
    config.HistoryManager.enabled = False
    made = InteractiveShell(config=config)
    shown: list[CellReport] = []
    monkeypatch.setattr(shapecheck.notebook, "display", shown.append)
    made.run_line_magic("load_ext", "shapecheck")
    made.shown = shown
    yield made
    made.run_line_magic("unload_ext", "shapecheck")
    made.run_cell("del x" if "x" in made.user_ns else "")


def run(shell: Any, cell: str) -> Any:
    return shell.run_cell(cell, store_history=True)


def slugs(report: CellReport) -> list[str]:
    return [finding.slug for finding in report.report.findings]


def test_what_each_line_made_stands_below_the_cell(shell: Any) -> None:
    result = run(shell, DATA)
    assert result.success
    assert result.result == (4, 3)
    (report,) = shell.shown
    text = repr(report)
    assert text.startswith("Cell In[1]\n  1 │ %%shapecheck\n")
    assert "→ x  (batch_size=4, seq_len=7, 3)  float32" in text
    assert "    → return  (batch_size=4, 3)  float32" in text
    assert 'class="sc-trace"' in report._repr_html_()
    assert "Cell In[1]" in report._repr_html_()


def test_axes_are_followed_from_cell_to_cell(shell: Any) -> None:
    run(shell, DATA)
    run(shell, READS)
    first, second = shell.shown
    assert slugs(first) == []
    assert slugs(second) == ["role-conflict"]
    (finding,) = second.report.findings
    assert (finding.place.file, finding.place.line) == ("Cell In[2]", 3)
    run(shell, READS)  # the same again: it is told again
    assert slugs(shell.shown[2]) == ["role-conflict"]


def test_functions_of_other_cells_are_shown_where_they_ran(shell: Any) -> None:
    run(shell, DATA)
    run(shell, "%%shapecheck\ny = mean(x[:2])")
    text = repr(shell.shown[1])
    assert "Cell In[2]\n  1 │ %%shapecheck\n" in text
    assert "Cell In[1]\n  6 │ def mean(x):\n    │ → x  (batch_size=2," in text
    assert "import torch" not in text


def test_names_results_and_history_are_as_without(shell: Any) -> None:
    plain = InteractiveShell(config=shell.config)
    body = DATA.partition("\n")[2]
    assert plain.run_cell(body, store_history=True).success
    run(shell, DATA)
    users = [{name for name in one.user_ns if not name.startswith("_i")} for one in (plain, shell)]
    assert users[0] == users[1]
    assert shell.user_ns["_1"] == plain.user_ns["_1"]
    assert "_2" not in shell.user_ns


def test_exceptions_are_the_cells_own(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, DATA)
    result = run(shell, "%%shapecheck\ny = x + 1\n1 / 0")
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    frames = result.error_in_exec.__traceback__
    lines = []
    while frames is not None:
        lines.append((frames.tb_frame.f_code.co_name, frames.tb_lineno))
        frames = frames.tb_next
    assert lines[-1] == ("<module>", 3)
    assert "notebook.py" not in capsys.readouterr().out
    assert "→ y  (batch_size=4" in repr(shell.shown[1])
    assert "Cell In[2] raised ZeroDivisionError" in repr(shell.shown[1])


def test_on_and_off(shell: Any) -> None:
    run(shell, "import torch\nx = torch.ones(2)")
    assert shell.shown == []
    run(shell, "%shapecheck on")
    run(shell, "x = torch.ones(2)")
    assert len(shell.shown) == 1
    run(shell, "x = 2")  # nothing to tell
    run(shell, "%shapecheck off")
    run(shell, "x = torch.ones(2)")
    assert len(shell.shown) == 1


def test_faults_of_syntax_and_cells_without_tensors(shell: Any) -> None:
    result = run(shell, "%%shapecheck\nx = = 2")
    assert isinstance(result.error_before_exec, SyntaxError)
    assert shell.shown == []
    assert run(shell, "%%shapecheck\nx = 2").success
    assert "nothing found" in repr(shell.shown[0])


def test_shape_comments_and_their_suppression(shell: Any) -> None:
    run(shell, DATA)
    run(shell, "%%shapecheck\nz = x.sum(1)  # (batch, seq, 3)")
    assert slugs(shell.shown[1]) == ["stale-comment"]
    run(shell, "%%shapecheck\nz = x.sum(1)  # (batch, seq, 3)  # shapecheck: ignore")
    assert slugs(shell.shown[2]) == []


def test_magics_in_a_cell_do_what_they_do(shell: Any) -> None:
    run(shell, DATA)
    assert run(shell, "%%shapecheck\n%time y = x.sum(0)\nz = y + 1").success
    assert "→ z  (seq_len=7, 3)" in repr(shell.shown[1])


def test_loading_the_extension_loads_no_torch() -> None:
    code = (
        "import sys, shapecheck; shapecheck.load_ipython_extension; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.slow
def test_in_a_real_kernel(tmp_path: Path) -> None:
    cells = ["%load_ext shapecheck", DATA, READS, "%%shapecheck\n1 / 0", "print('on')"]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    client = NotebookClient(book, timeout=120, kernel_name="python3", allow_errors=True)
    client.execute(cwd=str(tmp_path))
    outputs = [[output.output_type for output in cell.outputs] for cell in book.cells]
    assert outputs == [
        [],
        ["execute_result", "display_data"],
        ["display_data"],
        ["error", "display_data"],
        ["stream"],
    ]
    shown = book.cells[2].outputs[0].data
    assert "Cell In[3]" in shown["text/plain"]
    assert "nn.LSTM reads axis 0 of x as time" in shown["text/html"]
    assert "ipykernel" not in shown["text/html"]
    client = NotebookClient(book, timeout=120, kernel_name="python3")
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        client.execute(cwd=str(tmp_path))
