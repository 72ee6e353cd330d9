"""A tensor has more axes than declared."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import Diagnosis, diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import finding, subject


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where the rank is too large, whether or not a `squeeze` mends it."""
    diagnosis = diagnose(violation)
    if diagnosis.fault == "extra" and diagnosis.spec is not None:
        rank, declared = len(violation.actual.shape or ()), len(diagnosis.spec.axes)
        many = "an axis" if rank - declared == 1 else f"{rank - declared} axes"
        message = f"{subject(violation)} has {many} too many"
        yield finding(RULE.slug, violation, diagnosis, message, _cause(rank, declared, diagnosis))


def _cause(rank: int, declared: int, diagnosis: Diagnosis) -> str:
    seen = f"{declared} {'axis is' if declared == 1 else 'axes are'} declared and {rank} are there"
    if diagnosis.remedies:
        return f"{seen}: an axis of size 1 was added twice, or was never taken away"
    return f"{seen}, none of size 1 to take away: a selection or a reduction is missing"


RULE = Rule(
    "axis-extra",
    Severity.ERROR,
    "A tensor has more axes than declared.",
    Violation,
    check,
)
