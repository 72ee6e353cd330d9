"""The report on programs that were run, for people: findings first, then how each file ended."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.progress import track
from rich.text import Text

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.program import ProgramReport
from shapecheck.report.text import finding_lines

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}


def as_text(reports: Sequence[ProgramReport], *, color: bool = False, width: int = 100) -> str:
    """The reports as lines of text; NO_COLOR and `color` decide about colours."""
    target = io.StringIO()
    console = Console(file=target, width=width, force_terminal=color, highlight=False)
    for report in reports:
        for finding in report.findings:
            _finding(console, finding)
        for line in ending_lines(report):
            console.print(Text(line), soft_wrap=True)
    return target.getvalue()


def progress(files: Sequence[str]) -> Iterable[str]:
    """The files, with a progress bar on stderr where there are several and it is a terminal."""
    console = Console(stderr=True)
    if len(files) < 2 or not console.is_terminal:
        return files
    return track(files, "shapecheck", console=console, transient=True)


def _finding(console: Console, finding: Finding) -> None:
    head, *below = finding_lines(finding)
    severity = Text(finding.severity.value, style=_STYLES[finding.severity])
    console.print(severity.append(f"  {head}", style="bold"), soft_wrap=True)
    for line in below:
        console.print(Text(line), soft_wrap=True)
    console.print()


def ending_lines(report: ProgramReport) -> list[str]:
    """How a program ended and how much was found, what was left out, and failures of ours."""
    said = {
        "completed": "ran to its end",
        "exited": f"exited with status {report.exit_code}",
        "timeout": "was stopped: its time was over",
        "raised": f"raised {report.exception.type if report.exception else 'an exception'}"
        + _where(report),
    }[report.outcome]
    if report.outcome == "exited" and report.exit_code < 0:
        said = f"was ended by signal {-report.exit_code}"
    reasons = dict.fromkeys(left_out.reason for left_out in report.skipped)
    return [
        f"shapecheck: {report.file} {said}; {_counts(report.findings)}",
        *(f"shapecheck: {reason}" for reason in reasons),
        *(f"shapecheck: our own failure, not yours: {failure}" for failure in report.ours),
    ]


def _where(report: ProgramReport) -> str:
    """The cell and line that an exception left a notebook at, the line of a Markdown file."""
    for part in report.parts:
        if part.outcome == "raised":
            line = f"line {part.raised_at}" if part.raised_at else part.name
            return f" in {part.name}, {line}" if part.name.startswith("cell") else f" at {line}"
    return ""


def _counts(findings: Sequence[Finding]) -> str:
    if not findings:
        return "nothing found"
    kinds = [(s, sum(f.severity is s for f in findings)) for s in Severity]
    return ", ".join(f"{n} {s.value}{'s' if n > 1 else ''}" for s, n in kinds if n)
