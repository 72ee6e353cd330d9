"""`shapecheck rules` and `shapecheck explain`, and what every command does with its words."""

import json

import pytest
from click.testing import CliRunner, Result

from shapecheck.cli import main
from shapecheck.rules import catalogue, page


def said(*words: str, **variables: str) -> Result:
    return CliRunner(env={"COLUMNS": "80", **variables}).invoke(main, words)


def test_rules_are_one_line_each_where_they_are_piped() -> None:
    lines = said("rules").output.splitlines()
    assert [line.split()[0] for line in lines] == list(catalogue())
    for line, rule in zip(lines, catalogue().values(), strict=True):
        assert line.split(maxsplit=2)[1:] == [rule.severity.value, rule.summary]


def test_rules_as_json() -> None:
    listed = json.loads(said("rules", "--format=json").output)
    assert [rule["slug"] for rule in listed] == list(catalogue())
    assert listed[0].keys() == {"slug", "severity", "summary"}


@pytest.mark.parametrize("slug", catalogue())
def test_every_rule_explains_itself_in_80_columns(slug: str) -> None:
    result = said("explain", slug)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].strip() == slug
    assert max(map(len, lines)) <= 80
    shown = " ".join(result.output.split())
    assert shown.startswith(f"{slug} {catalogue()[slug].severity.value} · ")
    assert [line for line in lines if line.strip() in ("Example", "Use instead")]
    assert ".md" not in shown
    code = [line.strip() for line in page(slug).partition("```python\n")[2].splitlines()]
    assert code[0] in [line.strip() for line in lines]


@pytest.mark.parametrize(
    ("slug", "meant"),
    [
        ("role-conflct", "role-conflict"),
        ("BATCH_MIXING", "batch-mixing"),
        ("broadcast", "two-sided-broadcast"),
    ],
)
def test_a_slug_that_is_none_is_answered_with_the_nearest(slug: str, meant: str) -> None:
    for words in (["explain", slug], ["run", f"--select={slug}", "a.py"]):
        result = said(*words)
        assert result.exit_code == 2
        assert f"there is no rule {slug!r}" in result.output
        assert meant in result.output
    assert "is it one of" not in said("explain", "zzzz").output
