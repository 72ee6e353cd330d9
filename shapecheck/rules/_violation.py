"""What the findings of refused values have in common: their facts, laid out the same way."""

from __future__ import annotations

from shapecheck.core.axis import AxisKind
from shapecheck.core.diagnosis import Diagnosis, expected_text
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.match import AxisMismatch
from shapecheck.core.plain import to_plain
from shapecheck.core.remedy import Remedy

_MOST_REMEDIES = 3


def subject(violation: Violation) -> str:
    """What was refused, as the code calls it: `h` of Net.forward, the return value's [1]."""
    declaration = violation.declaration
    name, element = declaration.name, violation.element
    if declaration.declared_as == "return":
        what = f"return{element}" if element else "the return value"
        return (
            f"{what} of {violation.function}"
            if not element
            else f"`{what}` of {violation.function}"
        )
    if declaration.declared_as == "yield":
        return f"what {violation.function} yields"
    if declaration.declared_as == "send":
        return f"what is sent to {violation.function}"
    if declaration.declared_as == "field":
        return f"`{violation.function}.{name}{element}`"
    where = "in" if declaration.declared_as == "variable" else "of"
    return f"`{name}{element}` {where} {violation.function}"


def finding(
    slug: str,
    violation: Violation,
    diagnosis: Diagnosis,
    message: str,
    cause: str,
    remedy: str = "",
) -> Finding:
    """A finding about a refused value, expected before actual, with the bindings it was held to."""
    spec, declaration = diagnosis.spec, violation.declaration
    bindings = dict(diagnosis.bindings)
    expected = expected_text(spec, bindings) if spec is not None else declaration.text
    held = [b for b in violation.bindings if b.name in bindings]
    notes: tuple[str, ...] = ()
    if spec is not None:
        notes = (f"declared {violation.declared_at} as {declaration.text}",)
    return Finding(
        slug=slug,
        severity=Severity.ERROR,
        place=violation.place,
        message=message[0].upper() + message[1:] if message[0] != "`" else message,
        expected=expected,
        actual=str(violation.actual),
        cause=cause,
        remedy=remedy or remedy_text(violation, diagnosis.remedies),
        bindings=tuple(map(str, held)),
        notes=notes,
        evidence={"violation": to_plain(violation)},
    )


def remedy_text(violation: Violation, tried: tuple[Remedy, ...]) -> str:
    """The steps that were tried, applied to the value by its name in the code."""
    options = [_applied(violation, remedy) for remedy in tried[:_MOST_REMEDIES]]
    if len(options) < 2:
        return "".join(options)
    return "one of " + "; ".join(options)


def _applied(violation: Violation, remedy: Remedy) -> str:
    declaration = violation.declaration
    what = f"{declaration.name}{violation.element}"
    if declaration.declared_as in ("return", "yield") and not violation.element:
        what = "…"
    adds = f" adds {remedy.axis}," if remedy.fault == "missing" and remedy.axis else ""
    return f"{what}{remedy.code}{adds} gives {remedy.shape}"


def axis_text(wrong: AxisMismatch) -> str:
    """An axis by name and position: `batch` (axis 0)."""
    return f"`{wrong.axis.name or wrong.axis.text}` (axis {wrong.position})"


def difference(wrong: AxisMismatch, violation: Violation) -> str:
    """What one axis should be, says who, and what it is."""
    sources = {b.name: b.source for b in violation.bindings}
    source = sources.get(wrong.axis.name, "")
    if wrong.axis.kind in (AxisKind.NAMED, AxisKind.VARIADIC):
        by = f" from {source}" if source and source != violation.declaration.name else ""
        return f"{axis_text(wrong)} is {wrong.expected}{by}, here it is {wrong.actual}"
    return f"{axis_text(wrong)} is declared as {wrong.expected}, here it is {wrong.actual}"


def differences(diagnosis: Diagnosis, violation: Violation) -> str:
    """Every axis that differs, in one sentence."""
    return "; ".join(difference(wrong, violation) for wrong in diagnosis.wrong)
