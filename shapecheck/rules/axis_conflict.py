"""One axis name has two sizes in one call."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import AxisKind
from shapecheck.core.diagnosis import Diagnosis, diagnose, named_shape, spec_of
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import differences, finding, subject

_NAMED = (AxisKind.NAMED, AxisKind.VARIADIC)


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where a bound name meets another size and no reordering of the value explains it."""
    diagnosis = diagnose(violation)
    if diagnosis.fault != "conflict":
        return
    named = [wrong for wrong in diagnosis.wrong if wrong.axis.kind in _NAMED]
    names = " and ".join(dict.fromkeys(f"`{wrong.axis.name}`" for wrong in named))
    rank = len(violation.actual.shape or ())
    message = f"{subject(violation)} disagrees about the size of {names}"
    if len(diagnosis.wrong) == rank > 1:
        message = f"{subject(violation)} has the right rank, but every size is wrong"
    cause = differences(diagnosis, violation)
    yield finding(RULE.slug, violation, diagnosis, message, cause, _elsewhere(violation, diagnosis))


def _elsewhere(violation: Violation, diagnosis: Diagnosis) -> str:
    """A step on the earlier argument that bound the name, after which the whole call holds."""
    if diagnosis.elsewhere is None:
        return ""
    name, remedy = diagnosis.elsewhere
    spec = next(
        s for o in violation.others if o.declaration.name == name and (s := spec_of(o.declaration))
    )
    gives = named_shape(remedy.shape, spec)
    return f"{name}{remedy.code} gives {gives}, and then every argument fits"


RULE = Rule(
    "axis-conflict",
    Severity.ERROR,
    "One axis name has two sizes in one call.",
    Violation,
    check,
)
