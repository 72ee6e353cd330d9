"""Chapters for rules: a page's example as a file, run in a process of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from shapecheck.core.finding import Finding
from shapecheck.run.launch import launch

PAGES = Path(__file__).parents[3] / "docs" / "rules"
Chapter = Callable[[str], list[Finding]]


@pytest.fixture
def chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chapter:
    """``chapter(text)``: what is found in a Markdown file of this text."""

    def run(text: str) -> list[Finding]:
        monkeypatch.chdir(tmp_path)
        Path("chapter.md").write_text(text, encoding="utf-8")
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            return list(launch("chapter.md", stdout=nowhere).findings)

    return run


@pytest.fixture
def examples() -> Callable[[str], list[str]]:
    """``examples(slug)``: the chapters on a rule's page, the wrong one first."""

    def read(slug: str) -> list[str]:
        page = (PAGES / f"{slug}.md").read_text(encoding="utf-8")
        return re.findall(r"````markdown\n(.*?)````", page, re.DOTALL)

    return read
