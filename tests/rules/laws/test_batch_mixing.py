"""batch-mixing: what the rule says of a trial, and what its page shows."""

from collections.abc import Callable

import pytest

from shapecheck.core.axis import Role
from shapecheck.core.evidence import Trial
from shapecheck.core.facts import Witness
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.site import Place
from shapecheck.rules import judge

Page = Callable[[str, str], list[Finding]]
Golden = Callable[[str, str], None]


def trial(**more: object) -> Trial:
    facts: dict[str, object] = {
        "function": "Reader.forward",
        "place": Place("model.py", 12),
        "kind": "disturbance",
        "axis": "batch",
        "law": "independent",
        "outcome": "broken",
        "output": "return",
        "output_axis": "batch",
        "declared": "batch seq 1",
        "before": (3,),
        "seen_sizes": (3,),
        "matrix": ((True, False, False), (True, True, False), (True, True, True)),
        "pattern": "causal",
        "first_break": Place("model.py", 13, 8),
        "operation": "nn.LSTM: (3, 5, 2) → (3, 5, 20)",
        "reads": "nn.LSTM(batch_first=False) takes (seq, batch, feature)",
        "remedy": "nn.LSTM(…, batch_first=True)",
    }
    return Trial(**{**facts, **more})  # type: ignore[arg-type] # the fields are those of Trial


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    found = laws_of_page("batch-mixing", "Example")
    (finding,) = (f for f in found if f.slug == "batch-mixing")
    assert (finding.slug, finding.severity) == ("batch-mixing", Severity.ERROR)
    assert finding.place.line == 13
    assert laws_of_page("batch-mixing", "Use instead") == []


def test_the_message(golden: Golden) -> None:
    (finding,) = judge([trial()])
    assert finding.place == Place("model.py", 13, 8)
    golden("batch-mixing.txt", str(finding))


def test_a_fault_that_a_batch_of_one_hid_is_said_to_be_latent() -> None:
    (finding,) = judge([trial(seen_sizes=(1,))])
    assert "latent" in finding.notes[0]


@pytest.mark.parametrize("outcome", ["held", "skipped", "fixed", "raised"])
def test_a_law_that_is_not_broken_is_no_finding(outcome: str) -> None:
    assert list(judge([trial(outcome=outcome)])) == []


@pytest.mark.parametrize("outcome", ["broken", "skipped"])
def test_mixing_that_is_meant_is_a_note(outcome: str) -> None:
    (finding,) = judge([trial(outcome=outcome, excuse="it is meant")])
    assert finding.severity is Severity.NOTE
    assert "it is meant" in finding.message


@pytest.mark.parametrize("axis", ["B", "N"])
def test_one_letter_is_a_warning(axis: str) -> None:
    (finding,) = judge([trial(axis=axis)])
    assert finding.severity is Severity.WARNING


LOADER = Witness(
    Role.BATCH, Place("model.py", 3), "the DataLoader stacks samples at axis 0", "loader"
)
LETTER = Witness(Role.BATCH, Place("model.py", 4), "it is called B", "name", weak=True)


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({}, Severity.ERROR),
        ({"reads": "", "operation": "view(4, -1): (2, 4) → (4, 2)"}, Severity.ERROR),
        ({"reads": "", "operation": "softmax(dim=0): (4, 2) → (4, 2)"}, Severity.WARNING),
        ({"within": "function"}, Severity.WARNING),
        ({"witnesses": (LETTER,)}, Severity.WARNING),
        ({"witnesses": (LETTER,), "reads": ""}, Severity.NOTE),
    ],
)
def test_where_nobody_declared_the_axis_the_severity_follows_the_evidence(
    more: dict[str, object], severity: Severity
) -> None:
    facts: dict[str, object] = {
        "witnesses": (LOADER,),
        "carrier": "axis 0 of x",
        "within": "module",
    }
    (finding,) = judge([trial(**{**facts, **more})])
    assert finding.severity is severity


def test_the_witness_of_an_undeclared_axis_is_cited(golden: Golden) -> None:
    (finding,) = judge([trial(witnesses=(LOADER,), carrier="axis 0 of x", within="module")])
    assert finding.cites == (Place("model.py", 3),)
    golden("batch-mixing-undeclared.txt", str(finding))


def test_a_finding_survives_as_plain_data() -> None:
    (finding,) = judge([trial()])
    assert Finding.from_dict(finding.to_dict()) == finding
