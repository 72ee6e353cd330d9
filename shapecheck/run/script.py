"""A file as what runs in `__main__`, with what watches it in its code."""

from __future__ import annotations

import os
from typing import Any

from shapecheck.run.beside import script_tree
from shapecheck.run.chapter import ChapterRun
from shapecheck.run.watch import Watch
from shapecheck.runtime.program import Body
from shapecheck.source.chapters import is_chapter, read_chapter
from shapecheck.source.units import read_units


def body_of(file: str, watch: Watch) -> Body | None:
    """What runs in the file's place; None where it has to run as it is.

    Line numbers, and the path that tracebacks name, are those of the file.
    """
    path = os.path.abspath(file)
    watch.beside(os.path.dirname(path))
    return _chapter(path, watch) if is_chapter(path) else _script(path, watch)


def _chapter(path: str, watch: Watch) -> Body:
    try:
        return ChapterRun(read_chapter(path), watch)
    except (OSError, ValueError) as error:
        unreadable = error

    def refuse(names: dict[str, Any]) -> None:
        raise unreadable

    return refuse


def _script(path: str, watch: Watch) -> Body | None:
    (unit,) = read_units(path)
    tree = script_tree(path) if watch.wants(unit) else None
    if tree is None:  # nothing to watch, or Python itself says what is wrong with it
        return None

    def run(names: dict[str, Any]) -> None:
        watch.rewrite(unit, tree, names)
        exec(compile(tree, path, "exec", dont_inherit=True), names)

    return run
