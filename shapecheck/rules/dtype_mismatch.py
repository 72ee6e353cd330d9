"""A tensor has another dtype than declared."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import Diagnosis, diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import differences, finding, subject

# What makes a tensor of the dtype, likeliest first.
_CASTS = {"float32": ".float()", "int64": ".long()", "bool": ".bool()", "float64": ".double()"}


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where the dtype is not one that the declaration's dtype class accepts."""
    diagnosis = diagnose(violation)
    if diagnosis.fault == "dtype" and diagnosis.spec is not None:
        spec, actual = diagnosis.spec, violation.actual
        message = f"{subject(violation)} has the wrong dtype"
        cause = f"{actual.dtype} is not one of the dtypes of {spec.dtype} ({_few(spec.dtypes)})"
        if diagnosis.wrong:
            cause += f"; its shape differs too: {differences(diagnosis, violation)}"
        yield finding(RULE.slug, violation, diagnosis, message, cause, _cast(violation, diagnosis))


def _few(dtypes: tuple[str, ...]) -> str:
    common = [d for d in (*_CASTS, "float16", "bfloat16", "int32", "uint8") if d in dtypes]
    shown = common or list(dtypes)
    return ", ".join(shown[:4]) + (", …" if len(dtypes) > len(shown[:4]) else "")


def _cast(violation: Violation, diagnosis: Diagnosis) -> str:
    """A cast whose dtype the declaration accepts; only where the shape fits already."""
    spec = diagnosis.spec
    if spec is None or diagnosis.wrong or violation.declaration.declared_as == "return":
        return ""
    name = violation.declaration.name + violation.element
    for dtype, cast in _CASTS.items():
        if dtype in spec.dtypes:
            step = cast if violation.actual.type != "ndarray" else f".astype(np.{dtype})"
            return f"{name}{step} gives {dtype}, if these numbers may be converted"
    return ""


RULE = Rule(
    "dtype-mismatch",
    Severity.ERROR,
    "A tensor has another dtype than declared.",
    Violation,
    check,
)
