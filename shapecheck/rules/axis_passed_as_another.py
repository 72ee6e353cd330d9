"""An axis is passed on under the name of another axis of the same tensor."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import finding


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where caller and callee use one name for two axes of one size."""
    if trial.kind != "alignment" or trial.pattern != "passed":
        return
    position, at = trial.before
    yield finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"{trial.operation} takes axis {position} of {trial.output} as `{trial.declared}`, but in "
        f"{trial.function} it is `{trial.axis}`",
        expected=f"`{trial.declared}`, which stands at axis {at} of what is passed",
        actual=f"`{trial.axis}`, of {trial.seen_sizes[0]} as well",
        cause=f"`{trial.axis}` and `{trial.declared}` have one size in this call",
    )


RULE = Rule(
    "axis-passed-as-another",
    Severity.WARNING,
    "An axis is passed on under the name of another axis of the same tensor.",
    Trial,
    check,
)
