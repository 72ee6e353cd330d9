"""Where a place lies, as other tools count: files from a root, characters of a line from 1."""

from __future__ import annotations

import linecache
import os
import re
from dataclasses import dataclass
from pathlib import Path

from shapecheck.core.site import Place

_CELL = re.compile(r"(.+\.ipynb):(cell \d+)")


@dataclass(frozen=True)
class Spot:
    """A place in a file of a repository.

    `file` is relative to the root, with slashes; absolute where it lies elsewhere. `line` and
    `column` count from 1, columns in characters; 0 is not known. `part` is the cell of a notebook,
    whose lines are no lines of the file: then `line` is 0, and `told` says it in words. `code` is
    the line as it stands there.
    """

    file: str
    line: int = 0
    column: int = 0
    part: str = ""
    told: str = ""
    code: str = ""


def spot(place: Place, root: str) -> Spot:
    """Where a place lies below `root`, an absolute folder."""
    cell = _CELL.fullmatch(place.file)
    if cell is not None:
        told = f"{cell[2]}, line {place.line}" if place.line else cell[2]
        return Spot(from_root(cell[1], root), part=cell[2], told=told)
    line = linecache.getline(place.file, place.line) if place.line else ""
    return Spot(from_root(place.file, root), place.line, _column(place, line), code=line.strip())


def from_root(file: str, root: str) -> str:
    """A file, named from the current folder or absolute, as it is named from `root`."""
    path = Path(os.path.abspath(file))
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _column(place: Place, line: str) -> int:
    """Python counts a column in bytes of UTF-8, from 0; there 0 may mean that it is not known."""
    if not place.column or not line:
        return 0
    return len(line.encode()[: place.column].decode(errors="ignore")) + 1
