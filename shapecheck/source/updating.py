"""Write what code prints now in the place of what its author shows, and touch nothing else.

What is in the file is compared with what was read from it before a line is written: where the
file has changed meanwhile, or where the author shortened the output by hand, it stays as it is.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapecheck.source.chapters import code_cells

BLANK = "<BLANKLINE>"  # how doctest writes an empty line of output under a prompt


class Refused(ValueError):
    """Output that is left as it is; the text says why."""


@dataclass(frozen=True)
class Output:
    """One output: as it is shown, and as it is printed now.

    `shown_as` and `indent` are those of `core.chapter.Shown`; `first` is its first line in the
    file, `lines` how many there are; `cell` counts the code cells of a notebook from 1.
    """

    shown: str
    printed: str
    shown_as: str
    first: int = 0
    lines: int = 0
    indent: str = ""
    cell: int = 0


def write_anew(file: str, outputs: Iterable[Output]) -> tuple[list[Output], list[Refused]]:
    """Write outputs anew in a chapter, in one step; those written, and why others were not."""
    path = Path(os.path.realpath(file))
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return [], [Refused(f"{file} cannot be written anew: {error}")]
    is_notebook = file.lower().endswith(".ipynb")
    document: Any = _Notebook(text) if is_notebook else _Markdown(text)
    written, refused = [], []
    for output in sorted(outputs, key=lambda o: -o.first):  # from below: what is above stays
        try:
            document.put(output)
            written.append(output)
        except Refused as reason:
            where = f"cell {output.cell}" if output.cell else f"line {output.first}"
            refused.append(Refused(f"the output at {where} is not written anew: {reason}"))
    try:
        if written:
            _replace(path, document.text().encode("utf-8"))
    except OSError as error:
        return [], [Refused(f"{file} cannot be written anew: {error}")]
    return written, refused


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        shutil.copymode(path, name)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _by_hand(output: Output) -> None:
    if "..." in output.shown and "..." not in output.printed:
        raise Refused("its author shortened it with `...`")
    if "Traceback (most recent call last)" in output.shown:
        raise Refused("it shows a traceback")


class _Markdown:
    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")

    def text(self) -> str:
        return "\n".join(self._lines)

    def put(self, output: Output) -> None:
        _by_hand(output)
        at = slice(output.first - 1, output.first - 1 + output.lines)
        held = [line.removesuffix("\r") for line in self._lines[at]]
        held = [line.removeprefix(output.indent) if line.strip() else "" for line in held]
        shown = output.shown.split("\n")[: output.lines]
        if held != [line if line.strip() else "" for line in shown]:
            raise Refused("the file has changed, or it is set in a way that is not known")
        new = [line.rstrip() for line in output.printed.rstrip("\n").split("\n")]
        if output.printed.strip("\n") == "":
            new = []
        if output.shown_as == "prompt":
            new = [line or BLANK for line in new]
        if any(re.match(r"\s*(```|~~~)", line) for line in new):
            raise Refused("it would end the block")
        ending = "\r" if self._lines[output.first - 2].endswith("\r") else ""
        self._lines[at] = [(output.indent + line if line else "") + ending for line in new]


class _Notebook:
    def __init__(self, text: str) -> None:
        self._before = text
        self._book = json.loads(text)
        self._cells = code_cells(self._book)

    def text(self) -> str:
        """As Jupyter writes it, with the indentation and the escapes that the file had."""
        found = re.search(r"\n([ \t]+)\S", self._before)
        indent: Any = found[1] if found else None
        plain = self._before.isascii() and "\\u" in self._before
        end = "\n" if self._before.endswith("\n") else ""
        return json.dumps(self._book, indent=indent, ensure_ascii=plain) + end

    def put(self, output: Output) -> None:
        _by_hand(output)
        if "worksheets" in self._book:
            raise Refused("the notebook is of an old format")
        cell = self._cells[output.cell - 1]
        kept = cell.get("outputs") or []
        parts = [o for o in kept if _is(o, output.shown_as)]
        if "".join(map(_text, parts)) != output.shown:
            raise Refused("the file has changed")
        first = parts[0]
        if output.shown_as == "result":
            first["data"] = {"text/plain": _as(first["data"]["text/plain"], output.printed)}
            return
        first["text"] = _as(first["text"], output.printed)
        gone = parts if not output.printed else parts[1:]
        cell["outputs"] = [o for o in kept if not any(o is other for other in gone)]


def _is(output: dict[str, Any], shown_as: str) -> bool:
    if shown_as == "result":
        return output.get("output_type") == "execute_result"
    return output.get("output_type") == "stream" and output.get("name") == "stdout"


def _text(output: dict[str, Any]) -> str:
    if output.get("output_type") == "stream":
        return "".join(output.get("text", ""))
    return "".join((output.get("data") or {}).get("text/plain", ""))


def _as(before: Any, text: str) -> Any:
    """A text as a notebook keeps it: in one piece, or line by line."""
    return text.splitlines(keepends=True) if isinstance(before, list) else text
