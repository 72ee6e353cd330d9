"""stale-comment: fires on each kind of wrong comment of the census, and on none of its traps."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shapecheck.core.comment_evidence import CommentEvidence
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.plain import from_plain, to_plain
from shapecheck.rules import judge
from shapecheck.runtime.comments import observe
from shapecheck.source.declarations import read_comments
from shapecheck.source.units import read_units

FOLDER = Path(__file__).with_name("comments")
SHOULD_READ = re.compile(r"Line (\d+) should read: `` (.*) ``")


@dataclass(frozen=True)
class Case:
    name: str
    line: int
    remedy: str
    program: str


def cases(file: str) -> list[Any]:
    sections = re.split(r"^## ", (FOLDER / file).read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = []
    for section in sections[1:]:
        name, _, body = section.partition("\n")
        told = SHOULD_READ.search(body)
        program = re.findall(r"```python\n(.*?)```", body, re.DOTALL)[-1]
        line, remedy = (int(told[1]), told[2]) if told else (0, "")
        found.append(pytest.param(Case(name, line, remedy, program), id=name.replace(" ", "-")))
    return found


def evidence_of(program: str) -> CommentEvidence:
    (unit,) = read_units("program.py", program)
    return observe(unit, read_comments(unit), {"__name__": "__main__"})


def findings(program: str) -> list[Finding]:
    return list(judge([evidence_of(program)]))


def with_line(program: str, line: int, old: str, new: str) -> str:
    lines = program.split("\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new)
    return "\n".join(lines)


@pytest.mark.parametrize("case", cases("wrong.md"))
def test_a_wrong_comment_is_found_and_its_remedy_is_right(case: Case) -> None:
    (found,) = findings(case.program)
    assert (found.slug, found.severity) == ("stale-comment", Severity.WARNING)
    assert (found.place.line, found.remedy) == (case.line, case.remedy)
    assert found.evidence is not None
    repaired = with_line(case.program, case.line, found.evidence["comment"], case.remedy)
    assert findings(repaired) == []


@pytest.mark.parametrize("case", cases("right.md"))
def test_a_right_comment_that_looks_suspicious_is_left_alone(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    assert findings(case.program) == []


def test_evidence_survives_being_written_and_read() -> None:
    case = cases("wrong.md")[0].values[0]
    evidence = evidence_of(case.program)
    again = from_plain(CommentEvidence, to_plain(evidence))
    assert again == evidence
    assert [f.message for f in judge([again])] == [f.message for f in judge([evidence])]


def test_one_fitting_call_among_many_is_enough_to_be_silent() -> None:
    program = "import torch\ndef f(x):\n    y = x + 0  # (batch, 3, 4)\n    return y\n"
    wrong = [f"f(torch.zeros({n}, 4, 3))" for n in range(2, 6)]
    assert len(findings(program + "\n".join(wrong))) == 1
    assert findings("\n".join([program, *wrong, "f(torch.zeros(2, 3, 4))"])) == []


def test_a_statement_with_more_contents_than_are_kept_is_not_judged() -> None:
    program = "import torch\nfor n in range(2, {}):\n    y = torch.zeros(n)  # (batch, {})\n"
    assert len(findings(program.format(50, 7))) == 1
    assert findings(program.format(400, 7)) == []


def test_two_wrong_shapes_in_one_comment_are_told_once() -> None:
    program = "import torch\na = torch.zeros(9)\nb = a + 1  # a: (9, 1), b: (9, 1)\n"
    assert len(findings(program)) == 1


def test_the_message(golden: Callable[[str, str], None]) -> None:
    case = next(c.values[0] for c in cases("wrong.md") if c.id == "bi-no-factor")
    golden("stale-comment-two-directions.txt", str(findings(case.program)[0]))


def test_the_message_of_an_arrow(golden: Callable[[str, str], None]) -> None:
    case = next(c.values[0] for c in cases("wrong.md") if c.id == "arrow-reverse")
    golden("stale-comment-arrow.txt", str(findings(case.program)[0]))


@pytest.mark.parametrize("slug", ["stale-comment", "comment-conflict"])
def test_the_page_s_example_fires_and_its_remedy_does_not(slug: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "rules" / f"{slug}.md"
    example, instead = (unit.text for unit in read_units(page))
    assert [f.slug for f in findings(example)] == [slug]
    assert findings(instead) == []
