"""An axis has another size than the number that was declared."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import AxisKind
from shapecheck.core.diagnosis import Diagnosis, diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import differences, finding, subject


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where a fixed or computed size is not met and no reordering explains it."""
    diagnosis = diagnose(violation)
    if diagnosis.fault == "size":
        what, rank = subject(violation), len(violation.actual.shape or ())
        message = f"{what} has another size than declared"
        if len(diagnosis.wrong) == rank > 1:
            message = f"{what} has the right rank, but every size is wrong"
        yield finding(RULE.slug, violation, diagnosis, message, _cause(diagnosis, violation))


def _cause(diagnosis: Diagnosis, violation: Violation) -> str:
    if not diagnosis.wrong:  # an expression that only jaxtyping works out
        return f"jaxtyping says: {violation.said}"
    cause = differences(diagnosis, violation)
    symbolic = [w for w in diagnosis.wrong if w.axis.kind is AxisKind.SYMBOLIC]
    if symbolic:
        worked = ", ".join(f"`{w.axis.expression}` comes to {w.expected}" for w in symbolic)
        cause += f" ({worked})" if len(diagnosis.wrong) > 1 else ""
    return cause


RULE = Rule(
    "size-mismatch",
    Severity.ERROR,
    "An axis has another size than the number that was declared.",
    Violation,
    check,
)
