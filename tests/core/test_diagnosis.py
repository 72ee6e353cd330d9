"""One fault told apart from the others, from facts alone."""

from __future__ import annotations

from typing import Any

import pytest

from shapecheck.core.diagnosis import diagnose, expected_text, named_shape
from shapecheck.core.evidence import Argument, Binding, Declaration, Observation, Violation
from shapecheck.core.grammar import parse_shape
from shapecheck.core.site import Place

HERE = Place("here.py", 3)
FLOATS = ("float32", "float64")


def declared(text: str, name: str = "x") -> Declaration:
    return Declaration(name, "parameter", f'Float[Tensor, "{text}"]', text, "Float", FLOATS)


def seen(*shape: int, dtype: str = "float32", kind: str = "Tensor") -> Observation:
    return Observation(kind, shape, dtype)


def refused(text: str, actual: Observation, bindings: Any = (), **facts: Any) -> Violation:
    bound = tuple(Binding(name, size, "x") for name, size in dict(bindings).items())
    return Violation("f", HERE, HERE, declared(text, "y"), actual, bindings=bound, **facts)


@pytest.mark.parametrize(
    ("text", "actual", "bindings", "fault"),
    [
        ("a b", seen(4, 3), {"a": 3, "b": 4}, "order"),
        ("a b", seen(3), {"a": 3}, "missing"),
        ("a", seen(3, 1), {}, "extra"),
        ("a b", seen(12), {"a": 3, "b": 4}, "merged"),
        ("12", seen(3, 4), {}, "merged"),
        ("a b", seen(5, 4), {"a": 3, "b": 4}, "conflict"),
        ("3", seen(4), {}, "size"),
        ("a 2**a", seen(3, 9), {}, "size"),
        ("a b", seen(3, 4, dtype="int64"), {}, "dtype"),
        ("a b", seen(4, 3, dtype="int64"), {"a": 3}, "dtype"),
        ("a b", Observation("list"), {}, "type"),
        ("a b", seen(3, 4), {}, "unknown"),
    ],
)
def test_the_fault(text: str, actual: Observation, bindings: Any, fault: str) -> None:
    assert diagnose(refused(text, actual, bindings)).fault == fault


def test_the_wrong_type_comes_before_everything() -> None:
    found = diagnose(refused("a b", seen(4, 3, dtype="int64", kind="ndarray"), wrong_type=True))
    assert found.fault == "type"
    assert found.fits


def test_an_exchange_has_to_make_the_whole_call_right() -> None:
    x = Argument(declared("n 4"), seen(5, 3))
    facts = {"others": (x,)}
    assert diagnose(refused("n 3", seen(5, 4), **facts)).exchanged == "x"
    third = Argument(declared("n", "z"), seen(9))
    assert diagnose(refused("n 3", seen(5, 4), others=(x, third))).fault == "size"
    unknown = Argument(Declaration("x", "parameter", "Union"), seen(5, 3))
    assert diagnose(refused("n 3", seen(5, 4), others=(unknown,))).fault == "size"


def test_an_earlier_argument_may_be_the_wrong_one() -> None:
    x = Argument(declared("batch seq"), seen(10, 3))
    found = diagnose(refused("batch", seen(3), {"batch": 10, "seq": 3}, others=(x,)))
    assert found.fault == "conflict"
    assert found.elsewhere is not None
    name, remedy = found.elsewhere
    assert (name, remedy.code, remedy.shape) == ("x", ".transpose(0, 1)", (3, 10))


def test_the_axis_that_can_only_be_missing_or_too_many() -> None:
    assert diagnose(refused("a b c", seen(3, 5), {"a": 3, "b": 4, "c": 5})).odd == (1,)
    assert diagnose(refused("a b", seen(3, 4, 5), {"a": 3, "b": 5})).odd == (1,)
    assert diagnose(refused("a b", seen(3, 4, 5))).odd == ()


def test_a_spec_with_what_is_known_of_it() -> None:
    spec = parse_shape("batch *m n-1 {self.h} 4", dtype="Float")
    text = expected_text(spec, {"batch": 3, "*m": (1, 2), "n": 5}, {"{self.h}": "20"})
    assert text == "(batch=3, *m=(1, 2), n-1=4, {self.h}=20, 4) Float"
    assert expected_text(parse_shape("a"), {}) == "(a,)"


def test_a_shape_with_the_names_of_its_axes() -> None:
    assert named_shape((3, 1, 7), parse_shape("batch 1 rows=7")) == "(batch=3, 1, rows=7)"
    assert named_shape((2, 3, 4), parse_shape("*m c")) == "(2, 3, c=4)"
    assert named_shape((3,), parse_shape("a")) == "(a=3,)"
