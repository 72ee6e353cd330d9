"""The chapters run, print what they show, and their prose says what is so."""

import ast
import contextlib
import io
from pathlib import Path
from typing import Any

import pytest

from shapecheck.core.printed import difference
from shapecheck.run.launch import launch
from shapecheck.source.chapters import Chapter, read_chapter

FOLDER = Path(__file__).parents[2] / "docs" / "tutorial"
CHAPTERS = ["rnn.md", "rnn.zh.md"]


def chapter(name: str) -> Chapter:
    return read_chapter(str(FOLDER / name))


@pytest.mark.parametrize("name", CHAPTERS)
def test_shapecheck_run_finds_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(FOLDER.parents[1])
    report = launch(f"docs/tutorial/{name}")
    assert (report.outcome, report.findings, report.ours) == ("completed", (), ()), report
    assert len(chapter(name).stated) >= 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "slugs"),
    [
        ("docs/index.md", set()),
        ("docs/how-to/run.md", {"role-conflict", "batch-mixing", "two-sided-broadcast"}),
    ],
)
def test_other_pages_do_what_they_say(
    page: str, slugs: set[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(FOLDER.parents[1])
    report = launch(page)
    assert (report.outcome, {f.slug for f in report.findings}) == ("completed", slugs), report
    text = " ".join(Path(page).read_text("utf-8").split())
    assert all(found.message in text for found in report.findings)


@pytest.mark.parametrize("name", CHAPTERS)
def test_blocks_print_what_is_shown_in_this_process_too(name: str) -> None:
    """Here the declared shapes of `tutorial` are held, and its mutants are met."""
    namespace: dict[str, Any] = {"__name__": "chapter"}
    for part in chapter(name).parts:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(part.unit.tree(), part.unit.label, "exec"), namespace)
        shown = part.shown[0].text if part.shown else ""
        assert (part.name, difference(shown, printed.getvalue())) == (part.name, None)


def test_both_languages_teach_the_same_code_and_show_the_same_output() -> None:
    english, chinese = (
        [(ast.dump(p.unit.tree()), [s.text for s in p.shown]) for p in chapter(name).parts]
        for name in CHAPTERS
    )
    assert english == chinese


def test_every_output_has_its_code() -> None:
    for name in CHAPTERS:
        text = (FOLDER / name).read_text(encoding="utf-8")
        shown = sum(len(part.shown) for part in chapter(name).parts)
        assert shown == text.count("\n```text\n") > 10
