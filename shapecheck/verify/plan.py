"""Which sites are to be verified: those of the packages, or of one place."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from shapecheck.core.site import Site
from shapecheck.source.sites import sites


class NoSuchPlace(ValueError):
    """What was asked for is no file, no package, or holds no site."""


def files_of(packages: Iterable[str], folders: Iterable[Path] = ()) -> list[str]:
    """The Python files of packages, found without importing anything; and of folders."""
    found: list[str] = []
    for package in packages:
        found += _package(package)
    for folder in folders:
        found += map(str, _python(folder.resolve()))
    return list(dict.fromkeys(found))


def _package(name: str) -> Iterator[str]:
    search: list[str] = list(sys.path)
    origin = ""
    for part in name.split("."):
        spec = importlib.machinery.PathFinder.find_spec(part, search)
        if spec is None:
            raise NoSuchPlace(f"there is no package `{name}` on sys.path")
        search, origin = list(spec.submodule_search_locations or ()), spec.origin or ""
    for location in search:
        yield from map(str, _python(Path(location).resolve()))
    if not search and origin.endswith(".py"):
        yield str(Path(origin).resolve())


def _python(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*.py") if "__pycache__" not in f.parts)


def plan(files: Iterable[str], place: str = "", root: Path | None = None) -> tuple[Site, ...]:
    """Every site of the files, in order; with `place` (`FILE` or `FILE:LINE`) those there.

    Raises NoSuchPlace where a place is asked for and there is no site at it.
    """
    every = [site for file in files for site in _sites(file)]
    if not place:
        return tuple(every)
    name, line = _split(place)
    wanted = ((root or Path.cwd()) / name).resolve()
    here = [site for site in every if Path(site.place.file) == wanted]
    if not here:
        raise NoSuchPlace(f"shapecheck finds no site in {name}, among the files of its packages")
    if line is None:
        return tuple(here)
    there = [s for s in here if line == s.place.line or s.span.line <= line <= s.span.end_line]
    if not there:
        lines = ", ".join(map(str, sorted({site.place.line for site in here})))
        raise NoSuchPlace(f"there is no site at {name}:{line}; there are some in line {lines}")
    return tuple(there)


def _split(place: str) -> tuple[str, int | None]:
    name, colon, line = place.rpartition(":")
    return (name, int(line)) if colon and line.isdigit() else (place, None)


def _sites(file: str) -> tuple[Site, ...]:
    try:
        return sites(Path(file).read_text(encoding="utf-8"), file)
    except (SyntaxError, UnicodeDecodeError):
        return ()  # such a file cannot be imported: no test reaches anything in it
