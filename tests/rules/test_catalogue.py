"""Every rule is one file, one test and one page that agree; pages of errors are run."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from shapecheck import Finding, ShapeError
from shapecheck.check import explain_crash
from shapecheck.core.evidence import Crash, Violation
from shapecheck.core.rule import Rule
from shapecheck.rules import catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "rules"
RULES = sorted(catalogue().values(), key=lambda rule: rule.slug)
RAISING = [rule for rule in RULES if rule.judges in (Violation, Crash)]
HEADINGS = ["What it does", "Why it is bad", "Example", "Use instead"]


def by_slug(rule: Rule) -> str:
    return rule.slug


def text_of(rule: Rule) -> str:
    return (PAGES / f"{rule.slug}.md").read_text(encoding="utf-8")


def section(rule: Rule, heading: str) -> str:
    return text_of(rule).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("rule", RULES, ids=by_slug)
def test_slug_file_and_test_have_one_name(rule: Rule) -> None:
    module = rule.slug.replace("-", "_")
    source = ROOT / "shapecheck" / "rules" / f"{module}.py"
    assert f'"{rule.slug}"' in source.read_text(encoding="utf-8")
    assert list((ROOT / "tests" / "rules").rglob(f"test_{module}.py")), "the rule has no test"


@pytest.mark.parametrize("rule", RULES, ids=by_slug)
def test_a_rule_says_what_it_finds_in_a_line(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert len(rule.summary) <= 100
    assert "\n" not in rule.summary


@pytest.mark.parametrize("rule", RULES, ids=by_slug)
def test_the_page_is_laid_out_like_the_others(rule: Rule) -> None:
    page = text_of(rule)
    assert page.startswith(f"# {rule.slug}\n\n**{rule.severity.value}** · ")
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert [heading for heading in headings if heading in HEADINGS] == HEADINGS
    for heading in HEADINGS:
        assert section(rule, heading).strip()


def test_every_page_is_of_a_rule() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} - {"index"} <= set(catalogue())


def findings_of(rule: Rule, heading: str, folder: Path) -> Iterator[Finding]:
    """What running a page's example raises, explained."""
    (code,) = re.findall(r"```python\n(.*?)```", section(rule, heading), re.DOTALL)
    file = folder / "example.py"
    file.write_text(code, encoding="utf-8")
    try:
        runpy.run_path(str(file))
    except ShapeError as error:
        yield error.finding
    except Exception as error:
        finding = explain_crash(error)
        if finding is None:
            raise
        yield finding


@pytest.mark.parametrize("rule", RAISING, ids=by_slug)
def test_the_example_fires(rule: Rule, tmp_path: Path) -> None:
    (finding,) = findings_of(rule, "Example", tmp_path)
    assert finding.slug == rule.slug
    assert finding.place.file.endswith("example.py")


@pytest.mark.parametrize("rule", RAISING, ids=by_slug)
def test_what_to_use_instead_does_not(rule: Rule, tmp_path: Path) -> None:
    assert list(findings_of(rule, "Use instead", tmp_path)) == []
