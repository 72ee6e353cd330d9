"""Axes that were declared apart arrive flattened into one, or one axis arrives split."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import finding, subject


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where a product of declared sizes explains the size that is there."""
    diagnosis = diagnose(violation)
    if diagnosis.fault != "merged":
        return
    first = diagnosis.remedies[0]
    if first.fault == "flattened":
        message = f"{subject(violation)} has declared axes flattened into one"
        cause = f"{first.axis}: a `view`, `reshape` or `flatten` has merged them"
    else:
        message = f"{subject(violation)} has one declared axis split into several"
        cause = f"{first.axis}: a `flatten` is missing"
    yield finding(RULE.slug, violation, diagnosis, message, cause)


RULE = Rule(
    "axes-merged",
    Severity.ERROR,
    "Declared axes arrive flattened into one, or one arrives split into several.",
    Violation,
    check,
)
