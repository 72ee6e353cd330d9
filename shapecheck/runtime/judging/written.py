"""Code that is written while the program runs: what it finds by name, and where it stands."""

from __future__ import annotations

from functools import lru_cache
from types import CodeType
from typing import Any

GLOBALS: dict[str, Any] = {
    f"__{f.__name__}": f
    for f in (type, len, int, getattr, hasattr, isinstance, callable, Exception)
}
"""Python's own under names of ours: a parameter may be called `type`."""

_UNIT = 2  # bytes of an instruction
_MOST_UNITS = 8  # that one entry of a table of lines can stand for


def code_at(source: str, file: str, line: int) -> CodeType:
    """The code of the one function in a source, all of it at one line of a file.

    Tracebacks then show that line, and a debugger steps over it at once. Functions that differ
    only in what their globals hold have the same source, which is compiled once; each has a code
    object of its own, since Python and dynamo keep there what they learn of one function.
    """
    return _compiled(source, file, line).replace()


@lru_cache(maxsize=256)
def _compiled(source: str, file: str, line: int) -> CodeType:
    module = compile(source, file, "exec", dont_inherit=True)
    (code,) = (c for c in module.co_consts if isinstance(c, CodeType))
    table = _at_one_line(len(code.co_code) // _UNIT)
    return code.replace(co_firstlineno=line, co_linetable=table)


def _at_one_line(units: int) -> bytes:
    """A table of lines (CPython's Objects/locations.md) that puts every instruction at the first.

    Without columns: tracebacks would underline what is not there.
    """
    full, rest = divmod(units, _MOST_UNITS)
    lengths = [_MOST_UNITS] * full + [rest] * (rest > 0)
    without_column, no_further = 13, 0
    return b"".join(bytes((0x80 | without_column << 3 | n - 1, no_further)) for n in lengths)
