"""What the findings of refused values have in common: their facts, laid out the same way."""

from __future__ import annotations

from shapecheck.core.axis import Axis, AxisKind
from shapecheck.core.diagnosis import Diagnosis, expected_text, named_shape
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.match import AxisMismatch, bound_size
from shapecheck.core.plain import to_plain
from shapecheck.core.remedy import Remedy
from shapecheck.core.spec import Spec

_MOST_REMEDIES = 3


def subject(violation: Violation) -> str:
    """What was refused, as the code calls it: `h` of Net.forward, the return value's [1]."""
    declaration = violation.declaration
    name, element = declaration.name, violation.element
    if declaration.declared_as == "return":
        what = f"`return{element}`" if element else "The return value"
        return f"{what} of {violation.function}"
    if declaration.declared_as == "yield":
        return f"What {violation.function} yields"
    if declaration.declared_as == "send":
        return f"What is sent to {violation.function}"
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
    expected = declaration.text
    notes: tuple[str, ...] = ()
    if spec is not None:
        expected = expected_text(spec, dict(diagnosis.bindings), violation.values)
        notes = (f"declared {violation.declared_at} as {declaration.text}",)
    return Finding(
        slug=slug,
        severity=Severity.ERROR,
        place=violation.place,
        message=message,
        expected=expected,
        actual=str(violation.actual),
        cause=cause,
        remedy=remedy or remedy_text(violation, diagnosis),
        bindings=tuple(map(str, violation.bindings)) if spec is not None else (),
        notes=notes,
        evidence={"violation": to_plain(violation)},
        cites=(violation.declared_at,) if notes else (),
    )


def remedy_text(violation: Violation, diagnosis: Diagnosis) -> str:
    """The steps that were tried, each with the shape it gives, axis by axis."""
    if diagnosis.spec is None:
        return ""
    by_shape = {remedy.shape: remedy for remedy in reversed(diagnosis.remedies)}
    tried = [remedy for remedy in diagnosis.remedies if by_shape[remedy.shape] is remedy]
    given = (_given(violation, remedy, diagnosis.spec) for remedy in tried[:_MOST_REMEDIES])
    return ", or ".join(given)


def _given(violation: Violation, remedy: Remedy, spec: Spec) -> str:
    return f"{applied(violation, remedy.code)} gives {named_shape(remedy.shape, spec)}"


def applied(violation: Violation, code: str) -> str:
    """A step on the value by its name in the code; what is returned has none."""
    declaration, element = violation.declaration, violation.element
    if declaration.declared_as in ("return", "yield"):
        what = {"return": "what is returned", "yield": "what is yielded"}[declaration.declared_as]
        return f"{code} on {what if not element else f'{declaration.name}{element}'}"
    return f"{declaration.name}{element}{code}"


def axis_text(axis: Axis, position: int) -> str:
    """An axis by position and name: axis 0, `batch`."""
    name = axis.text if axis.spans_many else axis.name or axis.expression
    return f"axis {position}" + (f", `{name}`," if name else "")


def differences(diagnosis: Diagnosis, violation: Violation) -> str:
    """Every axis that differs, in one sentence: what it should be, who says so, what it is."""
    return "; ".join(difference(wrong, diagnosis, violation) for wrong in diagnosis.wrong)


def difference(wrong: AxisMismatch, diagnosis: Diagnosis, violation: Violation) -> str:
    """One axis that differs."""
    axis, expected = axis_text(wrong.axis, wrong.position), wrong.expected
    origin = _source(wrong.axis, violation)
    if isinstance(wrong.actual, tuple):
        return (
            f"the axes of `{wrong.axis.text}` should be {expected}{origin} and are {wrong.actual}"
        )
    return f"{axis} should be {expected}{origin} and is {wrong.actual}{_also(wrong, diagnosis)}"


def _source(axis: Axis, violation: Violation) -> str:
    keys = {AxisKind.NAMED: (axis.name,), AxisKind.VARIADIC: (f"*{axis.name}", f"*#{axis.name}")}
    names = keys.get(axis.kind, ())
    sources = [b.source for b in violation.bindings if b.name in names and b.source]
    return f" (from {sources[0]})" if sources else ""


def _also(wrong: AxisMismatch, diagnosis: Diagnosis) -> str:
    """Whose size it is instead, where one other name alone has it: a hint at what was mixed up."""
    bindings = dict(diagnosis.bindings)
    owners = [name for name, size in bindings.items() if size == wrong.actual]
    if len(owners) != 1 or wrong.actual == 1 or bound_size(wrong.axis, bindings) == wrong.actual:
        return ""
    return f", the size of `{owners[0]}`"


def ranks(declared: int, actual: int, least: bool = False) -> str:
    """`3 axes are declared and 2 are here`."""
    axes = f"{'at least ' if least else ''}{declared or 'no'} {'axis' if declared < 2 else 'axes'}"
    return f"{axes} {_are(declared)} declared and {actual or 'none'} {_are(actual)} here"


def _are(number: int) -> str:
    return "is" if number < 2 else "are"
