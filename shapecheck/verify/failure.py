"""What a failing test says: what made it fail, and the message that its reader is given."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from shapecheck.check import explain_crash
from shapecheck.core.evidence import Trial, Violation
from shapecheck.core.finding import Finding, ShapeError
from shapecheck.core.ledger import Pin
from shapecheck.rules import catalogue

_FAIL_TYPES = ("Failed",)  # what `pytest.fail` raises, and `pytest.raises` that met nothing


@dataclass(frozen=True)
class Failure:
    """Why a test did not pass."""

    pin: Pin
    message: str


def failure_of(error: BaseException) -> Failure:
    """The failure that an exception stands for."""
    if isinstance(error, ShapeError):
        return found(error.finding)
    said = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, AssertionError) or type(error).__name__ in _FAIL_TYPES:
        return Failure(Pin.ASSERTION, said)
    return Failure(Pin.ERROR, _explained(error) or said)


def _explained(error: BaseException) -> str:
    """What shapecheck says of torch's own error, if it knows it."""
    try:
        finding = explain_crash(error)
    except Exception:  # our failure must not become a verdict
        return ""
    return str(finding) if finding is not None else ""


def found(finding: Finding) -> Failure:
    """The failure that a finding stands for: what its rule judges says how it was known."""
    rule = catalogue().get(finding.slug)
    if rule is None or issubclass(rule.judges, Violation):
        pin = Pin.DECLARATION
    elif issubclass(rule.judges, Trial):
        pin = Pin.LAW
    else:
        pin = Pin.RULE
    return Failure(pin, str(finding))
