"""The reference page lists exactly the operations that tracking knows."""

from __future__ import annotations

import re
from pathlib import Path

from shapecheck.runtime.flow.register import known
from shapecheck.runtime.watching import CONTRACTS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "operations.md"


def test_the_page_lists_what_is_known() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    listed = {family: tuple(re.findall(r"`(\S+?)`", names)) for family, names in rows}
    del listed["family"]  # the heading
    modules = tuple(sorted(f"nn.{module.__name__}" for module in CONTRACTS))
    assert listed == {**known(), "modules": modules}
