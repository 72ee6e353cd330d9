"""`--update`: what a chapter printed is written where other output is shown."""

from __future__ import annotations

import re
from dataclasses import replace

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding
from shapecheck.core.program import ProgramReport
from shapecheck.run.again import SLUG
from shapecheck.source.updating import Output, write_anew


def update(report: ProgramReport) -> tuple[ProgramReport, int]:
    """Write the outputs anew that are stale; the report without them, and how many there were.

    Those that could not be written stay findings, and the report says why.
    """
    stale = {_output(f): f for f in report.findings if f.slug == SLUG}
    if not stale:
        return report, 0
    written, refused = write_anew(report.file, stale)
    gone = {id(stale[output]) for output in written}
    kept = tuple(f for f in report.findings if id(f) not in gone)
    place = next(iter(stale.values())).place
    said = tuple(Skipped("", place, str(reason)) for reason in refused)
    return replace(report, findings=kept, skipped=(*report.skipped, *said)), len(written)


def _output(finding: Finding) -> Output:
    told = finding.evidence or {}
    cell = re.search(r":cell (\d+)$", finding.place.file)
    return Output(
        told["shown"],
        told["printed"],
        told["shown_as"],
        told["first"],
        told["lines"],
        told["indent"],
        int(cell[1]) if cell else 0,
    )
