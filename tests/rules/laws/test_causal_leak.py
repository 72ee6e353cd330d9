"""causal-leak: its page, and the laws it judges."""

from collections.abc import Callable

import pytest

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.site import Place
from shapecheck.rules import judge

Page = Callable[[str, str], list[Finding]]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    found = laws_of_page("causal-leak", "Example")
    (finding,) = (f for f in found if f.slug == "causal-leak")
    assert (finding.slug, finding.severity) == ("causal-leak", Severity.ERROR)
    assert finding.place.line == 12
    assert laws_of_page("causal-leak", "Use instead") == []


@pytest.mark.parametrize(
    ("law", "outcome", "excuse", "severities"),
    [
        ("causal", "broken", "", [Severity.ERROR]),
        ("anticausal", "broken", "", [Severity.ERROR]),
        ("causal", "broken", "it is meant", [Severity.NOTE]),
        ("causal", "held", "", []),
    ],
)
def test_what_it_says(law: str, outcome: str, excuse: str, severities: list[Severity]) -> None:
    made = Trial("f", Place("model.py", 3), "disturbance", "time", law, outcome, "return",
                 "time", "batch time d", (6,), excuse=excuse, seen_sizes=(6,))  # fmt: skip
    assert [finding.severity for finding in judge([made])] == severities
