"""The last step of both directions stands for a sequence that one has hardly read."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.stacked import LastOfBoth
from shapecheck.rules._axes import finding, line, shape

_STATES = "torch.cat((h_n[-2], h_n[-1]), dim=-1)"


def check(fact: LastOfBoth) -> Iterator[Finding]:
    """Told where nothing else is used of what the layer gave."""
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{fact.operand.text or 'the output'} is used at its last step alone: there, the backward "
        f"half of its features has read one of {fact.operand.shape[fact.position]} steps",
        expected=f"the final states of both directions, {_STATES}",
        actual=f"index -1 of axis {fact.position} of {shape(fact.operand)}",
        cause=f"{fact.layer}(bidirectional=True) ({line(fact.made, fact.place)}): its backward "
        "direction begins at the last step and ends at the first",
        remedy=_STATES,
    )


RULE = Rule(
    "last-step-of-both-directions",
    Severity.WARNING,
    "The last step of both directions stands for a sequence that one has hardly read.",
    LastOfBoth,
    check,
)
