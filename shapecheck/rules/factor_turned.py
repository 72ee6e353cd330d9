"""A factor of a decomposition is multiplied along its components where the data was meant."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.factored import FactorTurned
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.signs import spoken
from shapecheck.rules._axes import finding, line, shape

_GIVES = {
    "svd": "svd gives the directions in rows of Vh, in columns of U",
    "eigh": "eigenvectors stand in columns",
    "eig": "eigenvectors stand in columns",
    "qr": "Q has its directions in columns, R its own in rows",
    "cholesky": "cholesky gives L with L @ L.mT the matrix",
}


def check(fact: FactorTurned) -> Iterator[Finding]:
    """Products over the wrong axis of a factor, and noise that met a triangle from the left."""
    text = fact.factor.text or "the factor"
    where = line(fact.made, fact.place)
    if fact.added:
        message = (
            f"what {spoken(fact.operation)} adds to {fact.other.text or 'the mean'} lies along "
        )
        message += f"the components of cholesky ({where}), not along the data"
        wanted = "noise @ L.mT, or L @ noise"
    else:
        components = fact.position == fact.component
        wrong = "its components" if components else "its data"
        met = "those of the data" if components else "components"
        message = f"{spoken(fact.operation)} sums over axis {fact.position} of {text}, {wrong}, "
        message += f"but {fact.other.text or 'the other operand'} has {met} there"
        wanted = f"{text} turned (.mT), before any of its components are taken"
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        message,
        expected=wanted,
        actual=f"{shape(fact.factor)} with {shape(fact.other)}",
        cause=f"{_GIVES[fact.by]} ({where}); a square factor fits both ways",
    )


RULE = Rule(
    "factor-turned",
    Severity.WARNING,
    "A factor of a decomposition is multiplied along its components where the data was meant.",
    FactorTurned,
    check,
)
