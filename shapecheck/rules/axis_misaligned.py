"""Two operands of an operation hold one axis at different places or in different order."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import at_fault, finding, sure

_SAID = {
    "order": (
        "meet in another order",
        "the axis was flattened or repeated with others, in two orders",
    ),
    "displaced": (
        "meet those of other indices",
        "one operand has it at an axis where the other has something else",
    ),
}


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where changing index k of an axis moved row k of one operand, others of the next."""
    if trial.kind != "alignment" or trial.pattern not in _SAID:
        return
    how, why = _SAID[trial.pattern]
    fault = at_fault(trial)
    yield finding(
        trial,
        RULE.slug,
        sure(trial),
        f"elements of `{trial.axis}` {how} in {trial.function}",
        expected=f"index k of `{trial.axis}` to meet index k",
        actual="changing one index moves rows of the two operands that do not meet",
        cause=f"{why}; {fault}" if fault else why,
    )


RULE = Rule(
    "axis-misaligned",
    Severity.ERROR,
    "Two operands of an operation hold one axis at different places or in different order.",
    Trial,
    check,
)
