"""The names of dependency matrices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecheck.core.evidence import Matrix
from shapecheck.runtime.trials.depend import PATTERNS, pattern_of


def matrix(*rows: str) -> Matrix:
    return tuple(tuple(c == "x" for c in row) for row in rows)


@pytest.mark.parametrize(
    ("rows", "pattern"),
    [
        (("...", "...", "..."), "none"),
        (("x..", ".x.", "..x"), "diagonal"),
        (("x..", "...", "..x"), "diagonal"),
        (("x..", "xx.", "xxx"), "causal"),
        (("...", "x..", ".x."), "causal"),
        (("xxx", ".xx", "..x"), "anticausal"),
        (("xxx", "xxx", "xxx"), "full"),
        (("x..", "x..", "x.."), "one fixed index"),
        (("x..", "xx.", "x.x"), "one fixed index"),
        (("x.x", ".xx", "..x"), "one fixed index"),
        (("..x", ".x.", "x.."), "permutation"),
        ((".x.", "..x", "x.."), "permutation"),
        (("xx.", "..x", "x.x"), "scrambled"),
        (("x.", "x."), "one fixed index"),
        (("x.", "xx"), "causal"),
        (("xx", ".x"), "anticausal"),
        (("xx", "xx"), "full"),
        ((".x", "x."), "permutation"),
        (("xxx", "xxx"), "full"),
        (("x..", "x.."), "one fixed index"),
        (("x..", ".x."), "scrambled"),
        (("x",), "diagonal"),
        ((".",), "none"),
    ],
)
def test_a_matrix_has_a_name(rows: tuple[str, ...], pattern: str) -> None:
    assert pattern_of(matrix(*rows)) == pattern


squares = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=n, max_size=n)
)


@given(squares)
def test_turning_time_round_turns_the_name_round(rows: list[list[bool]]) -> None:
    turned = {"causal": "anticausal", "anticausal": "causal"}
    name = pattern_of(tuple(map(tuple, rows)))
    assert name in PATTERNS
    backwards = tuple(tuple(reversed(row)) for row in reversed(rows))
    assert pattern_of(backwards) == turned.get(name, name)
