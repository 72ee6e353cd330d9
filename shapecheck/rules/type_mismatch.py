"""A value is of another type than declared."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import Diagnosis, diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.match import Match, match
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import finding, subject


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where no tensor met a tensor's declaration, or a plain annotation is not met."""
    diagnosis = diagnose(violation)
    if diagnosis.fault not in ("type", "unknown"):
        return
    message = f"{subject(violation)} is not what was declared"
    cause = f"the judge says: {violation.said}"
    if violation.declaration.shape is not None:
        actual = violation.actual
        kind = "no array" if actual.shape is None else f"a {actual.type}"
        cause = f"it is {kind}, and {violation.declaration.text} is declared"
    yield finding(
        RULE.slug, violation, diagnosis, message, cause, _conversion(violation, diagnosis)
    )


def _conversion(violation: Violation, diagnosis: Diagnosis) -> str:
    """From numpy to torch or back, where shape and dtype are right as they are."""
    spec, actual = diagnosis.spec, violation.actual
    if spec is None or actual.shape is None or violation.declaration.declared_as == "return":
        return ""
    fits = isinstance(match(actual.shape, spec, dict(diagnosis.bindings)), Match)
    if not fits or (spec.dtypes and actual.dtype not in spec.dtypes):
        return ""
    name = violation.declaration.name + violation.element
    if actual.type == "ndarray" and "[Tensor," in violation.declaration.text:
        return f"torch.from_numpy({name})"
    if actual.type == "Tensor" and "[ndarray," in violation.declaration.text:
        return f"{name}.numpy()"
    return ""


RULE = Rule(
    "type-mismatch",
    Severity.ERROR,
    "A value is of another type than declared.",
    Violation,
    check,
)
