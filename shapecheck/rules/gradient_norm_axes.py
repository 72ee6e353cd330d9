"""A gradient's norm is held to a number, but runs over other axes than those of one sample."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.standards import GradientNorm
from shapecheck.rules._axes import finding, line, shape


def check(fact: GradientNorm) -> Iterator[Finding]:
    """The norm of a part of each gradient, or of those of all samples together."""
    text, rank = fact.gradient.text or "the gradient", len(fact.gradient.shape)
    where = line(fact.taken, fact.place)
    if fact.left:
        sizes = tuple(fact.gradient.shape[i] for i in fact.left)
        message = f"the norm of {text} ({where}) leaves {_said(fact.left)} of sizes {sizes}: there "
        message += f"is one for each place of a sample, and each of them is held to {fact.number:g}"
    else:
        message = f"the norm of {text} ({where}) runs over all samples: one number for the batch "
        message += f"is held to {fact.number:g}"
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        message,
        expected=f"one norm for each sample: {text}.flatten(1).norm(2, dim=1)",
        actual=f"{shape(fact.gradient)}, the norm over {_said(fact.over)}",
        cause="the slope of one value in all of its inputs is one vector, whatever its shape",
        remedy=f"{text}.flatten(1).norm(2, dim=1)" if rank > 2 else "dim=1",
    )


def _said(axes: tuple[int, ...]) -> str:
    return f"{'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}"


RULE = Rule(
    "gradient-norm-axes",
    Severity.WARNING,
    "A gradient's norm is held to a number, but runs over other axes than those of one sample.",
    GradientNorm,
    check,
)
