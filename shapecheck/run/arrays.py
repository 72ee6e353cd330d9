"""The numpy code of a program: probes where arrays are made, read and met."""

from __future__ import annotations

import ast
from typing import Any

from shapecheck.runtime.arrays.exempt import looks_at_code
from shapecheck.runtime.arrays.listening import ArrayProbes
from shapecheck.source.units import CodeUnit


class Arrays:
    """Puts probes into code that speaks of numpy, from the program's import of torch to its end."""

    def __init__(self) -> None:
        self._probes: ArrayProbes | None = None
        self._session: Any = None
        self._wanted: dict[CodeUnit, bool] = {}

    def wants(self, unit: CodeUnit) -> bool:
        """True where a unit has arrays to follow."""
        if unit not in self._wanted:
            self._wanted[unit] = "numpy" in unit.code and _wants(unit)
        return self._wanted[unit]

    def probe(self, unit: CodeUnit, tree: ast.Module) -> None:
        """Put probes into the tree of a unit, in place; it stays as it is where that fails."""
        if not self.wants(unit):
            return
        if self._probes is None:
            self._probes = ArrayProbes()
            self._listen()
        self._probes.attach(tree)

    def awaken(self, session: Any) -> None:
        """torch is there: from now on the probes see."""
        self._session = session
        self._listen()

    def stop(self) -> None:
        """See no more: what runs from here on is no run of the program."""
        if self._probes is not None:
            self._probes.listen(None)

    def errors(self) -> list[str]:
        """Failures of our own at the probes."""
        return list(self._probes.errors) if self._probes is not None else []

    def _listen(self) -> None:
        if self._probes is not None and self._session is not None:
            self._probes.listen(self._session.arrays())


def _wants(unit: CodeUnit) -> bool:
    try:
        return not looks_at_code(unit.tree())
    except (SyntaxError, ValueError, RecursionError):  # Python itself will say so
        return False
