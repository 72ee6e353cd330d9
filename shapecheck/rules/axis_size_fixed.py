"""An output keeps the size of an axis, declared to follow the input, whatever the input's is."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import at_fault, finding, is_batch, sizes


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where every other size tried left the output's axis at the old one."""
    if trial.kind != "shape" or trial.outcome != "broken" or is_batch(trial.axis):
        return
    seen, tried = trial.seen_sizes[0], trial.after[0]
    if trial.actual:
        what = f"`{trial.axis}` of {trial.output} stays {seen} when the input has {tried}"
        expected = f"{trial.output} {sizes(trial.expected)}" if trial.expected else trial.declared
        actual = f"{trial.output} {sizes(trial.actual)}"
    else:
        what = f"{trial.function} works for a `{trial.axis}` of {seen} only: {tried} raises"
        expected, actual = f"any size of `{trial.axis}`", trial.detail
    yield finding(
        trial,
        RULE.slug,
        Severity.WARNING,
        what,
        expected=expected,
        actual=actual,
        cause=at_fault(trial),
        notes=(f"latent: the call had a `{trial.axis}` of {seen}; a trial with {tried} shows it",),
    )


RULE = Rule(
    "axis-size-fixed",
    Severity.WARNING,
    "An output keeps the size of an axis that is declared to follow the input.",
    Trial,
    check,
)
