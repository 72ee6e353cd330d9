"""torch refused the dtypes of an operation's operands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shapecheck.core.evidence import Crash
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.plain import to_plain
from shapecheck.core.rule import Rule
from shapecheck.core.tried import Tried
from shapecheck.rules._crash import of_dtypes, torch_says
from shapecheck.rules._mending import chosen
from shapecheck.rules._operands import Given, operands
from shapecheck.rules._origins import origin
from shapecheck.rules._remedied import DTYPES, remedy


def check(crash: Crash) -> Iterator[Finding]:
    """Fires where torch's words are about a dtype."""
    if not of_dtypes(crash):
        return
    given = operands(crash)
    casts = [one for one in chosen(crash) if one.kind == "cast"]
    yield Finding(
        RULE.slug,
        RULE.severity,
        crash.place,
        message=_message(crash, given, casts),
        expected=_expected(given, casts),
        actual=", ".join(map(str, given)),
        cause=_cause(crash, given, casts),
        remedy=remedy(crash),
        evidence={"crash": to_plain(replace(crash, raised=None, tried=()))},
        notes=torch_says(crash)[:1],
    )


def _message(crash: Crash, given: list[Given], casts: list[Tried]) -> str:
    if casts and casts[0].operand < len(given):
        one = given[casts[0].operand]
        dtype = one.operand.dtype if one.operand is not None else "another dtype"
        takes = DTYPES[casts[0].name]
        return f"{crash.operation} was given `{one.text}` as {dtype}, and takes {takes}"
    return f"torch refused the dtypes in `{crash.expression or crash.function}`"


def _expected(given: list[Given], casts: list[Tried]) -> str:
    if casts and casts[0].operand < len(given):
        return f"{given[casts[0].operand].text} as {DTYPES[casts[0].name]}"
    return ""


def _cause(crash: Crash, given: list[Given], casts: list[Tried]) -> str:
    if not casts or casts[0].operand >= len(given):
        return crash.said
    one = given[casts[0].operand]
    if one.operand is None:
        return crash.said
    made, at = one.operand.made_by, one.operand.made_at
    came = (
        origin(crash, replace(one.operand.axes[0], origin=made, place=at), one.operand)
        if (one.operand.axes and made and at is not None)
        else ""
    )
    return f"{one.text} is {one.operand.dtype}" + (f", {came}" if came else "")


RULE = Rule(
    "operand-dtypes",
    Severity.ERROR,
    "torch refused the dtypes of an operation's operands.",
    Crash,
    check,
)
