"""An axis has another size than the number that was declared."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import axis_text, differences, finding, subject


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where a fixed or computed size is not met and no reordering explains it."""
    diagnosis = diagnose(violation)
    if diagnosis.fault != "size":
        return
    rank = len(violation.actual.shape or ())
    where = " and ".join(map(axis_text, diagnosis.wrong))
    message = f"{subject(violation)} has another size than declared at {where}"
    if len(diagnosis.wrong) == rank > 1:
        message = f"{subject(violation)} has the right rank, but every size is wrong"
    yield finding(RULE.slug, violation, diagnosis, message, differences(diagnosis, violation))


RULE = Rule(
    "size-mismatch",
    Severity.ERROR,
    "An axis has another size than the number that was declared.",
    Violation,
    check,
)
