"""The JSON report is what its schema and its page say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.program import PartReport, ProgramReport, Raised
from shapecheck.core.site import Place
from shapecheck.report.record import as_json, as_record
from shapecheck.rules import catalogue

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SCHEMA: dict[str, Any] = json.loads((REFERENCE / "report.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

FULL = ProgramReport(
    "a.py",
    "raised",
    1,
    Raised("ValueError", "bad", "a.py", 3),
    (
        Finding(
            "role-conflict",
            Severity.WARNING,
            Place("a.py", 3, 4, "f"),
            "x is read as time",
            notes=("a fact",),
            picture=("■ ·",),
            evidence={"shape": [2, 3]},
            cites=(Place("a.py", 2),),
        ),
        Finding("axis-extra", Severity.NOTE, Place("b.py"), "one axis too many"),
    ),
    (Skipped("g", Place("a.py", 9), "uses random numbers of its own"),),
    ("a failure",),
    (PartReport("cell 1", "a.ipynb:cell 1", 1, 3, "raised", 2),),
)


def test_a_report_is_as_the_schema_says() -> None:
    record = json.loads(as_json([FULL, ProgramReport("empty.py", "timeout", 124)]))
    VALIDATOR.validate(record)
    assert [f["file"] for f in record["files"]] == ["a.py", "empty.py"]
    assert [(f["file"], f["line"], f["function"]) for f in record["findings"]] == [
        ("a.py", 3, "f"),
        ("b.py", 0, ""),
    ]


def test_the_schema_names_every_field_and_no_other() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    record = as_record([FULL])
    parts = {
        "file": record["files"][0],
        "exception": record["files"][0]["exception"],
        "skipped": record["files"][0]["skipped"][0],
        "finding": record["findings"][0],
        "part": record["files"][0]["parts"][0],
        "place": record["findings"][0]["cites"][0],
    }
    for name, part in parts.items():
        definition = SCHEMA["$defs"][name]
        asked_for = {"trace"} if name == "file" else set()  # the only field that may be absent
        assert sorted(part) == sorted(definition["required"])
        assert part.keys() | asked_for == definition["properties"].keys()
    assert record.keys() == SCHEMA["properties"].keys()


@pytest.mark.parametrize(
    ("where", "field", "value"),
    [
        ("files", "outcome", "crashed"),
        ("files", "exit_code", None),
        ("findings", "severity", "fatal"),
        ("findings", "evidence", [1]),
        ("findings", "unknown", ""),
    ],
)
def test_the_schema_refuses_what_it_should(where: str, field: str, value: object) -> None:
    record = as_record([FULL])
    record[where][0][field] = value
    with pytest.raises(ValidationError):
        VALIDATOR.validate(record)


def test_every_slug_can_stand_in_a_report() -> None:
    pattern = SCHEMA["$defs"]["finding"]["properties"]["slug"]["pattern"]
    assert [slug for slug in catalogue() if not re.fullmatch(pattern, slug)] == []


def test_the_page_shows_a_report_and_names_every_field() -> None:
    page = (REFERENCE / "report.md").read_text("utf-8")
    [example] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    VALIDATOR.validate(json.loads(example))
    for name in ("file", "finding", "skipped", "exception", "place"):
        for field in SCHEMA["$defs"][name]["properties"]:
            assert f"`{field}`" in page, f"{name}.{field}"


def test_a_report_survives_the_way_from_the_child() -> None:
    assert ProgramReport.from_dict(json.loads(json.dumps(FULL.to_dict()))) == FULL
