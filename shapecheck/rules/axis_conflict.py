"""One axis name has two sizes in one call."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import AxisKind
from shapecheck.core.diagnosis import diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import differences, finding, subject

_NAMED = (AxisKind.NAMED, AxisKind.VARIADIC)


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where a bound name meets another size and no reordering explains it."""
    diagnosis = diagnose(violation)
    if diagnosis.fault != "conflict":
        return
    named = [wrong for wrong in diagnosis.wrong if wrong.axis.kind in _NAMED]
    names = " and ".join(dict.fromkeys(f"`{wrong.axis.name}`" for wrong in named))
    rank = len(violation.actual.shape or ())
    message = f"{subject(violation)} disagrees about the size of {names}"
    if len(diagnosis.wrong) == rank > 1:
        message = f"{subject(violation)} has the right rank, but every size is wrong"
    yield finding(RULE.slug, violation, diagnosis, message, differences(diagnosis, violation))


RULE = Rule(
    "axis-conflict",
    Severity.ERROR,
    "One axis name has two sizes in one call.",
    Violation,
    check,
)
