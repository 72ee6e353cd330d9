"""stale-output: fires on output that is not printed, and lets equal output be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shapecheck.core.chapter import Printed, Shown
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.site import Place
from shapecheck.rules import judge
from shapecheck.source.chapters import read_chapter

Chapter = Callable[[str], list[Finding]]


def judged(text: str, printed: str, line: int = 20) -> list[Finding]:
    shown = Shown(Place("chapter.md", line), text, "fence", text.count("\n"))
    return list(judge([Printed(shown, printed)]))


def test_the_page_s_example_fires_and_its_remedy_does_not(
    chapter: Chapter, examples: Callable[[str], list[str]]
) -> None:
    wrong, right = examples("stale-output")
    (found,) = chapter(wrong)
    assert (found.slug, found.severity) == ("stale-output", Severity.WARNING)
    assert str(found.place) == "chapter.md:9"
    assert chapter(right) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("```text", "<!-- shapecheck: ignore[stale-output] -->\n```text"),
        ("```python", "<!-- shapecheck: ignore -->\n```python"),
        ("print(", "# shapecheck: ignore[stale-output]\nprint("),
        ("```text", "It prints:\n\n```text"),
        ("```text", "```yaml"),
    ],
)
def test_output_that_is_not_compared(
    tmp_path: Path, examples: Callable[[str], list[str]], old: str, new: str
) -> None:
    wrong = examples("stale-output")[0]
    file = tmp_path / "chapter.md"
    file.write_text(wrong, encoding="utf-8")
    assert [len(part.shown) for part in read_chapter(str(file)).parts] == [1]
    file.write_text(wrong.replace(old, new), encoding="utf-8")
    assert [len(part.shown) for part in read_chapter(str(file)).parts] == [0]


@pytest.mark.parametrize(
    ("shown", "printed", "line"),
    [
        ("a\nb\n", "a\nc\n", 21),
        ("a\nb\n", "a\n", 21),
        ("a\n", "a\nb\n", 20),
        ("\n\na\n", "b\n", 22),
        ("Traceback (most recent call last):\n  ...\nKeyError: 1\n", "KeyError: 2\n", 22),
    ],
)
def test_the_line_is_that_of_the_file(shown: str, printed: str, line: int) -> None:
    (found,) = judged(shown, printed)
    assert found.place.line == line


def test_equal_output_is_no_finding() -> None:
    assert judged("torch.Size([1, 10, 1])\n0.123\n", "torch.Size([1, 10, 1])\n0.1231\n") == []


def test_the_message(golden: Callable[[str, str], None]) -> None:
    (one,) = judged("torch.Size([1, 1, 100])\n", "torch.Size([1, 10, 1])\n")
    (two,) = judged("a\n", "a\nb\n")
    golden("stale-output.txt", f"{one}\n\n{two}")
