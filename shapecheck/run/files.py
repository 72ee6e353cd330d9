"""Which programs the files and folders that somebody named stand for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_NOT_YET = (".ipynb", ".md")


class NoProgram(ValueError):
    """What was named is no program; the text says why."""


def programs(paths: Iterable[str]) -> list[str]:
    """The files named, and the Python files in the folders named, each once, in that order.

    What a folder hides (`.venv`, `.git`, `__pycache__`) is left out. Raises NoProgram for what is
    not there, for a folder without Python files, and for notebooks and Markdown.
    """
    found: dict[str, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_in_folder(path) if Path(path).is_dir() else [_file(path)]))
    return list(found)


def _in_folder(path: str) -> list[str]:
    folder = Path(path)
    files = [str(f) for f in sorted(folder.rglob("*.py")) if not _hidden(f.relative_to(folder))]
    if not files:
        raise NoProgram(f"there is no Python file in {path}")
    return files


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__pycache__")) for part in path.parts)


def _file(path: str) -> str:
    if not Path(path).is_file():
        raise NoProgram(f"there is no file {path}")
    if Path(path).suffix in _NOT_YET:
        raise NoProgram(f"{path} is no Python file; notebooks and Markdown cannot be run yet")
    return path
