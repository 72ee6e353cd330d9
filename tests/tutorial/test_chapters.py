"""The chapters run: their blocks in order, one namespace a file, and print what they show."""

import ast
import contextlib
import io
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from markdown_it import MarkdownIt

FOLDER = Path(__file__).parents[2] / "docs" / "tutorial"
CHAPTERS = ["rnn.md", "rnn.zh.md"]


class Block(NamedTuple):
    """A fenced block of Python, the line it starts on, and the output shown under it, if any."""

    line: int
    code: str
    output: str | None


def blocks(chapter: str) -> list[Block]:
    tokens = MarkdownIt("commonmark").parse((FOLDER / chapter).read_text(encoding="utf-8"))
    found = []
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "fence" and token.info == "python":
            shown = after is not None and after.type == "fence" and after.info == "text"
            assert token.map is not None
            found.append(
                Block(token.map[0] + 1, token.content, after.content if after and shown else None)
            )
    return found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_block_runs_and_prints_what_is_shown(chapter: str) -> None:
    namespace: dict[str, Any] = {"__name__": "chapter"}
    for block in blocks(chapter):
        # Empty lines in front, so that a traceback shows the line of the chapter.
        code = compile("\n" * block.line + block.code, str(FOLDER / chapter), "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)
        where = f"{chapter}:{block.line}"
        assert (where, printed.getvalue()) == (where, block.output or "")


def test_both_languages_teach_the_same_code_and_show_the_same_output() -> None:
    english, chinese = (
        [(ast.dump(ast.parse(block.code)), block.output) for block in blocks(chapter)]
        for chapter in CHAPTERS
    )
    assert english == chinese


def test_every_output_has_its_code() -> None:
    for chapter in CHAPTERS:
        text = (FOLDER / chapter).read_text(encoding="utf-8")
        shown = sum(block.output is not None for block in blocks(chapter))
        assert shown == text.count("\n```text\n") > 10
