"""Chapters as test items: a notebook's cells, the blocks of a Markdown file.

A chapter runs once, in one process; each of its items says how its own part went.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from shapecheck.core.finding import Finding
from shapecheck.core.program import PartReport, ProgramReport
from shapecheck.pytest_plugin.programs import ProgramFailed, fails, properties, short
from shapecheck.report.programs import as_text
from shapecheck.run.launch import launch
from shapecheck.source.chapters import read_chapter


class ChapterFile(pytest.File):
    """One notebook or Markdown file."""

    said = ""  # what its process wrote to stderr

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each part."""
        try:
            parts = read_chapter(str(self.path)).parts
        except (OSError, ValueError) as error:
            raise self.CollectError(f"shapecheck: {error}") from None
        for number, part in enumerate(parts):
            yield PartItem.from_parent(self, name=part.name, number=number)

    @cached_property
    def report(self) -> ProgramReport:
        """How the chapter went; the first item that asks has it run."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            report = launch(short(self.path), stdout=out, stderr=err)
            err.seek(0)
            self.said = err.read().decode("utf-8", errors="replace")
        return report


class PartItem(pytest.Item):
    """One cell or block.

    It fails where it raises or has a finding as severe as `fail_on`, and is skipped where it was
    not run.
    """

    def __init__(self, *, number: int, **given: Any) -> None:
        super().__init__(**given)
        self._number = number

    def runtest(self) -> None:
        """Judge how the part went, in the run of its chapter."""
        assert isinstance(self.parent, ChapterFile)
        report = self.parent.report
        if self._number >= len(report.parts):  # the process left no report, or the file changed
            raise ProgramFailed(f"{as_text([report])}\n{self.parent.said}")
        part = report.parts[self._number]
        own = replace(report, findings=tuple(_of(report, self._number)))
        properties(self, own)
        if part.outcome == "left out":
            pytest.skip("marked as not to be run, or not for Python")
        if part.outcome == "not reached":
            self._not_reached(report, own)
        ended_well = report.outcome == "exited" and report.exit_code == 0
        if part.outcome == "raised" and not ended_well:
            raise ProgramFailed(f"{as_text([own])}\n{self.parent.said}")
        if fails(own, self.config):
            raise ProgramFailed(as_text([own]))
        if own.findings or (self._number == 0 and (own.skipped or own.ours)):
            self.add_report_section("call", "shapecheck", as_text([own]))

    def _not_reached(self, report: ProgramReport, own: ProgramReport) -> None:
        earlier = report.parts[: self._number]
        if report.outcome == "timeout" and (not earlier or earlier[-1].outcome != "not reached"):
            raise ProgramFailed(as_text([own]))
        ends = [part.name for part in earlier if part.outcome == "raised"]
        pytest.skip(f"not reached: the run ended at {ends[0]}" if ends else "not reached")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report, above the part's own traceback."""
        if isinstance(excinfo.value, ProgramFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """How the item's failure is headed."""
        return self.path, None, f"{short(self.path)}, {self.name}"


def _of(report: ProgramReport, number: int) -> Iterator[Finding]:
    """The findings in one part; those of no part belong to the last one that ran."""
    ran = [at for at, part in enumerate(report.parts) if part.outcome in ("ran", "raised")]
    for finding in report.findings:
        owner = _owner(report.parts, finding)
        if owner == number or (owner is None and ran and ran[-1] == number):
            yield finding


def _owner(parts: tuple[PartReport, ...], finding: Finding) -> int | None:
    """The part that a finding lies in: what stands under a block belongs to it."""
    place = finding.place
    same = [at for at, part in enumerate(parts) if part.file == place.file]
    above = [at for at in same if parts[at].first_line <= place.line]
    owners = above or same[:1]
    return owners[-1] if owners else None
