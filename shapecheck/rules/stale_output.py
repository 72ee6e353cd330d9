"""Output that an author shows beside code which prints something else now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shapecheck.core.chapter import Printed
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.printed import Difference, difference, without_trace
from shapecheck.core.rule import Rule

_LONGEST = 100


def check(evidence: Printed) -> Iterator[Finding]:
    """A finding for output that is not what is shown, with the first line that differs."""
    shown = evidence.shown
    wanted = without_trace(shown.text)
    if shown.shown_as == "prompt":
        wanted = wanted.replace("<BLANKLINE>", "")
    found = difference(wanted, evidence.text, as_words=shown.shown_as == "result")
    if found is None:
        return
    in_file = shown.lines > 0
    line = shown.place.line + _line_in(shown.text, wanted, found) if in_file else 0
    yield Finding(
        "stale-output",
        Severity.WARNING,
        replace(shown.place, line=line),
        _message(found),
        expected=_cut(found.shown),
        actual=_cut(found.printed),
        cause=_CAUSES[shown.shown_as],
        remedy="",
        notes=("`shapecheck run --update` writes what is printed now in its place",),
        evidence={
            "shown": shown.text,
            "printed": evidence.text,
            "shown_as": shown.shown_as,
            "first": shown.place.line,
            "lines": shown.lines,
            "indent": shown.indent,
        },
    )


_CAUSES = {
    "fence": "the code, or a library, has changed since the block under it was written",
    "prompt": "the code, or a library, has changed since this was written under the prompt",
    "stream": "the cell, or a library, has changed since the notebook kept what it printed",
    "result": "the cell, or a library, has changed since the notebook kept its value",
}


def _message(found: Difference) -> str:
    if not found.printed:
        return "a line of output is shown that the code does not print"
    if not found.shown:
        return "the code prints a line that the output shown does not have"
    return "the output shown is not what the code prints"


def _line_in(text: str, wanted: str, found: Difference) -> int:
    """The number of the line at fault among all the lines shown, from 0."""
    every = text.split("\n")
    above = len(every) - len(wanted.split("\n"))  # lines of a traceback, which may differ
    blank = len(every) - len(text.lstrip("\n").split("\n"))
    return min(found.line + above + blank, max(len(text.rstrip("\n").split("\n")) - 1, 0))


def _cut(line: str) -> str:
    return line.strip() if len(line) <= _LONGEST else f"{line.strip()[:_LONGEST]}…"


RULE = Rule(
    slug="stale-output",
    severity=Severity.WARNING,
    summary="Output that is shown beside code is not what the code prints.",
    judges=Printed,
    check=check,
)
