"""A tensor has fewer axes than declared."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import Diagnosis, diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import finding, subject


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where the rank is too small, whether or not an `unsqueeze` mends it."""
    diagnosis = diagnose(violation)
    if diagnosis.fault == "missing" and diagnosis.spec is not None:
        missing = _missing(diagnosis)
        message = f"{subject(violation)} lacks {missing}"
        cause = _cause(violation, diagnosis)
        yield finding(RULE.slug, violation, diagnosis, message, cause)


def _missing(diagnosis: Diagnosis) -> str:
    named = {remedy.axis for remedy in diagnosis.remedies}
    if len(named) == 1 and "" not in named:
        (name,) = named
        return f"the axis `{name}`" if " and " not in name else f"the axes {name}"
    return "an axis"


def _cause(violation: Violation, diagnosis: Diagnosis) -> str:
    rank = len(violation.actual.shape or ())
    declared = len(diagnosis.spec.axes) if diagnosis.spec is not None else 0
    seen = f"{declared} axes are declared and {rank} {'is' if rank == 1 else 'are'} there"
    if diagnosis.remedies:
        return f"{seen}: an `unsqueeze` is missing, or something before it dropped the axis"
    return f"{seen}: an index, a reduction or a `squeeze` has dropped an axis of size other than 1"


RULE = Rule(
    "axis-missing",
    Severity.ERROR,
    "A tensor has fewer axes than declared.",
    Violation,
    check,
)
