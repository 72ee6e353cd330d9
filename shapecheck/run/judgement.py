"""What the rules make of a program's evidence: what was asked for, as the user names things.

Loads no torch: the program may do without it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any, TypeVar

from shapecheck.core.finding import Finding
from shapecheck.core.plain import from_plain, to_plain
from shapecheck.core.site import Place
from shapecheck.rules import by_cause, judged
from shapecheck.source.suppressions import Suppressions, read_suppressions
from shapecheck.source.units import read_units

T = TypeVar("T")
_Key = tuple[str, str, int]  # what is wrong, and the line where it is told
_VERBATIM = ("shown", "printed")  # output, which may be written into a chapter
_CELL = re.compile(r"(?<=\.ipynb):cell \d+$")


class Judgement:
    """Judges evidence by the `settings` of a run: `select` and `ignore`, lists of slugs.

    Findings name the files below `root` relative to it.
    """

    def __init__(self, settings: dict[str, Any], root: str) -> None:
        self._select = frozenset(settings.get("select") or ())
        self._ignore = frozenset(settings.get("ignore") or ())
        self._root = os.path.join(root, "")
        self._suppressions: dict[str, tuple[Suppressions, ...]] = {}

    def findings(self, *processes: Iterable[object]) -> tuple[Finding, ...]:
        """What the rules find in the evidence of each process, one for each cause, most severe
        first. What one process shows again is told once."""
        told: list[Finding] = []
        known: set[_Key] = set()
        for evidence in processes:
            found = self._found(evidence)
            told += [one for one in by_cause(list(found.values())) if _key(one) not in known]
            known |= found.keys()
        return tuple(self.shown(finding) for finding in sorted(told, key=_order))

    def _found(self, evidence: Iterable[object]) -> dict[_Key, tuple[Finding, object]]:
        found: dict[_Key, tuple[Finding, object]] = {}
        for finding, piece in judged(evidence):
            if not self._wanted(finding):
                continue
            key = _key(finding)
            if key not in found or finding.severity.rank < found[key][0].severity.rank:
                found[key] = (finding, piece)
        return found

    def shown(self, value: T) -> T:
        """A plain value with its paths, those in its texts as well, as the user would write."""
        return from_plain(type(value), _without(self._root, to_plain(value)))

    def _wanted(self, finding: Finding) -> bool:
        """True for what was asked for and no comment ignores, at its line or one that it cites."""
        if self._select and finding.slug not in self._select:
            return False
        if finding.slug in self._ignore:
            return False
        return not any(self._ignored(finding.slug, at) for at in (finding.place, *finding.cites))

    def _ignored(self, slug: str, place: Place) -> bool:
        """True where the author wrote that this line is meant; of two at odds, one is enough."""
        file = place.file
        if file not in self._suppressions:
            self._suppressions[file] = _suppressions(file)
        return any(found.covering(slug, place.line) for found in self._suppressions[file])


def _key(finding: Finding) -> _Key:
    return finding.slug, finding.place.file, finding.place.line


def _order(finding: Finding) -> tuple[int, str, int, int]:
    file, _, cell = finding.place.file.partition(":cell ")
    number = int(cell) if cell.isdecimal() else 0
    return finding.severity.rank, file, number, finding.place.line


def _suppressions(file: str) -> tuple[Suppressions, ...]:
    """The comments of a file, or of a cell, that ignore findings; none where it is not read."""
    try:
        units = read_units(_CELL.sub("", file))
    except (OSError, ValueError):
        return ()
    return tuple(read_suppressions(unit) for unit in units if unit.label == file)


def _without(root: str, value: Any) -> Any:
    """A plain value in which no text names a file by way of `root`."""
    if isinstance(value, str):
        return value.replace(root, "")
    if isinstance(value, list):
        return [_without(root, item) for item in value]
    if isinstance(value, dict):
        return {k: v if k in _VERBATIM else _without(root, v) for k, v in value.items()}
    return value
