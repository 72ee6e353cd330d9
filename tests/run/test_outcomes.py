"""How a program ends, what is kept of what was found, and the exit status."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from shapecheck import cli
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.program import ProgramReport
from shapecheck.core.site import Place

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "report.schema.json").read_text("utf-8")
)
Command = Callable[..., CompletedProcess[str]]
Program = Callable[[str], Path]

# Every size fits; the LSTM reads the loader's batch as time (PyTorch issue 1538).
SILENT = """
import os, signal, sys
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

lstm = nn.LSTM(3, 8)
for (x,) in DataLoader(TensorDataset(torch.randn(12, 5, 3)), batch_size=4):
    out, _ = lstm(x)
"""
READS = SILENT.splitlines().index("    out, _ = lstm(x)") + 1


def report(command: Command, *words: str, **given: str) -> dict[str, Any]:
    done = command("run", "homework.py", "--format=json", *words, **given)
    data: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(data)
    assert not [file["file"] for file in data["files"] if "trace" in file]  # not asked for
    return data


@pytest.mark.parametrize(
    ("last", "outcome", "code"),
    [
        ("sys.exit(3)", "exited", 3),
        ("os._exit(4)", "exited", 4),
        ("held = bytearray(10**15)", "raised", 1),
        # What the command does when the time is over; a program that does so at the end of its
        # own work needs no more time than that on any machine.
        ("os.kill(os.getpid(), signal.SIGUSR2)\nwhile True: pass", "timeout", 124),
    ],
)
def test_what_was_found_is_kept_however_it_ends(
    program: Program, command: Command, last: str, outcome: str, code: int
) -> None:
    program(SILENT + last)
    found = report(command)
    file = found["files"][0]
    assert (file["outcome"], file["exit_code"]) == (outcome, code)
    first = found["findings"][0]
    assert (first["slug"], first["file"], first["line"]) == ("role-conflict", "homework.py", READS)
    assert "DataLoader" in first["cause"]


@pytest.mark.parametrize(
    ("last", "outcome", "code"),
    [
        ("", "completed", 0),
        ("sys.exit()", "exited", 0),
        ("sys.exit(-1)", "exited", 255),
        ("time.sleep(600)", "timeout", 124),
    ],
)
def test_how_it_ended_is_reported(
    program: Program, command: Command, last: str, outcome: str, code: int
) -> None:
    program(f"import sys, time\n{last}\n")
    (file,) = report(command, *(["--timeout=5"] if outcome == "timeout" else []))["files"]
    assert (file["outcome"], file["exit_code"]) == (outcome, code)


def test_an_exception_of_a_library_is_placed_at_the_line_that_called_it(
    program: Program, command: Command
) -> None:
    program("import json\n\njson.loads('x')\n")
    error = report(command)["files"][0]["exception"]
    assert (error["type"], error["file"], error["line"]) == ("JSONDecodeError", "homework.py", 3)


def test_an_exception_is_placed_at_the_users_line(program: Program, command: Command) -> None:
    program("def f(n):\n    return 1 / n\n\nf(0)\n")
    file = report(command)["files"][0]
    assert file["exception"] == {
        "type": "ZeroDivisionError",
        "message": "division by zero",
        "file": "homework.py",
        "line": 2,
    }


def test_a_killed_program_is_said_to_be_lost(program: Program, command: Command) -> None:
    program(
        "import os, signal\nprint('before', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = command("run", "homework.py")
    assert done.stdout == "before\n"
    assert done.returncode == 1
    assert "was ended by signal 9; nothing found" in done.stderr
    assert "shapecheck: it was ended by SIGKILL and left no report" in done.stderr


def test_a_program_that_replaces_itself(program: Program, command: Command) -> None:
    program("import os, sys\nos.execv(sys.executable, [sys.executable, '-c', 'print(1)'])\n")
    done = command("run", "homework.py")
    assert (done.stdout, done.returncode) == ("1\n", 0)
    assert "it replaced itself and left no report" in done.stderr


def test_a_program_deaf_to_the_timeout_is_killed_with_what_it_printed(
    program: Program, command: Command
) -> None:
    program(
        "import signal\nsignal.signal(signal.SIGUSR2, signal.SIG_IGN)\n"
        "print('x', flush=True)\nimport time\ntime.sleep(600)\n"
    )
    done = command("run", "homework.py", "--timeout=2")
    assert (done.stdout, done.returncode) == ("x\n", 1)
    assert "was stopped: its time was over" in done.stderr


HARD_CODED = """
def flatten(x):
    return x.view(32, -1)

batch_size = 32
flatten(torch.randn(batch_size, 3, 4))
"""


@pytest.mark.parametrize(
    ("words", "slugs", "status"),
    [
        ([], {"role-conflict", "batch-hard-coded"}, 1),
        (["--ignore=role-conflict"], {"batch-hard-coded"}, 0),  # a warning
        (["--ignore=role-conflict", "--fail-on=warning"], {"batch-hard-coded"}, 1),
        (["--select=axis-extra,role-conflict"], {"role-conflict"}, 1),
    ],
)
def test_rules_chosen_and_the_exit_status(
    program: Program, command: Command, words: list[str], slugs: set[str], status: int
) -> None:
    program(SILENT + HARD_CODED)
    done = command("run", "homework.py", "--format=json", *words)
    assert {f["slug"] for f in json.loads(done.stdout)["findings"]} == slugs
    assert done.returncode == status


@pytest.mark.parametrize("fail_on", ["", "error", "warning", "note"])
@pytest.mark.parametrize("severity", Severity)
def test_what_fails_is_what_was_asked_to(
    program: Program, monkeypatch: pytest.MonkeyPatch, severity: Severity, fail_on: str
) -> None:
    file = str(program(""))
    found = Finding("axis-extra", severity, Place(file, 1), "a cause")
    seen = ProgramReport(file, "completed", findings=(found,))
    monkeypatch.setattr(cli, "launch", lambda *given, **settings: seen)
    words = ["run", file, *([f"--fail-on={fail_on}"] if fail_on else [])]
    fails = severity.rank <= Severity(fail_on or "error").rank
    assert CliRunner().invoke(cli.main, words).exit_code == (1 if fails else 0)


def test_a_comment_ignores_what_it_names(program: Program, command: Command) -> None:
    """Of three lines that say it of a layer each, two carry a comment that means it."""
    said = ("ignore[role-conflict]", "ignore", "ignore[axis-extra]")
    calls = [f"    nn.LSTM(3, 8)(x)  # shapecheck: {text}" for text in said]
    program(SILENT.replace("    out, _ = lstm(x)", "\n".join(calls)))
    found = report(command)["findings"]
    assert [(f["slug"], f["line"]) for f in found] == [("role-conflict", READS + 2)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.py"], "there is no file nowhere.py"),
        (["."], "there is no Python file and no notebook in ."),
        (["*.md"], "there is no Python, notebook or Markdown file like *.md"),
        (["notes.ipynb", "--select=no-such-rule"], "there is no rule 'no-such-rule'"),
        (["a.py", "--output=gone/report.json"], "lies in a folder that is not there"),
        (["a.py", "--output=."], "is a folder"),
        ([], "Missing argument 'FILES...'"),
    ],
)
def test_usage_errors(command: Command, words: list[str], said: str) -> None:
    done = command("run", *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_folder_and_a_report_in_a_file(tmp_path: Path, command: Command) -> None:
    for name in ("b.py", "a.py", ".venv/c.py", "part/d.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"print({name!r})", encoding="utf-8")
    done = command("run", ".", "--format=json", "--output=report.json")
    assert done.stdout.split() == ["a.py", "b.py", "part/d.py"]
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert [f["file"] for f in report["files"]] == ["a.py", "b.py", "part/d.py"]


@pytest.mark.parametrize(
    ("style", "to_file"), [("sarif", False), ("github", True)], ids=["stdout", "file"]
)
def test_a_report_for_tools_has_its_stream_for_itself(
    tmp_path: Path, program: Program, command: Command, style: str, to_file: bool
) -> None:
    """Paths begin at GitHub's checkout, wherever in it the command is run."""
    program("print('the program speaks')\n" + SILENT)
    words = [f"--format={style}", *(["--output=report.txt"] if to_file else [])]
    done = command("run", "homework.py", *words, GITHUB_WORKSPACE=str(tmp_path.parent))
    assert done.returncode == 1
    text = (tmp_path / "report.txt").read_text("utf-8") if to_file else done.stdout
    assert "the program speaks" in (done.stdout if to_file else done.stderr)
    file = f"{tmp_path.name}/homework.py"
    if style == "github":
        assert text.startswith(f"::error file={file},line={READS + 1},col=")
    else:
        (result,) = json.loads(text)["runs"][0]["results"]
        location = result["locations"][0]["physicalLocation"]
        assert location["artifactLocation"]["uri"] == file
        (cited,) = result["relatedLocations"]
        assert "DataLoader" in cited["message"]["text"]


ELSEWHERE = """
import threading
from concurrent.futures import ThreadPoolExecutor
import torch
from torch.utils.data import DataLoader

def work():
    torch.zeros(3)

class Worker(threading.Thread):
    def run(self):
        work()

for thread in threading.Thread(target=work), Worker(), threading.Timer(0, print):
    thread.start()
    thread.join()
with ThreadPoolExecutor(1) as pool:
    pool.submit(work)
for x in DataLoader(torch.zeros(4, 2), num_workers=2):
    pass
"""


def test_what_ran_elsewhere_is_said(program: Program, command: Command) -> None:
    program(ELSEWHERE)
    file = report(command)["files"][0]
    assert [(s["function"], s["line"]) for s in file["skipped"]] == [
        ("work", 7),
        ("Worker.run", 11),
        ("", 0),
        ("<module>", 19),
    ]
    assert file["skipped"][0]["reason"] == (
        "the thread that runs work (homework.py:7) is not watched"
    )


def test_nothing_is_left_behind(tmp_path: Path, program: Program, command: Command) -> None:
    program(SILENT)
    (tmp_path / "temporary").mkdir()
    command("run", "homework.py", TMPDIR=str(tmp_path / "temporary"))
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")}
    assert left == {"homework.py", "temporary"}


def test_our_own_failure_is_ours(
    tmp_path: Path, program: Program, command: Command, plainly: Command
) -> None:
    """A tracker that cannot start: the program runs as ever, and the status is 2."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['shapecheck.runtime.tracker'] = None\n", encoding="utf-8"
    )
    program("import torch\nprint(torch.ones(2).sum().item())\n")
    done = command("run", "homework.py", PYTHONPATH=str(tmp_path))
    assert done.stdout == plainly("homework.py").stdout == "2.0\n"
    assert "our own failure, not yours" in done.stderr
    assert done.returncode == 2


def test_the_report_as_people_read_it(
    program: Program, command: Command, golden: Callable[[str, str], None]
) -> None:
    program(SILENT + "\nstep = nn.Linear(4, 2)\nstep(x)\n")
    done = command("run", "homework.py")
    assert done.stdout == ""
    text = done.stderr.partition("error  ")
    golden("report.txt", text[1] + text[2])
    assert max(map(len, text[2].splitlines())) < 80


def test_the_page_shows_what_is_printed(program: Program, command: Command) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "run.md").read_text("utf-8")
    code = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
    shown = re.findall(r"\$ shapecheck run homework.py\n(.*?)```", page, re.DOTALL)[0]
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    program(code)
    assert command("run", "homework.py").stderr == shown
    assert shown in readme
