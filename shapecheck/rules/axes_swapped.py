"""The axes of a tensor stand in another order than declared."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapecheck.core.axis import Role, role_of
from shapecheck.core.diagnosis import Diagnosis, diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import finding, subject

_EXCHANGE = re.compile(r"\.(?:transpose|swapaxes)\((\d), (\d)\)")


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where a permutation of the axes satisfies the declaration."""
    diagnosis = diagnose(violation)
    if diagnosis.fault == "order":
        message = f"{subject(violation)} has its axes in another order than declared"
        yield finding(RULE.slug, violation, diagnosis, message, _cause(diagnosis))


def _cause(diagnosis: Diagnosis) -> str:
    exchange = _EXCHANGE.fullmatch(diagnosis.remedies[0].code)
    spec = diagnosis.spec
    if exchange is None or spec is None:
        return "the sizes are right, but the axes that hold them stand elsewhere"
    places = (int(exchange[1]), int(exchange[2]))
    axes = [spec.lay(len(diagnosis.remedies[0].shape))[place] for place in places]
    names = " and ".join(f"`{axis.name or axis.text}`" for axis in axes)
    cause = f"axes {places[0]} and {places[1]} ({names}) stand in each other's place"
    roles = {hint.role for hint in (role_of(axis.name) for axis in axes) if hint is not None}
    if roles == {Role.BATCH, Role.TIME}:
        cause += "; in recurrent layers `batch_first` decides their order"
    return cause


RULE = Rule(
    "axes-swapped",
    Severity.ERROR,
    "The axes of a tensor stand in another order than declared.",
    Violation,
    check,
)
