"""Two arguments of a call were exchanged."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import finding


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where exchanging two arguments makes every declaration of the call hold."""
    diagnosis = diagnose(violation)
    if diagnosis.fault != "arguments":
        return
    one, other = violation.declaration.name, diagnosis.exchanged
    message = f"`{one}` and `{other}` of {violation.function} were passed in each other's place"
    cause = "each fits the other's declaration: with both exchanged every declaration holds"
    remedy = f"pass what was given for `{other}` as `{one}`, and the reverse"
    yield finding(RULE.slug, violation, diagnosis, message, cause, remedy)


RULE = Rule(
    "arguments-swapped",
    Severity.ERROR,
    "Two arguments of a call were passed in each other's place.",
    Violation,
    check,
)
