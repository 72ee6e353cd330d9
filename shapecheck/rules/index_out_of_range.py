"""An index reaches past the end of the axis that it counts along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shapecheck.core.evidence import Crash
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.plain import to_plain
from shapecheck.core.rule import Rule
from shapecheck.rules._crash import of_dtypes, of_indices, torch_says
from shapecheck.rules._operands import operands
from shapecheck.rules._remedied import remedy


def check(crash: Crash) -> Iterator[Finding]:
    """Fires where torch raised for an index, and the operation was given indices."""
    if not of_indices(crash) or of_dtypes(crash):
        return
    given = operands(crash)
    reach = next(
        ((i, extent) for i, extent in enumerate(crash.extents) if extent is not None), None
    )
    if reach is None or reach[0] >= len(given):
        expected, actual = "", ", ".join(map(str, given))
        message = f"an index is out of range in `{crash.expression or crash.function}`"
    else:
        at, (least, greatest) = reach
        name, rows = given[at].text, _rows(crash, at)
        actual = f"{name} from {least} to {greatest}"
        expected = f"{name} from 0 to {rows - 1}" if rows else ""
        many = f", which has {rows} {_of_what(crash)}" if rows else ""
        message = f"`{name}` reaches to {greatest} in {crash.operation}{many}"
        if least < 0:
            message = f"`{name}` goes down to {least} in {crash.operation}{many}"
    yield Finding(
        RULE.slug,
        RULE.severity,
        crash.place,
        message=message,
        expected=expected,
        actual=actual,
        cause=_cause(crash),
        remedy=remedy(crash),
        evidence={"crash": to_plain(replace(crash, raised=None, tried=()))},
        notes=torch_says(crash)[:1],
    )


def _rows(crash: Crash, at: int) -> int:
    """How many places there are to count; 0 where that is not known."""
    if crash.places:
        return crash.places
    if at > 0 and crash.operation in _CLASSES and len(crash.operands[0].shape) > 1:
        return crash.operands[0].shape[1]
    return 0


def _of_what(crash: Crash) -> str:
    return "classes" if crash.operation in _CLASSES else "rows"


_CLASSES = ("nn.CrossEntropyLoss", "nn.NLLLoss", "cross_entropy", "nll_loss")


def _cause(crash: Crash) -> str:
    if crash.operation in _CLASSES:
        return "class numbers count from 0, so that C classes are numbered 0 to C-1"
    if crash.places:
        return f"{crash.places} rows are numbered 0 to {crash.places - 1}"
    return crash.said


RULE = Rule(
    "index-out-of-range",
    Severity.ERROR,
    "An index reaches past the end of the axis that it counts along.",
    Crash,
    check,
)
