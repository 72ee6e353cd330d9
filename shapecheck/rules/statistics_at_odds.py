"""A tensor is centred by statistics over some axes and scaled by those over others."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.standards import CovarianceApart, StandardisedApart
from shapecheck.core.tracked import AxisView
from shapecheck.rules import _axes
from shapecheck.rules._trial import finding


def check(evidence: Trial | StandardisedApart | CovarianceApart) -> Iterator[Finding]:
    """Fires where neither set of axes contains the other, in trained layers where they differ."""
    if isinstance(evidence, StandardisedApart):
        yield _seen(evidence)
    elif isinstance(evidence, CovarianceApart):
        yield _covariance(evidence)
    else:
        yield from _tried(evidence)


def _seen(fact: StandardisedApart) -> Finding:
    centre, scale = (_axes_said(over) for over in fact.over)
    first, second = (_axes.line(place, fact.place) for place in fact.places)
    if fact.largest:
        message = f"the largest value over {centre} ({first}) is taken off, but the exponentials "
        message += f"are divided by their sum over {scale} ({second})"
        cause = "what is taken off cancels only where it is one number for each sum"
    else:
        message = f"{fact.operand.text or 'a tensor'} is centred by the {fact.centre} over "
        message += f"{centre} ({first}), but scaled by statistics over {scale} ({second})"
        cause = "a gain and a bias for each entry of the same axes make it a layer that normalises"
        cause = cause if fact.trained else "what comes out has neither zero mean nor unit deviation"
    return _axes.finding(
        fact,
        RULE.slug,
        RULE.severity,
        message,
        expected=f"both over {scale}",
        actual=_axes.shape(fact.operand),
        cause=cause,
        remedy=f"dim={_dims(fact.over[1])}",
    )


def _covariance(fact: CovarianceApart) -> Finding:
    """Centred over the features of a sample, say, and summed over the samples."""
    centred, summed = fact.axes
    where = _axes.line(fact.centred, fact.place)
    text = fact.operand.text or "the matrix"
    right = 1 - fact.over
    return _axes.finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"a covariance summed over {_sized(summed)} is of what was centred over "
        f"{_sized(centred)} ({where})",
        expected=f"the {fact.centre} over axis {right}, over which the products are summed",
        actual=f"the {fact.centre} over axis {fact.over}; {text} {fact.operand.shape}",
        cause="what is kept still has its mean, so the products hold that as well",
        remedy=f"{fact.centre}(dim={right}, keepdim=True)",
    )


def _sized(axis: AxisView) -> str:
    known = axis.label != "?"
    return f"{_axes.named(axis)}, {axis.size} entries," if known else f"an axis of {axis.size}"


def _axes_said(over: tuple[int, ...]) -> str:
    return f"{'axis' if len(over) == 1 else 'axes'} {', '.join(map(str, over))}"


def _dims(over: tuple[int, ...]) -> str:
    return str(over[0]) if len(over) == 1 else str(over)


def _tried(trial: Trial) -> Iterator[Finding]:
    if trial.kind != "alignment" or trial.pattern != "at odds":
        return
    yield finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"a tensor in {trial.function} is {trial.detail}",
        expected="mean and deviation over the same axes",
        actual=trial.operation,
        cause="what comes out has neither zero mean nor unit deviation along any axis",
    )


RULE = Rule(
    "statistics-at-odds",
    Severity.WARNING,
    "A tensor is centred by statistics over some axes and scaled by those over others.",
    Trial,
    check,
    (StandardisedApart, CovarianceApart),
)
