"""A Markdown file or a notebook as a chapter: its code in order, and what it states beside it."""

from __future__ import annotations

import doctest
import json
import linecache
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shapecheck.core.chapter import Shown, StatedShape
from shapecheck.core.site import Place
from shapecheck.source.markers import markers
from shapecheck.source.prose import stated_shapes
from shapecheck.source.units import CodeUnit, read_units

if TYPE_CHECKING:
    from markdown_it.token import Token

SUFFIXES = (".ipynb", ".md", ".markdown")
_OUTPUT, _PERHAPS = ("output", "stdout"), ("text", "txt", "plaintext", "plain", "")
_IGNORING = frozenset(("skip-shapecheck", "ignore-output", "nbval-ignore-output"))
_NO_OUTPUT = re.compile(r"#\s*shapecheck:\s*ignore(?:\[[^\]]*\bstale-output\b[^\]]*\]|(?!\s*\[))")
_MAGIC = re.compile(r"^\s*(?:[\w.,\s\[\]]+=\s*)?(?P<magic>[%!?]{1,2}\s*[\w./-]+).*$", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """A cell or block, with the output shown under it.

    `name` is what its author calls it (`cell 7`, `line 12`). `raises` says that it is meant to
    raise. `magics` are the lines for IPython in it, which do nothing.
    """

    unit: CodeUnit
    name: str
    shown: tuple[Shown, ...] = ()
    raises: bool = False
    magics: tuple[str, ...] = ()

    @property
    def last_line(self) -> int:
        """The last line of its code."""
        return self.unit.first_line + self.unit.text.rstrip("\n").count("\n")


@dataclass(frozen=True)
class Chapter:
    """A file of several parts that run in one namespace, and the shapes that its prose states."""

    file: str
    parts: tuple[Part, ...]
    stated: tuple[StatedShape, ...] = ()

    @property
    def is_notebook(self) -> bool:
        return self.file.lower().endswith(".ipynb")


def is_chapter(file: str | Path) -> bool:
    """True for a Markdown file or a notebook."""
    return Path(file).suffix.lower() in SUFFIXES


def read_chapter(file: str) -> Chapter:
    """Read a Markdown file or a notebook.

    Raises OSError where it cannot be read and ValueError where it is no such file.
    """
    units = read_units(file)
    text = Path(file).read_text(encoding="utf-8", errors="replace")
    if file.lower().endswith(".ipynb"):
        cells = code_cells(json.loads(text))
        return Chapter(file, tuple(map(_cell, units, cells)))
    from markdown_it import MarkdownIt  # loaded only where Markdown is read

    tokens = MarkdownIt("commonmark").parse(text)
    parts = tuple(_blocks(file, units, tokens, text.split("\n")))
    starts = [part.unit.first_line for part in parts]
    return Chapter(file, parts, stated_shapes(file, tokens, starts))


def remember(chapter: Chapter) -> None:
    """Have `linecache` show the code of a chapter, line for line, wherever its label is named.

    A Markdown file shows nothing but its code, so that it can be parsed.
    """
    by_label: dict[str, dict[int, str]] = {}
    for part in chapter.parts:
        lines = by_label.setdefault(part.unit.label, {})
        try:
            part.unit.tree()
        except (SyntaxError, ValueError):
            if not chapter.is_notebook:
                continue
        lines.update(enumerate(part.unit.code.split("\n"), part.unit.first_line))
    for label, lines in by_label.items():
        shown = [lines.get(n, "") + "\n" for n in range(1, max(lines, default=0) + 1)]
        # No time of change: traceback leaves such an entry alone.
        linecache.cache[label] = (sum(map(len, shown)), None, shown, label)


# -- notebooks ----------------------------------------------------------------------------------


def code_cells(book: dict[str, Any]) -> list[dict[str, Any]]:
    """The code cells that hold code, as `read_units` counts them."""
    cells = book.get("cells") or [c for s in book.get("worksheets", ()) for c in s.get("cells", ())]
    return [
        cell
        for cell in cells
        if cell.get("cell_type") == "code"
        and "".join(cell.get("source", cell.get("input", ""))).strip()
    ]


def _cell(unit: CodeUnit, cell: dict[str, Any]) -> Part:
    tags = set((cell.get("metadata") or {}).get("tags") or ())
    magics = _magics(unit)
    shown: tuple[Shown, ...] = ()
    if not (magics or tags & _IGNORING or _NO_OUTPUT.search(unit.text)):
        shown = tuple(_stored(unit, cell.get("outputs") or ()))
    return Part(unit, unit.part, shown, "raises-exception" in tags, magics)


def _stored(unit: CodeUnit, outputs: Iterable[dict[str, Any]]) -> Iterator[Shown]:
    place = Place(unit.label)
    printed = [o for o in outputs if o.get("output_type") == "stream" and o.get("name") == "stdout"]
    if printed:
        yield Shown(place, "".join("".join(o.get("text", "")) for o in printed), "stream")
    for output in outputs:
        if output.get("output_type") == "execute_result":
            text = "".join((output.get("data") or {}).get("text/plain", ""))
            if text:
                yield Shown(place, text, "result")


def _magics(unit: CodeUnit) -> tuple[str, ...]:
    """The lines that are for IPython, or the first of a cell that is."""
    if unit.skipped and not unit.text.lstrip().startswith("%%"):
        return ()
    written, run = unit.text.split("\n"), unit.code.split("\n")
    changed = [a for a, b in zip(written, run, strict=False) if a != b]
    if unit.skipped:
        changed = written[:1]
    return tuple(m["magic"] for line in changed if (m := _MAGIC.match(line)))


# -- Markdown -----------------------------------------------------------------------------------


def _blocks(
    file: str, units: Sequence[CodeUnit], tokens: Sequence[Token], lines: Sequence[str]
) -> Iterator[Part]:
    by_line = {unit.first_line: unit for unit in units}
    told: dict[str, tuple[str, ...]] = {}
    for index, token in enumerate(tokens):
        if token.type == "html_block":
            told.update(markers(token.content))
        elif token.type == "fence" and token.map is not None:
            unit = by_line.get(token.map[0] + 2)
            if unit is not None and unit.text == token.content:
                ignored = _ignores(told) or _NO_OUTPUT.search(unit.text) is not None
                shown = () if ignored else tuple(_shown(unit, tokens[index + 1 :], lines))
                yield Part(unit, f"line {unit.first_line}", shown, "raises" in told)
            told = {}
        elif token.type == "inline":
            told = {}


def _ignores(told: dict[str, tuple[str, ...]]) -> bool:
    return "ignore" in told and (not told["ignore"] or "stale-output" in told["ignore"])


def _shown(unit: CodeUnit, following: Sequence[Token], lines: Sequence[str]) -> Iterator[Shown]:
    if unit.language == "console":
        yield from _transcript(unit, lines)
        return
    told: dict[str, tuple[str, ...]] = {}
    for token in following:
        if token.type == "html_block":
            told.update(markers(token.content))
            continue
        if token.type == "fence" and token.map is not None and not _ignores(told):
            word = (token.info.split() or [""])[0].lower()
            sure = word in _OUTPUT or "output" in told
            if sure or word in _PERHAPS:
                first = token.map[0] + 2
                indent = _indent(lines, token.map[0])
                rows = token.content.count("\n")
                place = Place(unit.file, first)
                yield Shown(place, token.content, "fence", rows, indent, not sure)
        return


def _transcript(unit: CodeUnit, lines: Sequence[str]) -> Iterator[Shown]:
    """What stands under the prompts of a `>>>` block."""
    indent = _indent(lines, unit.first_line - 1)
    for example in examples(unit):
        if example.want:
            first = unit.first_line + example.lineno + example.source.count("\n")
            raised = example.exc_msg or ""
            place = Place(unit.file, first)
            rows = example.want.count("\n")
            inside = indent + " " * example.indent
            yield Shown(place, example.want, "prompt", rows, inside, raised=raised)


def examples(unit: CodeUnit) -> list[doctest.Example]:
    """The prompts of a `>>>` block; `lineno` counts from 0. None where it cannot be read."""
    try:
        return doctest.DocTestParser().get_examples(unit.text, unit.label)
    except ValueError:
        return []


def _indent(lines: Sequence[str], index: int) -> str:
    found = re.match(r"\s*", lines[index] if index < len(lines) else "")
    return found[0] if found else ""
