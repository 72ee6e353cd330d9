"""Workflow commands: read back as GitHub's runner reads them, nothing of a text is lost."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.program import ProgramReport, Raised
from shapecheck.core.site import Place
from shapecheck.report.github import as_github

COMMAND = re.compile(r"::(\w+) (.*?)::(.*)")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner reads it: its name, its properties and its message."""
    command = COMMAND.fullmatch(line)
    assert command is not None, line
    pairs = (pair.split("=", 1) for pair in command[2].split(","))
    return command[1], {key: plain(value) for key, value in pairs}, plain(command[3])


def plain(text: str) -> str:
    for sign in "\r\n:,":
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text.replace("%25", "%")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXTS, TEXTS, TEXTS)
def test_a_text_comes_back_as_it_was(message: str, remedy: str, name: str) -> None:
    place = Place(f"/{name.replace(chr(0), '').replace('/', '')}.py", 3)
    finding = Finding("axis-extra", Severity.NOTE, place, message, remedy=remedy)
    report = ProgramReport("a.py", "completed", findings=(finding,))
    lines = as_github([report], "/root").split("\n")
    kind, properties, text = read(lines[0])
    assert kind == "notice"
    assert properties == {"file": place.file, "line": "3", "title": "axis-extra"}
    assert text == f"{message}\nremedy: {remedy}"


def test_the_commands_of_a_report(
    golden: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("\n" * 6 + "    out, _ = lstm(x)\n")
    first = Finding(
        "role-conflict",
        Severity.ERROR,
        Place("train.py", 7, 13),
        "nn.LSTM reads axis 0 of x as time, but it is batch",
        expected="nn.LSTM(batch_first=False) takes (time, batch, feature)",
        actual="x (4, 5, 3) = (batch, ?, ?)",
        picture=("■ ·", "· ■"),
    )
    cell = Finding("axis-extra", Severity.WARNING, Place("nb.ipynb:cell 2", 1), "100 % too many")
    reports = [
        ProgramReport("train.py", "completed", findings=(first,)),
        ProgramReport("nb.ipynb", "raised", 1, Raised("KeyError", "'k'", "lib.py", 9), (cell,)),
        ProgramReport("slow.py", "timeout", 124, skipped=(Skipped("", Place("slow.py"), "why"),)),
    ]
    golden("github.txt", as_github(reports, str(tmp_path)))


@pytest.mark.parametrize("evidence", [{"crash": {}}, {"fact": "Raised"}, {"fact": "Picked"}, None])
def test_an_exception_that_a_finding_explains_is_told_once(
    evidence: dict[str, object] | None,
) -> None:
    finding = Finding("layer-input", Severity.ERROR, Place("a.py", 3), "no", evidence=evidence)
    raised = Raised("RuntimeError", "size", "a.py", 3)
    text = as_github([ProgramReport("a.py", "raised", 1, raised, (finding,))], "/")
    explained = evidence not in ({"fact": "Picked"}, None)
    assert text.count("::error ") == (1 if explained else 2)
