"""Which programs the files, folders and patterns that somebody named stand for."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

_IN_FOLDERS = (".py", ".ipynb")
_ALONE = (".md", ".markdown")  # a page may hold blocks that only look like a program


class NoProgram(ValueError):
    """What was named is no program; the text says why."""


def programs(paths: Iterable[str]) -> list[str]:
    """The files named, and the Python files and notebooks in the folders named, each once.

    What a folder hides (`.venv`, `.git`, `.ipynb_checkpoints`, `__pycache__`) is left out, and so
    is Markdown: it has to be named, by itself or by a pattern (`docs/**/*.md`). Raises NoProgram
    for what is not there and for a folder or pattern without programs.
    """
    found: dict[str, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_named(path)))
    return list(found)


def _named(path: str) -> list[str]:
    if Path(path).is_dir():
        return _in_folder(path)
    if Path(path).is_file():
        return [path]
    if not glob.has_magic(path):
        raise NoProgram(f"there is no file {path}")
    files = [f for f in sorted(glob.glob(path, recursive=True)) if _is_program(f)]
    if not files:
        raise NoProgram(f"there is no Python, notebook or Markdown file like {path}")
    return files


def _is_program(path: str) -> bool:
    return Path(path).is_file() and Path(path).suffix in (*_IN_FOLDERS, *_ALONE)


def _in_folder(path: str) -> list[str]:
    folder = Path(path)
    files = [f for f in sorted(folder.rglob("*")) if f.suffix in _IN_FOLDERS and f.is_file()]
    named = [str(f) for f in files if not _hidden(f.relative_to(folder))]
    if not named:
        raise NoProgram(f"there is no Python file and no notebook in {path}")
    return named


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__pycache__")) for part in path.parts)
