"""A tensor has more axes than declared."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import Diagnosis, diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import finding, ranks, subject


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where the rank is too large, whether or not a `squeeze` mends it."""
    diagnosis, shape = diagnose(violation), violation.actual.shape
    if diagnosis.fault == "extra" and diagnosis.spec is not None and shape is not None:
        message = f"{subject(violation)} has {_extra(diagnosis, shape)} too many"
        yield finding(RULE.slug, violation, diagnosis, message, _cause(diagnosis, shape))


def _extra(diagnosis: Diagnosis, shape: tuple[int, ...]) -> str:
    rank = diagnosis.spec.rank if diagnosis.spec is not None else None
    count = len(shape) - rank if rank is not None else 1
    return "an axis" if count == 1 else f"{count} axes"


def _cause(diagnosis: Diagnosis, shape: tuple[int, ...]) -> str:
    rank = diagnosis.spec.rank if diagnosis.spec is not None else None
    seen = ranks(rank, len(shape)) if rank is not None else ""
    odd = [f"axis {i} of size {shape[i]}" for i in diagnosis.odd]
    if diagnosis.remedies:
        one = "an axis of size 1 was added twice, or never taken away"
        return f"{seen}: {one}" if seen else one
    if odd:
        return f"{seen}: an index or a reduction over {' and '.join(odd)} is missing"
    return f"{seen}: an index or a reduction is missing"


RULE = Rule(
    "axis-extra",
    Severity.ERROR,
    "A tensor has more axes than declared.",
    Violation,
    check,
)
