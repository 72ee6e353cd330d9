"""The axes of a tensor stand in another order than declared."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import differences, finding, subject


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where a permutation of the axes satisfies the declaration."""
    diagnosis = diagnose(violation)
    if diagnosis.fault == "order":
        message = f"{subject(violation)} has its axes in another order than declared"
        cause = f"the same sizes stand at other axes: {differences(diagnosis, violation)}"
        yield finding(RULE.slug, violation, diagnosis, message, cause)


RULE = Rule(
    "axes-swapped",
    Severity.ERROR,
    "The axes of a tensor stand in another order than declared.",
    Violation,
    check,
)
