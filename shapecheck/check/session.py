"""One watched program once torch is there: what runtime gathers and what rules make of it."""

from __future__ import annotations

import os
from typing import Any

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding
from shapecheck.core.plain import from_plain, to_plain
from shapecheck.rules import judge
from shapecheck.runtime.crash import gather_crash
from shapecheck.runtime.running.elsewhere import Elsewhere
from shapecheck.runtime.tracker import Tracker
from shapecheck.source.suppressions import Suppressions, read_suppressions
from shapecheck.source.units import read_units


class Session:
    """Watches from `start` to `stop`; `findings` judges what was gathered.

    `settings` may hold `select` and `ignore`, lists of slugs. Findings name the files below
    `root` relative to it.
    """

    def __init__(self, settings: dict[str, Any], root: str) -> None:
        self._select = frozenset(settings.get("select") or ())
        self._ignore = frozenset(settings.get("ignore") or ())
        self._root = os.path.join(root, "")
        self._suppressions: dict[str, Suppressions] = {}
        self._tracker = Tracker()
        self._elsewhere = Elsewhere()

    def start(self) -> None:
        """Begin to watch, in the thread that calls."""
        self._elsewhere.start()
        self._tracker.__enter__()

    def stop(self) -> None:
        """End watching; nothing of ours stays in the program's way."""
        self._tracker.__exit__(None, None, None)
        self._elsewhere.stop()

    def findings(self, error: BaseException | None) -> tuple[Finding, ...]:
        """What the rules find, one for each fault and line, most severe first."""
        found: dict[tuple[str, str, int], Finding] = {}
        for finding in judge(self._evidence(error)):
            if not self._wanted(finding):
                continue
            place = finding.place
            key = (finding.slug, place.file, place.line)
            if key not in found or finding.severity.rank < found[key].severity.rank:
                found[key] = finding
        return tuple(self._shown(finding) for finding in sorted(found.values(), key=_order))

    def _wanted(self, finding: Finding) -> bool:
        """True for what was asked for and what no comment on its line ignores."""
        if self._select and finding.slug not in self._select:
            return False
        if finding.slug in self._ignore:
            return False
        file = finding.place.file
        if file not in self._suppressions:
            self._suppressions[file] = _suppressions(file)
        return self._suppressions[file].covering(finding.slug, finding.place.line) is None

    def _shown(self, finding: Finding) -> Finding:
        """The finding with its paths, those in its texts as well, as the user would write them."""
        return from_plain(Finding, _without(self._root, to_plain(finding)))

    def _evidence(self, error: BaseException | None) -> list[object]:
        evidence: list[object] = list(self._tracker.facts())
        crash = gather_crash(error) if error is not None else None
        return evidence if crash is None else [*evidence, crash]

    def skipped(self) -> tuple[Skipped, ...]:
        """What was not watched, and why."""
        left_out = self._elsewhere.skipped()
        return from_plain(tuple[Skipped, ...], _without(self._root, to_plain(left_out)))

    def errors(self) -> list[str]:
        """Failures of our own while watching."""
        return [*self._tracker.errors, *self._elsewhere.errors]


def _order(finding: Finding) -> tuple[int, str, int]:
    return finding.severity.rank, finding.place.file, finding.place.line


def _suppressions(file: str) -> Suppressions:
    """The comments of a file that ignore findings; none where it cannot be read."""
    try:
        return read_suppressions(read_units(file)[0])
    except (OSError, ValueError, IndexError):
        return Suppressions(file)


def _without(root: str, value: Any) -> Any:
    """A plain value in which no text names a file by way of `root`."""
    if isinstance(value, str):
        return value.replace(root, "")
    if isinstance(value, list):
        return [_without(root, item) for item in value]
    if isinstance(value, dict):
        return {key: _without(root, item) for key, item in value.items()}
    return value
