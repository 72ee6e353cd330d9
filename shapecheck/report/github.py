"""Findings as workflow commands, which GitHub shows at the lines of a pull request.

The form and its escapes: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.program import ProgramReport
from shapecheck.core.site import Place
from shapecheck.report.places import Spot, spot
from shapecheck.report.programs import ending_lines

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def as_github(reports: Sequence[ProgramReport], root: str) -> str:
    """The reports as commands, then how each program ended, for the log.

    `root` is the folder that GitHub names files from: the repository's.
    """
    lines: list[str] = []
    for report in reports:
        lines += [_finding(finding, root) for finding in report.findings]
        lines += _failure(report, root)
        lines += ending_lines(report)
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding, root: str) -> str:
    where = spot(finding.place, root)
    text = [finding.message, *(f"{label}: {said}" for label, said in finding.rows())]
    return _command(_COMMANDS[finding.severity], where, finding.slug, [*text, *finding.picture])


def _failure(report: ProgramReport, root: str) -> Iterator[str]:
    """What ended the program, where no finding explains it."""
    error = report.exception
    if report.outcome == "raised" and error is not None and not _explained(report):
        where = spot(Place(error.file or report.file, error.line), root)
        said = error.message or f"the program raised {error.type}"
        yield _command("error", where, error.type, [said])
    elif report.outcome == "timeout":
        where = spot(Place(report.file), root)
        yield _command("error", where, "timeout", ["the program was stopped: its time was over"])


def _explained(report: ProgramReport) -> bool:
    """True where a rule judged the exception itself, seen after the fact or as it was raised."""
    evidence = [finding.evidence or {} for finding in report.findings]
    return any("crash" in seen or seen.get("fact") == "Raised" for seen in evidence)


def _command(name: str, where: Spot, title: str, text: Sequence[str]) -> str:
    properties = {"file": where.file}
    if where.line:
        properties["line"] = str(where.line)
        if where.column:
            properties["col"] = str(where.column)
    properties["title"] = f"{title} ({where.told})" if where.told else title
    written = ",".join(f"{key}={value.translate(_PROPERTY)}" for key, value in properties.items())
    message = "\n".join(text).translate(_DATA)
    return f"::{name} {written}::{message}"
