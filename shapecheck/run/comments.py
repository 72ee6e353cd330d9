"""The shape comments of a program: probes where they stand, and what was seen there."""

from __future__ import annotations

import ast
from typing import Any

from shapecheck.runtime.commented import ProbedFile
from shapecheck.source.declarations import CommentedCode, read_comments
from shapecheck.source.units import CodeUnit


class Comments:
    """Puts probes where shape comments stand, and gathers what was seen there."""

    def __init__(self) -> None:
        self._session: Any = None
        self._files: dict[str, ProbedFile] = {}
        self._read: dict[CodeUnit, CommentedCode] = {}
        self._watches: list[Any] = []

    def probe(self, unit: CodeUnit, tree: ast.Module, names: dict[str, Any]) -> None:
        """Put probes into the tree of a unit that will run in these names."""
        commented = self._comments_of(unit)
        if not commented.points:
            return
        file = self._files.get(unit.file)
        if file is None:
            file = self._files[unit.file] = ProbedFile(unit.file)
            if self._session is not None:
                self._watch(file)
        file.attach(tree, commented, names)

    def wants(self, unit: CodeUnit) -> bool:
        """True where a unit has comments to check."""
        return bool(self._comments_of(unit).points)

    def awaken(self, session: Any) -> None:
        """torch is there: from now on the probes see, and a check.Session hears of names."""
        self._session = session
        for file in self._files.values():
            self._watch(file)

    def evidence(self) -> list[object]:
        """What was seen, a piece a file."""
        return [watch.evidence() for watch in self._watches]

    def errors(self) -> list[str]:
        """Failures of our own at the probes."""
        failed = sum(watch.failures for watch in self._watches)
        return [f"shapecheck failed at {failed} probes of shape comments"] if failed else []

    def _comments_of(self, unit: CodeUnit) -> CommentedCode:
        if unit not in self._read:
            self._read[unit] = read_comments(unit)
        return self._read[unit]

    def _watch(self, file: ProbedFile) -> None:
        from shapecheck.runtime.comments import CommentWatch  # imports torch

        self._watches.append(CommentWatch(file, self._session.suggest))
