"""Matching agrees with jaxtyping, tensor after tensor, and says every axis that differs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import AnnotationError, Shaped, jaxtyped

from shapecheck.core.axis import AxisKind
from shapecheck.core.grammar import parse_shape
from shapecheck.core.match import Match, Mismatch, evaluate, match

sizes = st.integers(0, 4)
named = st.sampled_from(["a", "b", "c"])
elements = st.one_of(
    named,
    named.map("#{}".format),
    st.sampled_from(["1", "2", "3", "rows=2", "#3", "_", "_x"]),
    st.sampled_from(["a-1", "a+b", "2*a", "#a+1", "a/2", "k=a//2", "max(a,b)", "-a"]),
)
variadics = st.sampled_from(["...", "*a", "*v", "*#v", "*#a", "*_x"])


@st.composite
def specs(draw: st.DrawFn) -> str:
    parts = draw(st.lists(elements, max_size=3))
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), draw(variadics))
    return " ".join(parts)


def sequences(most: int) -> st.SearchStrategy[list[tuple[str, tuple[int, ...]]]]:
    pair = st.tuples(specs(), st.lists(sizes, max_size=4).map(tuple))
    return st.lists(pair, min_size=1, max_size=most)


@settings(max_examples=400, deadline=None)
@given(sequences(4))
def test_the_verdict_is_jaxtypings_under_the_bindings_of_a_sequence(
    sequence: list[tuple[str, tuple[int, ...]]],
) -> None:
    bindings: Any = {}
    with jaxtyped("context"):
        for text, shape in sequence:
            try:
                theirs = isinstance(np.zeros(shape), Shaped[np.ndarray, text])
            except (AnnotationError, ZeroDivisionError):
                return  # a name that is not bound: nothing to agree on
            ours = match(shape, parse_shape(text), bindings)
            assert isinstance(ours, Match) == theirs, (text, shape, bindings)
            if isinstance(ours, Match):
                bindings = ours.bindings


@pytest.mark.parametrize("bound", [(2, 3), (1, 3), (3,), ()])
@pytest.mark.parametrize("shape", [(2, 3), (1, 3), (3,), (1,), ()])
@pytest.mark.parametrize("first", ["*v", "*#v"])
@pytest.mark.parametrize("second", ["*v", "*#v"])
@pytest.mark.parametrize("third", ["*v", "*#v"])
def test_variadic_names_broadcast_as_jaxtyping_has_them(
    bound: tuple[int, ...], shape: tuple[int, ...], first: str, second: str, third: str
) -> None:
    bindings: Any = {}
    with jaxtyped("context"):
        for text, sizes in ((first, bound), (second, shape), (third, (2, 3)), (third, shape)):
            theirs = isinstance(np.zeros(sizes), Shaped[np.ndarray, text])
            ours = match(sizes, parse_shape(text), bindings)
            assert isinstance(ours, Match) == theirs
            bindings = ours.bindings if isinstance(ours, Match) else bindings


def test_a_name_for_one_axis_and_for_many_are_two_names() -> None:
    found = match((2, 3, 5), parse_shape("*a a"), {})
    assert isinstance(found, Match)
    assert found.bindings == {"a": 5, "*a": (2, 3)}


def test_every_axis_that_differs_is_named() -> None:
    found = match((3, 10, 7), parse_shape("batch seq 20"), {"batch": 4, "seq": 10})
    assert isinstance(found, Mismatch)
    assert [(w.position, w.expected, w.actual) for w in found.wrong] == [(0, 4, 3), (2, 20, 7)]
    assert not found.rank_differs


def test_a_variadic_axis_differs_as_a_whole() -> None:
    found = match((2, 3, 7), parse_shape("*batch f"), {"*batch": (4,)})
    assert isinstance(found, Mismatch)
    (wrong,) = found.wrong
    assert wrong.axis.kind is AxisKind.VARIADIC
    assert (wrong.position, wrong.expected, wrong.actual) == (0, (4,), (2, 3))


def test_the_rank_differs_before_any_axis_does() -> None:
    found = match((4,), parse_shape("batch seq"), {})
    assert isinstance(found, Mismatch)
    assert found.rank_differs
    assert found.wrong == ()


def test_the_bindings_given_are_not_changed() -> None:
    before = {"batch": 4}
    match((4, 7), parse_shape("batch seq"), before)
    match((3, 7), parse_shape("batch seq"), before)
    assert before == {"batch": 4}


def test_formatted_values_stand_for_what_the_judge_formatted() -> None:
    spec = parse_shape("n={self.hidden}-1")
    assert isinstance(match((19,), spec, {}, {"{self.hidden}-1": "20-1"}), Match)
    assert isinstance(match((20,), spec, {}, {"{self.hidden}-1": "20-1"}), Mismatch)


@pytest.mark.parametrize(
    ("expression", "size"),
    [
        ("a+b*2", 10),
        ("-(a-b)", 2),
        ("a//2", 1),
        ("b/2", 2),
        ("a/2", 1),
        ("a%2", 0),
        ("min(a,b)", 2),
        ("int(b/2)", 2),
        ("round(a/4)", 0),
        ("5/2", None),  # no size
        ("c", None),
        ("v", None),
        ("a/0", None),
        ("1e999", None),
        ("a**2", None),
        ("True", None),
        ("open('x')", None),
        ("a.real", None),
        ("a if b else 1", None),
        ("{x}", None),
        ("a +", None),
        ("", None),
    ],
)
def test_an_expression_is_worked_out_without_running_code(
    expression: str, size: int | None
) -> None:
    assert evaluate(expression, {"a": 2, "b": 4, "v": (1, 2)}) == size
