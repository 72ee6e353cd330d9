"""batch-size-fixed: what the rule says of a shape trial, and what its page shows."""

from collections.abc import Callable

import pytest

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.site import Place
from shapecheck.rules import judge

Page = Callable[[str, str], list[Finding]]
Golden = Callable[[str, str], None]


def trial(**more: object) -> Trial:
    facts: dict[str, object] = {
        "function": "FirstOnly.forward",
        "place": Place("model.py", 12),
        "kind": "shape",
        "axis": "batch",
        "law": "free",
        "outcome": "broken",
        "output": "return[0]",
        "output_axis": "batch",
        "declared": "batch seq 1",
        "before": (1,),
        "after": (3,),
        "seen_sizes": (1,),
        "expected": (3, 10, 1),
        "actual": (1, 10, 1),
        "first_break": Place("model.py", 14, 24),
        "operation": "[0, :]: (3, 10, 20) → (10, 20)",
        "latent": True,
    }
    return Trial(**{**facts, **more})  # type: ignore[arg-type] # the fields are those of Trial


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    found = laws_of_page("batch-size-fixed", "Example")
    (finding,) = (f for f in found if f.slug == "batch-size-fixed")
    assert (finding.slug, finding.severity) == ("batch-size-fixed", Severity.ERROR)
    assert finding.place.line == 14
    assert "latent" in finding.notes[0]
    assert laws_of_page("batch-size-fixed", "Use instead") == []


def test_the_message(golden: Golden) -> None:
    (finding,) = judge([trial()])
    golden("batch-size-fixed.txt", str(finding))


def test_the_message_where_the_trial_raised(golden: Golden) -> None:
    raised = trial(
        output="", declared="", expected=(), actual=(), seen_sizes=(32,), before=(32,),
        operation="view(32, -1): (5, 8)", detail="RuntimeError: shape '[32, -1]' is invalid",
    )  # fmt: skip
    (finding,) = judge([raised])
    golden("batch-size-fixed-raised.txt", str(finding))


def test_a_batch_of_one_that_loses_its_axis_is_named() -> None:
    (finding,) = judge([trial(after=(1,), seen_sizes=(4,), expected=(), actual=())])
    assert "4 only: 1 raises" in finding.message
    (finding,) = judge([trial(after=(1,), seen_sizes=(4,), expected=(), actual=(10, 1))])
    assert "of 1 loses its axis" in finding.message


@pytest.mark.parametrize("outcome", ["held", "skipped", "fixed", "raised"])
def test_a_size_that_is_followed_or_fixed_is_no_finding(outcome: str) -> None:
    assert list(judge([trial(outcome=outcome)])) == []
