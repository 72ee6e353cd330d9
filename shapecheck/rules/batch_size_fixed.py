"""Code that is right for one batch size only."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import at_fault, finding, is_batch, sizes, sure


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where another batch size breaks the declared outputs, or a size written down."""
    if trial.kind == "shape" and trial.outcome == "broken" and is_batch(trial.axis):
        yield _fixed(trial)


def _fixed(trial: Trial) -> Finding:
    seen, tried = trial.seen_sizes[0], trial.after[0]
    if trial.actual:
        what = _what(trial, seen, tried)
        actual = f"{trial.output} {sizes(trial.actual)}"
        expected = sizes(trial.expected) if trial.expected else f"({trial.declared})"
        expected = f"{trial.output} {expected}"
    else:
        what = f"{trial.function} works for a `{trial.axis}` of {seen} only: {tried} raises"
        actual, expected = trial.detail, f"any size of `{trial.axis}`"
    return finding(
        trial,
        RULE.slug,
        sure(trial),
        what,
        expected=expected,
        actual=actual,
        cause=at_fault(trial),
        notes=(f"latent: the call had a `{trial.axis}` of {seen}; a trial with {tried} shows it",),
    )


def _what(trial: Trial, seen: int, tried: int) -> str:
    if not trial.expected and tried == 1:
        return f"a `{trial.axis}` of 1 loses its axis in {trial.function}"
    return f"{trial.function} gives the wrong {trial.output} for a `{trial.axis}` of {tried}"


RULE = Rule(
    "batch-size-fixed",
    Severity.ERROR,
    "Code is right for one batch size only.",
    Trial,
    check,
)
