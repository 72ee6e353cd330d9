"""A tensor has another dtype than declared."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import Diagnosis, diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import applied, finding, subject

# What makes a tensor of the dtype, likeliest first.
_CASTS = {"float32": ".float()", "int64": ".long()", "bool": ".bool()", "float64": ".double()"}


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where the dtype is not one that the declaration's dtype class accepts."""
    diagnosis = diagnose(violation)
    if diagnosis.fault == "dtype" and diagnosis.spec is not None:
        message = f"{subject(violation)} has the wrong dtype"
        cause = f"{diagnosis.spec.dtype} means {_few(diagnosis.spec.dtypes)}"
        cause += f", and this is {violation.actual.dtype}"
        if not diagnosis.fits:
            cause += "; the shape is not as declared either"
        yield finding(RULE.slug, violation, diagnosis, message, cause, _cast(violation, diagnosis))


def _few(dtypes: tuple[str, ...]) -> str:
    """The dtypes that people use first, then as many as fit into a line."""
    common = [d for d in (*_CASTS, "float16", "bfloat16", "int32", "uint8") if d in dtypes]
    shown = (common or list(dtypes))[:4]
    if len(shown) == len(dtypes):
        return " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    return ", ".join(shown) + ", …"


def _cast(violation: Violation, diagnosis: Diagnosis) -> str:
    """A cast whose dtype the declaration accepts; only where the shape fits already."""
    spec, actual = diagnosis.spec, violation.actual
    if spec is None or not diagnosis.fits or actual.dtype.startswith("complex"):
        return ""
    for dtype, cast in _CASTS.items():
        if dtype in spec.dtypes:
            step = cast if actual.type != "ndarray" else f'.astype("{dtype}")'
            return f"{applied(violation, step)} gives {dtype}, if these numbers may be converted"
    return ""


RULE = Rule(
    "dtype-mismatch",
    Severity.ERROR,
    "A tensor has another dtype than declared.",
    Violation,
    check,
)
