"""A trace as rows: each line of the source with what it made and what was found there, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shapecheck.core.axis import role_of
from shapecheck.core.finding import Finding
from shapecheck.core.program import ProgramReport
from shapecheck.core.site import Span
from shapecheck.core.trace import (
    TracedAxis,
    TracedForm,
    TracedSource,
    TracedValue,
    TraceEvidence,
)

_WHOLE = ("assigned", "returned", "result")  # shown below the last line of their statement


@dataclass
class Row:
    """A line of the source, the values to show there in order, and the findings.

    `raised` is the exception that ended the program there.
    """

    number: int
    code: str
    values: list[TracedValue] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    raised: str = ""


@dataclass(frozen=True)
class Listing:
    """A file, a cell or a block, line by line."""

    source: TracedSource
    rows: tuple[Row, ...]

    @property
    def is_telling(self) -> bool:
        """True where anything stands beside a line."""
        return any(row.values or row.findings or row.raised for row in self.rows)


def listings(report: ProgramReport) -> list[Listing]:
    """The pieces of code of a program in the order in which they ran, with what stands beside."""
    trace = report.trace or TraceEvidence()
    shown = telling(trace.values)
    return [_listing(source, shown, report) for source in trace.sources]


def _listing(source: TracedSource, values: Sequence[TracedValue], report: ProgramReport) -> Listing:
    lines = source.text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    rows = {n: Row(n, line.rstrip("\r")) for n, line in enumerate(lines, source.first_line)}
    for value in values:
        line = value.span.end_line if value.made_as in _WHOLE else value.place.line
        if value.place.file == source.file and line in rows:
            rows[line].values.append(value)
    for finding in report.findings:
        if finding.place.file == source.file and finding.place.line in rows:
            rows[finding.place.line].findings.append(finding)
    raised = report.exception
    if raised is not None and raised.file == source.file and raised.line in rows:
        said = raised.message.strip().partition("\n")[0]
        rows[raised.line].raised = f"{raised.type}: {said}" if said else raised.type
    return Listing(source, tuple(rows.values()))


def telling(values: Sequence[TracedValue]) -> list[TracedValue]:
    """The values without the steps that have the shape of what they lead to."""
    by_file: dict[str, list[TracedValue]] = {}
    for value in values:
        by_file.setdefault(value.place.file, []).append(value)
    return [v for v in values if v.made_as != "step" or _says_more(v, by_file[v.place.file])]


def _says_more(step: TracedValue, values: Sequence[TracedValue]) -> bool:
    if all(form.type == "Size" for form in step.forms):
        return False
    around = [v for v in values if _holds(v.span, step.span)]
    if not around:
        return True
    nearest = max((v.span for v in around), key=lambda s: (s.line, s.column, -s.end_line))
    return all(_gist(v) != _gist(step) for v in around if v.span == nearest)


def _gist(value: TracedValue) -> tuple[object, ...]:
    return tuple((form.shape, form.dtype) for form in value.forms)


def _end(span: Span) -> tuple[int, int]:
    return (span.end_line, span.end_column)


def _holds(outer: Span, inner: Span) -> bool:
    begins = (outer.line, outer.column) <= (inner.line, inner.column)
    return begins and _end(inner) <= _end(outer) and outer != inner


# -- words --------------------------------------------------------------------------------


def axis_words(axis: TracedAxis) -> str:
    """`B=32 batch`, `seq_len=10`, `batch=32`, `16`: name, size, and the role the name hides."""
    if not axis.name:
        return f"{axis.role.value}={axis.size}" if axis.role else str(axis.size)
    return f"{axis.name}={axis.size}{role_words(axis)}"


def role_words(axis: TracedAxis) -> str:
    """The role after a space, unless the name of the axis says it already."""
    if axis.role is None or not axis.name:
        return ""
    hint = role_of(axis.name)
    if hint is not None and hint.role is axis.role and not hint.weak:
        return ""
    return f" {axis.role.value}"


def shape_words(form: TracedForm) -> str:
    """The shape of a form, its axes named as far as they are known."""
    if form.number is not None:
        return str(form.number)
    if form.shape is None:
        return form.type
    words = [axis_words(axis) for axis in form.axes] or [str(size) for size in form.shape]
    return f"({', '.join(words)}{',' if len(words) == 1 else ''})"


def kind_words(form: TracedForm) -> str:
    """The dtype; for a shape, that it is one; arrays and Parameters by their type."""
    if form.type in ("Size", "int"):
        return "a shape" if form.type == "Size" else ""
    return form.dtype if form.type == "Tensor" else f"{form.type} {form.dtype}".rstrip()


def change_words(form: TracedForm, first: TracedForm) -> str:
    """What is different from the first form: the axes that changed, or the whole shape."""
    changed = changed_axes(form, first)
    if changed:
        return ", ".join(_named_change(position, axis) for position, axis in changed)
    kind = kind_words(form)
    alike = (form.type, form.dtype) == (first.type, first.dtype)
    return shape_words(form) + (f"  {kind}" if kind and not alike else "")


def changed_axes(form: TracedForm, first: TracedForm) -> list[tuple[int, TracedAxis]]:
    """The axes, with their positions, that have another size than in the first form.

    Empty where more than sizes is different: there the whole shape has to be told.
    """
    if (form.type, form.dtype, len(form.axes)) != (first.type, first.dtype, len(first.axes)):
        return []
    pairs = list(enumerate(zip(form.axes, first.axes, strict=True)))
    if any((axis.name, axis.role) != (before.name, before.role) for _, (axis, before) in pairs):
        return []
    return [(position, axis) for position, (axis, before) in pairs if axis.size != before.size]


def _named_change(position: int, axis: TracedAxis) -> str:
    return f"{axis.name or (axis.role.value if axis.role else f'axis {position}')}={axis.size}"


def times_words(form: TracedForm, value: TracedValue) -> str:
    """`×100` where a line made a value often; when it did first, for a form that came later."""
    if value.times == 1:
        return ""
    often = f"×{form.count}"
    return often if form.first == 1 else f"{often}, first the {ordinal(form.first)} time"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def numbers_words(values: Sequence[TracedValue]) -> str:
    """`B=32, T=10`: whole numbers that one line read from a shape; `B=32 or 6` in turn."""
    return ", ".join(f"{value.name}{value.part}={_numbers(value)}" for value in values)


def _numbers(value: TracedValue) -> str:
    numbers = [form.number for form in value.forms if form.number is not None]
    if len(numbers) > 3:
        return f"{min(numbers)}…{max(numbers)}"
    return " or ".join(map(str, numbers))


def is_number(value: TracedValue) -> bool:
    """True where every form is a whole number."""
    return all(form.number is not None for form in value.forms)
