"""A spec laid along a number of axes."""

from __future__ import annotations

import pytest

from shapecheck.core.grammar import parse_shape


@pytest.mark.parametrize(
    ("text", "rank", "fits", "misfits"),
    [("a b", 2, [2], [0, 1, 3]), ("", 0, [0], [1]), ("*a b c", None, [2, 3, 9], [0, 1])],
)
def test_how_many_axes_a_spec_takes(
    text: str, rank: int | None, fits: list[int], misfits: list[int]
) -> None:
    spec = parse_shape(text)
    assert spec.rank == rank
    assert all(spec.accepts_rank(n) for n in fits)
    assert not any(spec.accepts_rank(n) for n in misfits)


@pytest.mark.parametrize(
    ("text", "rank", "laid"),
    [
        ("a b", 2, "a b"),
        ("a *m b", 2, "a b"),
        ("a *m b", 4, "a *m *m b"),
        ("... c", 3, "... ... c"),
    ],
)
def test_each_position_has_its_axis(text: str, rank: int, laid: str) -> None:
    assert [axis.text for axis in parse_shape(text).lay(rank)] == laid.split()


def test_too_few_axes_cannot_be_laid() -> None:
    with pytest.raises(ValueError, match="1 axes cannot be laid along 'a b'"):
        parse_shape("a b").lay(1)


def test_names_are_those_that_bind_a_size() -> None:
    assert parse_shape("batch rows=4 *m #seq dim-1 _").names == ("batch", "seq")


@pytest.mark.parametrize(
    ("text", "dtype", "shown"),
    [("a b", "Float", "Float (a, b)"), ("a", "", "(a,)"), ("", "Int", "Int ()")],
)
def test_a_spec_as_text(text: str, dtype: str, shown: str) -> None:
    assert str(parse_shape(text, dtype=dtype)) == shown
