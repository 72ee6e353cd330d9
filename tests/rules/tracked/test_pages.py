"""The pages of the rules on tracked operations: the example fires, what to use instead does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from shapecheck.core.facts import Fact
from shapecheck.rules import catalogue

PAGES = Path(__file__).resolve().parents[3] / "docs" / "rules"
TESTED = {file.stem.removeprefix("test_") for file in Path(__file__).parent.glob("test_*.py")}
SLUGS = [
    slug
    for slug, rule in catalogue().items()
    if issubclass(rule.judges, Fact) and slug.replace("-", "_") in TESTED
]


def code(slug: str, heading: str) -> str:
    page = (PAGES / f"{slug}.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    (found,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return str(found)


def test_there_are_such_rules() -> None:
    assert "role-conflict" in SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_the_example_fires(slug: str, seen: Any) -> None:
    assert slug in [finding.slug for finding in seen(code(slug, "Example"))]


@pytest.mark.parametrize("slug", SLUGS)
def test_what_to_use_instead_does_not(slug: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(code(slug, "Use instead"))] == []
