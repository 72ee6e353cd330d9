"""A tensor has fewer axes than declared."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import Diagnosis, diagnose
from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.spec import Spec
from shapecheck.rules._violation import finding, ranks, subject


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where the rank is too small, whether or not an `unsqueeze` mends it."""
    diagnosis = diagnose(violation)
    if diagnosis.fault == "missing" and diagnosis.spec is not None:
        rank = len(violation.actual.shape or ())
        message = f"{subject(violation)} lacks {_missing(diagnosis, diagnosis.spec, rank)}"
        step = "a `[None]`" if violation.actual.type == "ndarray" else "an `unsqueeze`"
        cause = _cause(diagnosis, diagnosis.spec, rank, step)
        yield finding(RULE.slug, violation, diagnosis, message, cause)


def _missing(diagnosis: Diagnosis, spec: Spec, rank: int) -> str:
    """The axes that are missing, by name where only they can be."""
    named = [(i, spec.axes[i]) for i in diagnosis.odd]
    if named:
        return " and ".join(
            f"the axis `{axis.name}`" if axis.name else f"axis {i}, declared as {axis.text}"
            for i, axis in named
        )
    if len(diagnosis.remedies) == 1:
        return f"the axis `{diagnosis.remedies[0].axis}`"
    count = _declared(spec) - rank
    return "an axis" if count == 1 else f"{count} axes"


def _cause(diagnosis: Diagnosis, spec: Spec, rank: int, step: str) -> str:
    seen = ranks(_declared(spec), rank, least=spec.rank is None)
    if not diagnosis.remedies:
        return f"{seen}: an index or a reduction has taken away an axis of more than one"
    if any(axis.size == 1 for i, axis in enumerate(spec.axes) if i in diagnosis.odd):
        return f"{seen}: {step} is missing, or a reduction ran without `keepdim=True`"
    return f"{seen}: {step} is missing, or an index or a `squeeze` took the axis away"


def _declared(spec: Spec) -> int:
    return spec.rank if spec.rank is not None else len(spec.axes) - 1


RULE = Rule(
    "axis-missing",
    Severity.ERROR,
    "A tensor has fewer axes than declared.",
    Violation,
    check,
)
