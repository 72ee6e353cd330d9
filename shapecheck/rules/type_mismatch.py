"""A value is of another type than declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shapecheck.core.diagnosis import Diagnosis, diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import finding, subject

_ARRAYS = {"Tensor": "a torch tensor", "ndarray": "a numpy array"}


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where no tensor met a tensor's declaration, or a plain annotation is not met."""
    diagnosis = diagnose(violation)
    if diagnosis.fault not in ("type", "unknown"):
        return
    message = f"{subject(violation)} is of another type than declared"
    cause = f"it {violation.said}".replace("has wrong number", "has the wrong number")
    if violation.declaration.shape is not None:
        kind = violation.declaration.text.partition("[")[2].partition(",")[0]
        wanted = _ARRAYS.get(kind, "an array")
        message = f"{subject(violation)} should be {wanted} and is {_kind(violation.actual.type)}"
        cause = _cause(violation, diagnosis, wanted)
    remedy = _conversion(violation, diagnosis)
    found = finding(RULE.slug, violation, diagnosis, message, cause, remedy)
    seen = violation.actual
    actual = f"{seen.type} {seen}" if seen.shape is not None else str(seen)
    yield replace(
        found,
        expected=violation.declaration.text,
        actual=actual,
        notes=(f"declared {violation.declared_at}",),
        cites=(violation.declared_at,),
    )


def _kind(name: str) -> str:
    if name in _ARRAYS or name in ("None", "NoneType"):
        return _ARRAYS.get(name, "None")
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def _cause(violation: Violation, diagnosis: Diagnosis, wanted: str) -> str:
    if violation.actual.type in ("None", "NoneType"):
        return "a function that returns nothing gives None, and so does a name never set"
    cause = f"{_kind(violation.actual.type)} is not {wanted}"
    if violation.actual.shape is None:
        return cause
    return f"{cause}, whatever its shape" + ("" if diagnosis.fits else "; its shape is wrong too")


def _conversion(violation: Violation, diagnosis: Diagnosis) -> str:
    """From numpy to torch or back, where shape and dtype are right as they are."""
    spec, actual = diagnosis.spec, violation.actual
    if spec is None or not diagnosis.fits or violation.declaration.declared_as == "return":
        return ""
    if spec.dtypes and actual.dtype not in spec.dtypes:
        return ""
    name = violation.declaration.name + violation.element
    if actual.type == "ndarray" and "[Tensor," in violation.declaration.text:
        return f"torch.from_numpy({name}) is a torch tensor of the same shape and dtype"
    in_numpy = actual.dtype != "bfloat16"  # numpy has none
    if actual.type == "Tensor" and in_numpy and "[ndarray," in violation.declaration.text:
        return f"{name}.numpy(force=True) is a numpy array of the same shape and dtype"
    return ""


RULE = Rule(
    "type-mismatch",
    Severity.ERROR,
    "A value is of another type than declared.",
    Violation,
    check,
)
