"""Ignoring comments: which findings, on which lines."""

from __future__ import annotations

import pytest

from shapecheck.source.suppressions import Suppressions, read_suppressions
from shapecheck.source.units import CodeUnit


def read(text: str) -> Suppressions:
    return read_suppressions(CodeUnit("a.py", text))


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("x = 1  # shapecheck: ignore[stale-comment]\ny = 2\n", [1]),
        ("# shapecheck: ignore[stale-comment]\nx = 1\ny = 2\n", [1, 2]),
        ("x = f(\n    1,\n)  # shapecheck: ignore[stale-comment]\ny = 2\n", [1, 2, 3]),
        ("x = f(  # shapecheck: ignore[stale-comment]\n    1,\n)\ny = 2\n", [1, 2, 3]),
        ("for i in x:  # shapecheck: ignore[stale-comment]\n    y = 2\n", [1]),
        ("# (B, T)  shapecheck: ignore\n# shapecheck: ignore\nx = 1\n", [1, 2, 3]),
    ],
)
def test_a_comment_covers_its_statement(text: str, covered: list[int]) -> None:
    found = read(text)
    lines = [n for n in range(1, 6) if found.covering("stale-comment", n)]
    assert [n for n in lines if n in covered] == [n for n in covered if n in lines]
    assert set(lines) <= set(covered)
    assert lines


def test_only_the_slugs_it_names_are_ignored() -> None:
    found = read("x = 1  # shapecheck: ignore[axis-missing, stale-comment]\n")
    assert found.covering("stale-comment", 1) is not None
    assert found.covering("axis-extra", 1) is None


def test_without_slugs_everything_is_ignored() -> None:
    found = read("x = 1  # noqa  # shapecheck: ignore\n")
    assert found.covering("axis-extra", 1) is not None


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # shapecheck: ignored\n",
        "x = 1  # shapecheck: ignore[]\n",
        "x = 1  # shapecheck: ignore-file\n",
        "x = '# shapecheck: ignore'\n",
    ],
)
def test_what_is_no_suppression(text: str) -> None:
    assert read(text).entries == ()


def test_a_text_that_is_no_python_can_still_ignore() -> None:
    assert read("x = = 1  # shapecheck: ignore\n").covering("any", 1) is not None
