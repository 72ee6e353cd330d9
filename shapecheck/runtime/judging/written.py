"""Code that is written while the program runs: what it finds by name, and where it stands."""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any

GLOBALS: dict[str, Any] = {
    f"__{f.__name__}": f
    for f in (type, len, int, getattr, hasattr, isinstance, callable, Exception)
}
"""Python's own under names of ours: a parameter may be called `type`."""


def code_at(source: str, file: str, line: int) -> CodeType:
    """The source as code that stands, all of it, at one line of a file.

    Tracebacks then show that line, and a debugger steps over it at once.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if "lineno" in node._attributes:  # no columns: tracebacks would underline what is not there
            vars(node).update(lineno=line, end_lineno=line, col_offset=-1, end_col_offset=-1)
    code: CodeType = compile(tree, file, "exec", dont_inherit=True)
    return code
