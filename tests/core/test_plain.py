"""Plain values survive the way through JSON."""

from __future__ import annotations

import dataclasses
import json
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecheck.core.evidence import Argument, Binding, Declaration, Observation, Violation
from shapecheck.core.finding import Finding, Severity, ShapeError
from shapecheck.core.plain import from_plain, to_plain
from shapecheck.core.site import Place

places = st.builds(Place, st.text(), st.integers(0), st.integers(0), st.text())
shapes = st.lists(st.integers(0), max_size=3).map(tuple)
observations = st.builds(Observation, st.text(), st.none() | shapes, st.text())
declarations = st.builds(
    Declaration,
    st.text(),
    st.sampled_from(["parameter", "return", "variable", "field", "yield", "send"]),
    st.text(),
    st.none() | st.text(),
    st.text(),
    st.lists(st.text(), max_size=2).map(tuple),
)
violations = st.builds(
    Violation,
    st.text(),
    places,
    places,
    declarations,
    observations,
    st.text(),
    st.lists(st.builds(Binding, st.text(), st.integers() | shapes, st.text()), max_size=2).map(
        tuple
    ),
    st.none() | st.dictionaries(st.text(), st.text(), max_size=2),
    st.lists(st.builds(Argument, declarations, observations), max_size=2).map(tuple),
    st.text(),
    st.booleans(),
)


@given(violations)
def test_evidence_comes_back_as_it_went(violation: Violation) -> None:
    sent = json.loads(json.dumps(to_plain(violation)))
    assert from_plain(Violation, sent) == violation


@given(violations, st.sampled_from(Severity), st.lists(st.text(), max_size=2).map(tuple))
def test_a_finding_comes_back_as_it_went(
    violation: Violation, severity: Severity, notes: tuple[str, ...]
) -> None:
    finding = Finding(
        "slug",
        severity,
        violation.place,
        "message",
        notes=notes,
        evidence={"v": to_plain(violation)},
    )
    assert Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding
    error = ShapeError(finding)
    assert error.finding is finding
    assert str(error) == str(finding)


class Colour(Enum):
    RED = "red"


@dataclasses.dataclass(frozen=True)
class Record:
    colour: Colour
    pair: tuple[int, str]
    many: tuple[Place, ...] = ()
    either: Place | Observation | None = None
    free: Any = None
    table: dict[str, Place] | None = None


def test_every_kind_of_field() -> None:
    record = Record(
        Colour.RED, (1, "a"), (Place("f", 3),), Observation("int"), [1], {"k": Place("g")}
    )
    assert from_plain(Record, json.loads(json.dumps(to_plain(record)))) == record


def test_records_of_another_version_can_be_read() -> None:
    assert from_plain(Place, {"file": "f", "colour": "red"}) == Place("f")
    with pytest.raises(TypeError, match="file"):
        from_plain(Place, {"line": 3})


def test_what_is_not_plain_is_refused() -> None:
    with pytest.raises(TypeError, match="object is not a plain value"):
        to_plain({"x": object()})
