"""The trace for a terminal: the source, and below each line what it made."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from shapecheck.core.axis import Role
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.program import ProgramReport
from shapecheck.core.trace import TracedAxis, TracedForm, TracedValue
from shapecheck.report.trace_rows import (
    Listing,
    Row,
    axis_words,
    change_words,
    is_number,
    kind_words,
    listings,
    numbers_words,
    shape_words,
    times_words,
)

_MOST_FORMS = 4  # of one value; the rest is counted
_MOST_NAME = 44  # columns for the text of an expression
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
_SIGNS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTE: "i"}
_ROLES = {
    Role.BATCH: "cyan",
    Role.TIME: "magenta",
    Role.FEATURE: "green",
    Role.CHANNEL: "blue",
    Role.CLASS: "yellow",
    Role.LAYER: "bright_black",
    Role.HEAD: "bright_blue",
    Role.HEIGHT: "bright_green",
    Role.WIDTH: "bright_green",
}


def trace_text(reports: Sequence[ProgramReport], *, color: bool = False, width: int = 80) -> str:
    """The traces of programs as text; NO_COLOR and `color` decide about colours."""
    target = io.StringIO()
    console = Console(file=target, width=width, force_terminal=color, highlight=False)
    for report in reports:
        if report.trace is not None:
            _Page(console, color).show(report)
    return target.getvalue()


class _Page:
    def __init__(self, console: Console, color: bool) -> None:
        self._console = console
        self._color = color

    def show(self, report: ProgramReport) -> None:
        told = listings(report)
        for listing in told:
            if listing.is_telling or listing is told[0]:
                self._listing(listing)

    def _listing(self, listing: Listing) -> None:
        self._console.print(Text(listing.source.file, style="bold underline"))
        last = listing.rows[-1].number if listing.rows else 0
        gutter = max(3, len(str(last)))
        for row, code in zip(listing.rows, self._codes(listing), strict=True):
            self._row(row, code, gutter)
        self._console.print()

    def _codes(self, listing: Listing) -> list[Text]:
        """The lines of the source, in colours where there are any."""
        if not self._color or not listing.rows:
            return [Text(row.code) for row in listing.rows]
        text = "\n".join(row.code for row in listing.rows)
        lines = Syntax("", "python", theme="ansi_dark").highlight(text).split("\n")
        blank = [Text()] * (len(listing.rows) - len(lines))
        return [*lines, *blank][: len(listing.rows)]

    def _row(self, row: Row, code: Text, gutter: int) -> None:
        self._wrapped(Text(f"{row.number:>{gutter}} │ ", style="dim"), code, gutter)
        indent = " " * (len(row.code) - len(row.code.lstrip()))
        numbers = [value for value in row.values if is_number(value)]
        if numbers:
            self._below(Text(f"{indent}→ {numbers_words(numbers)}", style="dim"), gutter)
        for value in row.values:
            if value not in numbers:
                for line in _value(value, indent, self._console.width - gutter - 3):
                    self._below(line, gutter)
        for finding in row.findings:
            self._finding(finding, gutter)
        if row.raised:
            self._below(Text(f"✗ raised {row.raised}", style=_STYLES[Severity.ERROR]), gutter)

    def _finding(self, finding: Finding, gutter: int) -> None:
        """What is wrong there; the report below says the rest."""
        sign = f"{_SIGNS[finding.severity]} {finding.severity.value}: "
        said = f"{finding.message} [{finding.slug}]"
        self._below(Text(sign, style=_STYLES[finding.severity]).append(said, "bold"), gutter)

    def _below(self, line: Text, gutter: int) -> None:
        self._wrapped(Text(" " * gutter + " │ ", style="dim"), line, gutter)

    def _wrapped(self, margin: Text, line: Text, gutter: int) -> None:
        """A line beside its margin; what does not fit goes on below, further in."""
        room = max(self._console.width - gutter - 3, 20)
        if line.cell_len <= room:
            whole = margin + line
            whole.rstrip()
            self._console.print(whole, soft_wrap=True)
            return
        plain = line.plain
        deeper = min(len(plain) - len(plain.lstrip()) + 4, room // 2)
        first, *_ = line.wrap(self._console, room)
        rest = line[len(first.plain) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
        first.rstrip()
        self._console.print(margin + first, soft_wrap=True)
        for part in rest.wrap(self._console, room - deeper):
            margin = Text(" " * gutter + " │ " + " " * deeper, style="dim")
            part.rstrip()
            self._console.print(margin + part, soft_wrap=True)


def _value(value: TracedValue, indent: str, room: int) -> list[Text]:
    """What a value is called, its first form, and those that came later, below if need be."""
    step = value.made_as == "step"
    first, *later = value.forms
    name = _short(value.name) + value.part
    head = Text(f"{indent}{'·' if step else '→'} ", style="dim")
    head.append(name, style="dim" if step else "bold").append("  ").append(_shape(first))
    for words in (kind_words(first), times_words(first, value)):
        head.append(f"  {words}" if words else "", style="dim")
    changes = [
        Text(change_words(form, first)).append(f"  {times_words(form, value)}", style="dim")
        for form in later[: _MOST_FORMS - 1]
    ]
    if len(changes) == 1 and head.cell_len + 2 + changes[0].cell_len <= room:
        return [head.append("; ", style="dim").append(changes[0])]
    lines = [head, *(Text(f"{indent}    ").append(change) for change in changes)]
    if len(later) >= _MOST_FORMS or value.left_out:
        more = len(later) - _MOST_FORMS + 1
        said = f"… {more} more forms" if more > 0 else "…"
        left = f", {value.left_out} times not kept" if value.left_out else ""
        lines.append(Text(f"{indent}    {said}{left}", style="dim"))
    return lines


def _shape(form: TracedForm) -> Text:
    """The shape with each axis in the colour of its role."""
    if not form.axes:
        return Text(shape_words(form))
    text = Text("(")
    for index, axis in enumerate(form.axes):
        text.append(", " if index else "").append(axis_words(axis), style=_style(axis))
    return text.append(",)" if len(form.axes) == 1 else ")")


def _style(axis: TracedAxis) -> str:
    return _ROLES.get(axis.role, "") if axis.role is not None else ""


def _short(text: str) -> str:
    """The end of an expression tells most: the last call."""
    return text if len(text) <= _MOST_NAME else f"…{text[-_MOST_NAME + 1 :]}"
