"""A Python file as what runs in `__main__`, with what watches it in its code."""

from __future__ import annotations

import os
from typing import Any

from shapecheck.run.comments import script_tree
from shapecheck.run.watch import Watch
from shapecheck.runtime.program import Body
from shapecheck.source.units import read_units


def script(file: str, watch: Watch) -> Body | None:
    """What runs in the file's place; None where it has to run as it is.

    Line numbers, and the path that tracebacks name, are those of the file.
    """
    path = os.path.abspath(file)
    watch.comments.beside(os.path.dirname(path))
    tree = script_tree(path)
    if tree is None:  # Python itself says what is wrong with it
        return None
    (unit,) = read_units(path)

    def run(names: dict[str, Any]) -> None:
        watch.rewrite(unit, tree, names)
        exec(compile(tree, path, "exec", dont_inherit=True), names)

    return run
