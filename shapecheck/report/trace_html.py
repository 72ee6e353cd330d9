"""The trace as a page: the source with shapes beside it, whose axes can be followed.

One file that asks nothing of others. All that a program or its author wrote goes through the
templates, which escape it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from shapecheck.core.finding import Finding
from shapecheck.core.program import ProgramReport
from shapecheck.core.site import Place
from shapecheck.core.trace import (
    TracedAxis,
    TracedForm,
    TracedIdentity,
    TracedValue,
    TraceEvidence,
)
from shapecheck.report.trace_picture import picture
from shapecheck.report.trace_rows import (
    Listing,
    Row,
    changed_axes,
    is_number,
    kind_words,
    listings,
    numbers_words,
    role_words,
    shape_words,
    times_words,
)


def trace_page(reports: Sequence[ProgramReport]) -> str:
    """The traces of programs as one HTML page."""
    names = [report.file for report in reports if report.trace is not None]
    title = f"Shapes of {', '.join(names[:3])}{', …' if len(names) > 3 else ''}"
    return _rendered("trace.html.jinja", reports, title=title, whole=True)


def trace_cell(report: ProgramReport) -> str:
    """The trace of one cell as HTML that stands in a page of somebody else's, a notebook."""
    return _rendered("trace_cell.html.jinja", [report], title="", whole=False)


def _rendered(template: str, reports: Sequence[ProgramReport], **given: Any) -> str:
    root = "sc-" + hashlib.sha256(repr(reports).encode()).hexdigest()[:8]
    programs = [
        _Program(report, f"{root}-{number}").shown()
        for number, report in enumerate(reports)
        if report.trace is not None
    ]
    return _templates().get_template(template).render(root=root, programs=programs, **given)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("shapecheck.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["code"] = _code
    return templates


def _code(text: str) -> Markup:
    """Text in which `…` is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    shown = [
        Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts)
    ]
    return Markup("").join(shown)


class _Program:
    """One program as the values that the template sets."""

    def __init__(self, report: ProgramReport, prefix: str) -> None:
        self._file = report.file
        self._prefix = prefix
        self._trace: TraceEvidence = report.trace or TraceEvidence()
        self._findings = report.findings
        self._listings = [
            told for number, told in enumerate(listings(report)) if told.is_telling or not number
        ]
        self._anchors = {
            (told.source.file, row.number): f"{prefix}-{index}-L{row.number}"
            for index, told in enumerate(self._listings)
            for row in told.rows
        }

    def shown(self) -> dict[str, Any]:
        placed = {id(f) for told in self._listings for row in told.rows for f in row.findings}
        followed = {
            i for v in self._trace.values for f in v.forms for a in f.axes for i in a.identities
        }
        return {
            "file": self._file,
            "findings": [{**self._finding(f), "placed": id(f) in placed} for f in self._findings],
            "elsewhere": [self._finding(f) for f in self._findings if id(f) not in placed],
            "listings": [self._listing(told) for told in self._listings],
            "stories": [self._story(i) for i in self._trace.identities if i.number in followed],
        }

    def _listing(self, told: Listing) -> dict[str, Any]:
        text = "\n".join(row.code for row in told.rows)
        formatter = HtmlFormatter(nowrap=True, classprefix="sc-")
        code = highlight(text, PythonLexer(stripnl=False, ensurenl=False), formatter).split("\n")
        code += [""] * (len(told.rows) - len(code))
        rows = zip(told.rows, code, strict=False)
        return {"name": told.source.file, "rows": [self._row(told, r, Markup(c)) for r, c in rows]}

    def _row(self, told: Listing, row: Row, code: Markup) -> dict[str, Any]:
        numbers = [value for value in row.values if is_number(value)]
        return {
            "number": row.number,
            "anchor": self._anchors[told.source.file, row.number],
            "code": code,
            "indent": len(row.code) - len(row.code.lstrip()),
            "numbers": numbers_words(numbers),
            "made": [_value(value) for value in row.values if value not in numbers],
            "findings": [self._finding(finding) for finding in row.findings],
            "raised": row.raised,
        }

    def _finding(self, finding: Finding) -> dict[str, Any]:
        rows = [
            ("expected", finding.expected),
            ("actual", finding.actual),
            ("bindings", ", ".join(finding.bindings)),
            ("cause", finding.cause),
            ("remedy", finding.remedy),
            *(("note", note) for note in finding.notes),
        ]
        return {
            "anchor": f"{self._prefix}-F{self._findings.index(finding)}",
            "severity": finding.severity.value,
            "slug": finding.slug,
            "message": finding.message,
            "place": str(finding.place),
            "rows": [(label, text) for label, text in rows if text],
            "matrix": picture(finding),
            "picture": "\n".join(finding.picture),
        }

    def _story(self, identity: TracedIdentity) -> dict[str, Any]:
        """What is known of an axis: its name, what made it, who says what it is."""
        told = dict.fromkeys((*identity.said, *identity.read))
        role = identity.role.value if identity.role else ""
        made = f"made by {identity.origin}" if identity.origin else ""
        if identity.place is not None and identity.place.line:
            made = f"{made or 'first met'}, {self._line(identity.place)[0]}"
        return {
            "number": identity.number,
            "name": identity.name or role or "an axis without a name",
            "role": role,
            "role_said": role if identity.name and role != identity.name else "",
            "made": made,
            "facts": [(text, *self._line(place)) for text, place in told],
        }

    def _line(self, place: Place) -> tuple[str, str]:
        """A line in words, and where it stands on the page."""
        anchor = self._anchors.get((place.file, place.line), "")
        inside = place.file == self._listings[0].source.file if self._listings else False
        return (f"line {place.line}" if inside else f"{place.file}:{place.line}", anchor)


def _value(value: TracedValue) -> dict[str, Any]:
    return {
        "name": value.name + value.part,
        "step": value.made_as == "step",
        "forms": [_form(form, value) for form in value.forms],
        "left_out": value.left_out,
    }


def _form(form: TracedForm, value: TracedValue) -> dict[str, Any]:
    return {
        "text": shape_words(form),
        "axes": [_axis(axis) for axis in form.axes],
        "changed": [_axis(axis) for _, axis in changed_axes(form, value.forms[0])],
        "kind": kind_words(form),
        "times": times_words(form, value),
    }


def _axis(axis: TracedAxis) -> dict[str, Any]:
    role = axis.role.value if axis.role else ""
    name = axis.name or role
    spoken = " ".join(re.findall(r"\S+", f"axis {name} {role_words(axis)} of size {axis.size}"))
    return {
        "size": axis.size,
        "name": name,
        "role": role,
        "hidden_role": role_words(axis).strip(),
        "ids": " ".join(map(str, axis.identities)),
        "kin": " ".join(map(str, axis.kin)),
        "spoken": spoken,
    }
