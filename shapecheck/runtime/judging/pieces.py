"""Single declarations accepted without the judge, under the bindings of a running call.

A call that is not judged in one piece (a body with declarations of its own, a generator, the
fields of a dataclass) has each of its values looked at by code that is written as that of whole
contracts is, and that reads and binds names where jaxtyping keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from shapecheck.runtime.judging.accept import Writer, axis_names
from shapecheck.runtime.judging.written import GLOBALS, code_at

Accept = Callable[[object, dict[str, Any], dict[str, Any], dict[str, Any]], bool]
"""Given a value, the bindings of single and of variadic names, and the call's arguments, whether
the value is accepted; then the names it binds are bound, otherwise nothing is changed."""

_AFTER = 25
"""Values that the judge sees before code is written: by then they have cost what writing costs."""
_RENEWED = 3
"""How often an annotation may be another object before it is taken for one made at each call."""


@dataclass
class _Entry:
    annotation: Any
    renewed: int = 0
    seen: int = 0
    accept: Accept | None = None


class Pieces:
    """The written code of one contract's declarations, each known by its name and line."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, int], _Entry] = {}

    def accept(self, name: str, line: int, annotation: Any) -> Accept | None:
        """The code for a declaration, where there is some."""
        entry = self._entries.get((name, line))
        if entry is None or entry.annotation is not annotation:
            renewed = entry.renewed + 1 if entry is not None else 0
            entry = self._entries[name, line] = _Entry(annotation, renewed)
        entry.seen += 1
        if entry.seen == _AFTER and entry.renewed < _RENEWED:
            entry.accept = written(annotation)
        return entry.accept


def written(annotation: Any) -> Accept | None:
    """Code that accepts values of an annotation, or None where there is no such code."""
    try:
        writer = Writer(lambda name: f"__arguments[{name!r}]")
        names = axis_names(annotation)
        first = [line for name in names for line in _read(name, writer.known(name))]
        writer.check(annotation, "__value")
        writer.line("__ok = True")
        lines = [
            "def accept(__value, __single, __variadic, __arguments):",
            *(f" {line}" for line in first),
            *(
                f" {local} = None"
                for local in sorted(writer.optional - set(_locals(writer, names)))
            ),
            " __ok = False",
            " try:",
            *(f"  {line}" for line in writer.lines),
            " except __Exception:",
            "  return False",
            " if not __ok: return False",
            *(f" {line}" for name in names for line in _bound(name, writer.names.sizes[name])),
            " return True",
        ]
        code = code_at("\n".join(lines), __file__, written.__code__.co_firstlineno)
    except Exception:  # NotExpressible, or more than Python can nest
        return None
    return FunctionType(code, {**GLOBALS, **writer.constants})


def _locals(writer: Writer, names: list[str]) -> list[str]:
    return [writer.names.sizes[name] for name in names]


def _read(name: str, local: str) -> list[str]:
    """What a name is bound to; sizes that may still be broadcast are left to the judge."""
    if not name.startswith("*"):
        return [f"{local} = __single.get({name!r})"]
    return [
        f"{local} = __variadic.get({name[1:]!r})",
        f"if {local} is not None:",
        f"  if {local}[0]: return False",
        f"  {local} = {local}[1]",
    ]


def _bound(name: str, local: str) -> list[str]:
    if name.startswith("*"):
        keep = f"__variadic[{name[1:]!r}] = (False, {local})"
    else:
        keep = f"__single[{name!r}] = {local}"
    return [f"if {local} is not None: {keep}"]
