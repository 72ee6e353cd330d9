"""The report as SARIF 2.1.0, for GitHub's code scanning and other viewers.

The standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.program import ProgramReport
from shapecheck.core.rule import Rule
from shapecheck.core.site import Place
from shapecheck.core.version import __version__
from shapecheck.report.pages import portable, section
from shapecheck.report.places import Spot, from_root, spot

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "ROOT"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
# GitHub's own property, by which it sorts and filters alerts.
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}

Json = dict[str, Any]


def as_sarif(
    reports: Sequence[ProgramReport],
    rules: Sequence[Rule],
    pages: Mapping[str, str],
    root: str,
    site: str = "",
) -> str:
    """The reports as the text of one SARIF log.

    `pages` holds each rule's page in Markdown. `root` is the absolute folder that files are named
    from. `site` is the address where the documentation stands, empty where there is none.
    """
    driver: Json = {
        "name": "shapecheck",
        "semanticVersion": __version__,
        "rules": [_rule(rule, pages.get(rule.slug, ""), site) for rule in rules],
    }
    if site:
        driver["informationUri"] = site
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report, root) for report in reports],
        "originalUriBaseIds": {_ROOT: {"uri": Path(root).as_uri().rstrip("/") + "/"}},
        "columnKind": "unicodeCodePoints",
        "results": _results(reports, [rule.slug for rule in rules], root),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule, page: str, site: str) -> Json:
    text = portable(page, site) or rule.summary
    data: Json = {
        "id": rule.slug,
        "name": rule.slug.title().replace("-", ""),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": section(text, "What it does") or rule.summary},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["correctness", "pytorch"],
            "problem.severity": _PROBLEMS[rule.severity],
        },
    }
    if site:
        data["helpUri"] = f"{site.rstrip('/')}/rules/{rule.slug}/"
    return data


def _results(reports: Sequence[ProgramReport], slugs: list[str], root: str) -> list[Json]:
    seen: Counter[tuple[str, ...]] = Counter()
    results = []
    for finding in (finding for report in reports for finding in report.findings):
        where = spot(finding.place, root)
        key = (finding.slug, where.file, where.part, finding.place.function, where.code)
        seen[key] += 1
        result = _result(finding, where, root)
        if finding.slug in slugs:
            result["ruleIndex"] = slugs.index(finding.slug)
        result["partialFingerprints"] = {"shapecheck/v1": _hash(*key, str(seen[key]))}
        results.append(result)
    return results


def _result(finding: Finding, where: Spot, root: str) -> Json:
    """One finding. The lines that it cites are related locations, and links in its text."""
    related = [_cited(number, place, root) for number, place in enumerate(finding.cites, 1)]
    text = "\n".join([finding.message, *(f"{label}: {said}" for label, said in finding.rows())])
    data: Json = {
        "ruleId": finding.slug,
        "level": _LEVELS[finding.severity],
        "message": {"text": _linked(_unlinked(text), finding.cites)},
        "locations": [_location(where, finding.place.function)],
    }
    if related:
        data["relatedLocations"] = related
    if finding.picture:
        data["properties"] = {"picture": list(finding.picture)}
    return data


def _unlinked(text: str) -> str:
    """`layers[0](x)` is code, and in a SARIF message it would be a link."""
    return text.replace("](", "] (")


def _linked(text: str, cites: Sequence[Place]) -> str:
    for number, place in enumerate(cites, 1):
        text = re.sub(rf"\bline {place.line}\b(?!\])", f"[line {place.line}]({number})", text)
    return text


def _cited(number: int, place: Place, root: str) -> Json:
    where = spot(place, root)
    text = where.code or f"line {place.line}"
    return {"id": number, **_location(where, place.function), "message": {"text": _unlinked(text)}}


def _location(where: Spot, function: str = "") -> Json:
    physical: Json = {"artifactLocation": _artifact(where.file)}
    if where.line:
        region: Json = {"startLine": where.line}
        if where.column:
            region["startColumn"] = where.column
        if where.code:
            region["snippet"] = {"text": where.code}
        physical["region"] = region
    location: Json = {"physicalLocation": physical}
    logical: list[Json] = []
    if where.told:
        logical.append({"name": where.told})
    if function not in ("", "<module>"):
        logical.append({"fullyQualifiedName": function, "kind": "function"})
    if logical:
        location["logicalLocations"] = logical
    return location


def _artifact(file: str) -> Json:
    if Path(file).is_absolute():
        return {"uri": Path(file).as_uri()}
    return {"uri": Path("/", file).as_uri().removeprefix("file:///"), "uriBaseId": _ROOT}


def _invocation(report: ProgramReport, root: str) -> Json:
    """The run of one program: SARIF's consumers are told where it did not run to its end."""
    ended = report.outcome in ("completed", "exited") and report.exit_code == 0
    data: Json = {"executionSuccessful": ended and not report.ours}
    if report.exit_code < 0:
        data["exitSignalNumber"] = -report.exit_code
    else:
        data["exitCode"] = report.exit_code
    program = from_root(report.file, root)
    data["arguments"] = ["run", program]
    notifications = [*_failures(report, root), *(_skipped(s, root) for s in report.skipped)]
    if notifications:
        data["toolExecutionNotifications"] = notifications
    return data


def _failures(report: ProgramReport, root: str) -> list[Json]:
    found: list[Json] = []
    error = report.exception
    if error is not None:
        place = Place(error.file or report.file, error.line)
        text = f"{error.type}: {error.message}" if error.message else error.type
        about = {"exception": {"kind": error.type, "message": error.message}}
        found.append(_notification("error", text, place, root) | about)
    if report.outcome == "timeout":
        text = "the program was stopped: its time was over"
        found.append(_notification("error", text, Place(report.file), root))
    for failure in report.ours:
        text = f"our own failure, not yours: {failure}"
        found.append(_notification("error", text, Place(report.file), root))
    return found


def _skipped(skipped: Skipped, root: str) -> Json:
    return _notification("note", skipped.reason, skipped.place, root)


def _notification(level: str, text: str, place: Place, root: str) -> Json:
    data: Json = {"level": level, "message": {"text": _unlinked(text)}}
    if place.file:
        data["locations"] = [_location(spot(place, root))]
    return data


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
