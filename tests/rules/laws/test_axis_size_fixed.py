"""axis-size-fixed: its page, and what it leaves to batch-size-fixed."""

from collections.abc import Callable

import pytest

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.site import Place
from shapecheck.rules import judge

Page = Callable[[str, str], list[Finding]]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    found = laws_of_page("axis-size-fixed", "Example")
    (finding,) = (f for f in found if f.slug == "axis-size-fixed")
    assert (finding.slug, finding.severity) == ("axis-size-fixed", Severity.WARNING)
    assert finding.place.line == 8
    assert laws_of_page("axis-size-fixed", "Use instead") == []


@pytest.mark.parametrize(
    ("axis", "outcome", "slugs"),
    [
        ("time", "broken", ["axis-size-fixed"]),
        ("time", "held", []),
        ("time", "fixed", []),
        ("batch", "broken", ["batch-size-fixed"]),
    ],
)
def test_one_rule_speaks_of_one_axis(axis: str, outcome: str, slugs: list[str]) -> None:
    place = Place("model.py", 3)
    made = Trial("f", place, "shape", axis, "free", outcome, "return", axis, "batch time d",
                 (12,), (7,), seen_sizes=(12,), expected=(4, 7, 3), actual=(4, 12, 3))  # fmt: skip
    assert [finding.slug for finding in judge([made])] == slugs
