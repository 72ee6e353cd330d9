"""One row of noise is added to all samples: they move together."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.shares import NoiseShared
from shapecheck.rules._axes import finding, line, shape


def check(fact: NoiseShared) -> Iterator[Finding]:
    """Where each sample has a mean and a deviation of its own, it has noise of its own too."""
    text = fact.level.text or "the mean"
    where = f" ({line(fact.made, fact.place)})" if fact.made else ""
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"noise of shape {fact.noise.shape}{where} is scaled and added to {text} "
        f"{fact.level.shape}: all {fact.level.shape[0]} samples get the same draw",
        expected=f"noise of shape {fact.level.shape}, one draw for each sample",
        actual=f"{fact.noise.shape} broadcast along axis 0 of {shape(fact.level)}",
        cause="one row fits any number of samples by broadcasting",
        remedy=f"torch.randn_like({text})",
    )


RULE = Rule(
    "noise-shared",
    Severity.WARNING,
    "One row of noise is added to all samples: they move together.",
    NoiseShared,
    check,
)
