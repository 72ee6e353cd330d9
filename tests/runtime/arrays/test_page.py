"""The reference page lists exactly what of numpy is followed."""

from __future__ import annotations

import re
from pathlib import Path

from shapecheck.runtime.arrays.points import FUNCTIONS, MADE_BY_SIZES, METHODS, TENSORS_OF

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "operations.md"


def test_the_page_lists_what_is_followed() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## numpy\n")[2]
    listed = {
        line.partition(":")[0]: {*re.findall(r"`([\w.]+)`", line.partition(": ")[2])}
        for line in text.splitlines()
        if line.startswith("- ")
    }
    functions, methods, sizes, tensors = listed.values()
    assert functions == set(FUNCTIONS)
    assert methods == set(METHODS)
    assert sizes == set(MADE_BY_SIZES)
    assert tensors == set(TENSORS_OF)
