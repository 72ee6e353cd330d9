"""Files as units of code with the author's line numbers: modules, notebook cells, fenced blocks.

A `.py` file is one unit, a notebook one per code cell, a Markdown file one per fenced Python
block. Line numbers are those the author sees: in the file, or in the cell.
"""

from __future__ import annotations

import ast
import json
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

from shapecheck.core.site import Place
from shapecheck.source.markers import markers

_PYTHON = frozenset(("python", "py", "python3", "py3", "ipython", "ipython3", "pycon"))
_MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*)$")
_MAGIC_VALUE = re.compile(r"^(\s*[\w.,\s\[\]]+=\s*)[%!].*$")
_PROMPT = re.compile(r"^(\s*)(>>>|\.\.\.)(?: (.*))?$")


@dataclass(frozen=True)
class CodeUnit:
    """Code that is compiled and run as one piece.

    `file` is the path as the user gave it and `part` what the piece is called in it (`cell 7`,
    empty for a module). `text` is the code as written, whose first line has the number
    `first_line`. `language` is `python`, or `console` for `>>>` blocks. `skipped` units were
    marked by their author as not to be run. `ignores` are the slugs of findings that their author
    does not want in the whole of it; `*` is any.
    """

    file: str
    text: str
    part: str = ""
    first_line: int = 1
    language: str = "python"
    skipped: bool = False
    ignores: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The file as places name it: `demo.ipynb:cell 7` for a cell."""
        return f"{self.file}:{self.part}" if self.part else self.file

    @cached_property
    def code(self) -> str:
        """The text as Python, line for line: magics and the lines of a shell do nothing."""
        if self.language == "console":
            return _without_prompts(self.text)
        return self.text if _parses(self.text) else _without_magics(self.text)

    def tree(self) -> ast.Module:
        """A fresh syntax tree with the author's line numbers. Raises SyntaxError, placed."""
        try:
            tree = _parse(self.code, self.label)
        except SyntaxError as error:
            if error.lineno is not None:
                error.lineno += self.first_line - 1
            raise
        if self.first_line > 1:
            ast.increment_lineno(tree, self.first_line - 1)
        return tree

    def comments(self) -> Iterator[Comment]:
        """Every `#` comment, in order; those up to a fault where the text cannot be read."""
        lines = iter(self.code.splitlines(keepends=True))
        try:
            for token in tokenize.generate_tokens(lambda: next(lines, "")):
                if token.type == tokenize.COMMENT:
                    line, column = token.start
                    alone = not token.line[:column].strip()
                    yield Comment(line + self.first_line - 1, column, token.string, alone)
        except (tokenize.TokenError, SyntaxError):
            return

    def place(self, line: int, column: int = 0, function: str = "") -> Place:
        """A place in this unit."""
        return Place(self.label, line, column, function)


@dataclass(frozen=True)
class Comment:
    """A `#` comment; `alone` where nothing else stands on its line."""

    line: int
    column: int
    text: str
    alone: bool


def read_units(path: str | Path, text: str | None = None) -> tuple[CodeUnit, ...]:
    """The code of a `.py`, `.ipynb` or `.md` file, in order.

    Raises OSError where it cannot be read and ValueError where it is no such file.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".ipynb", ".md", ".markdown", ".py", ".pyw", ""):
        raise ValueError(f"{path} is neither Python, a notebook nor Markdown")
    if text is None:
        text = _decoded(path)
    if suffix == ".ipynb":
        return tuple(_cells(str(path), text))
    if suffix in (".md", ".markdown"):
        return tuple(_blocks(str(path), text))
    return (CodeUnit(str(path), text),)


def _decoded(path: Path) -> str:
    """The text of a file, by its coding line where it has one."""
    data = path.read_bytes()
    if path.suffix.lower() in (".ipynb", ".md", ".markdown"):
        return data.decode("utf-8", errors="replace")
    encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
    return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def _cells(file: str, text: str) -> Iterator[CodeUnit]:
    """One unit a code cell that holds code, numbered as Jupyter numbers a fresh run."""
    import nbformat  # loaded only where a notebook is read

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old notebooks lack cell ids: no matter of ours
        try:
            notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call] # it has no types
        except (nbformat.reader.NotJSONError, json.JSONDecodeError, KeyError, AttributeError) as e:
            raise ValueError(f"{file} is no notebook: {e}") from e
    number = 0
    for cell in notebook.cells:
        source = "".join(cell.source)
        if cell.cell_type != "code" or not source.strip():
            continue
        number += 1
        tags = cell.get("metadata", {}).get("tags", [])
        skipped = "skip-shapecheck" in tags or re.match(r"\s*%%(?!time|capture)", source)
        yield CodeUnit(file, source, f"cell {number}", skipped=bool(skipped))


def _blocks(file: str, text: str) -> Iterator[CodeUnit]:
    """One unit a fenced block of Python; `<!-- shapecheck: skip -->` before it leaves it out."""
    from markdown_it import MarkdownIt  # loaded only where Markdown is read

    told: dict[str, tuple[str, ...]] = {}
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "html_block":
            told.update(markers(token.content))
        elif token.type == "fence" and token.map is not None:
            words = re.findall(r"[\w+-]+", token.info)
            if words and words[0].lower() in _PYTHON:
                console = words[0] == "pycon" or token.content.lstrip().startswith(">>>")
                yield CodeUnit(
                    file,
                    token.content,
                    first_line=token.map[0] + 2,
                    language="console" if console else "python",
                    skipped="skip" in told,
                    ignores=told["ignore"] or ("*",) if "ignore" in told else (),
                )
            told = {}
        elif token.type == "inline":
            told = {}


def _parses(code: str) -> bool:
    try:
        _parse(code, "<unit>")
    except (SyntaxError, ValueError):
        return False
    return True


def _parse(code: str, name: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # told when the code is compiled to run
        return ast.parse(code, name)


def _without_magics(text: str) -> str:
    """`%matplotlib inline` → `pass`, `files = !ls` → `files = None`; line for line."""
    lines = text.split("\n")
    if lines and re.match(r"\s*%%", lines[0]):
        lines[0] = ""
    result = []
    continued = False
    for line in lines:
        magic = _MAGIC.match(line)
        if continued:
            continued = line.rstrip().endswith("\\")
            result.append("")
        elif magic:
            continued = line.rstrip().endswith("\\")
            result.append(f"{magic.group(1)}pass")
        else:
            result.append(_MAGIC_VALUE.sub(r"\1None", line))
    return "\n".join(result)


def _without_prompts(text: str) -> str:
    """The code of a `>>>` block, line for line; what it prints becomes blank."""
    result = []
    for line in text.split("\n"):
        prompt = _PROMPT.match(line)
        result.append((prompt.group(3) or "") if prompt else "")
    return "\n".join(result)
