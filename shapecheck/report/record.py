"""The report as one JSON object (`docs/reference/report.schema.json` describes it)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shapecheck.core.finding import Finding
from shapecheck.core.program import ProgramReport

VERSION = 1


def as_json(reports: Sequence[ProgramReport]) -> str:
    """The reports of a run as text."""
    return json.dumps(as_record(reports), indent=2, ensure_ascii=False)


def as_record(reports: Sequence[ProgramReport]) -> dict[str, Any]:
    """The reports of a run as JSON's types: how each file ended, and all findings in one list."""
    return {
        "version": VERSION,
        "files": [_file(report) for report in reports],
        "findings": [finding_record(f) for report in reports for f in report.findings],
    }


def _file(report: ProgramReport) -> dict[str, Any]:
    data = report.to_dict()
    del data["findings"]
    if report.trace is None:
        del data["trace"]
    data["skipped"] = [
        {"function": s.function, "file": s.place.file, "line": s.place.line, "reason": s.reason}
        for s in report.skipped
    ]
    return data


def finding_record(finding: Finding) -> dict[str, Any]:
    """One finding, its place spread out."""
    data = finding.to_dict()
    place = data.pop("place")
    return {
        "slug": data.pop("slug"),
        "severity": data.pop("severity"),
        "file": place["file"],
        "line": place["line"],
        "column": place["column"],
        "function": place["function"],
        **data,
        "related": [finding_record(one) for one in finding.related],
    }
