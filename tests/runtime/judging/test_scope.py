"""The bindings of a call: lent to jaxtyping, credited, released, never mixed with another's."""

from __future__ import annotations

import pytest
import torch
from jaxtyping import Float, _storage, jaxtyped
from torch import Tensor

from shapecheck.runtime.judging.scope import Scope

zeros = torch.zeros


def names(scope: Scope) -> dict[str, object]:
    return {b.name: b.size for b in scope.bindings()}


def depth() -> int:
    return len(getattr(_storage._shape_storage, "memo_stack", []))


def test_bindings_are_there_inside_and_gone_outside() -> None:
    scope = Scope({})
    with scope:
        assert isinstance(zeros(3), Float[Tensor, "n"])
        assert not isinstance(zeros(4), Float[Tensor, "n"])
    assert isinstance(zeros(4), Float[Tensor, "n"])
    with scope:
        assert not isinstance(zeros(4), Float[Tensor, "n"])
    assert names(scope) == {"n": 3}


def test_a_judgement_within_a_body_goes_on_with_what_the_body_has_bound() -> None:
    scope = Scope({})
    with scope:
        assert isinstance(zeros(3), Float[Tensor, "n"])
        assert not isinstance(zeros(4, 5), Float[Tensor, "m n"])  # and binds no m
        with scope:
            assert names(scope) == {"n": 3}
            assert isinstance(zeros(7), Float[Tensor, "k"])
        assert names(scope) == {"n": 3, "k": 7}
    assert names(scope) == {"n": 3, "k": 7}


def test_another_ones_context_is_put_back() -> None:
    before = depth()
    with jaxtyped("context"):
        assert isinstance(zeros(9), Float[Tensor, "n"])
        with Scope({}):
            assert isinstance(zeros(3), Float[Tensor, "n"])
        assert not isinstance(zeros(3), Float[Tensor, "n"])
    assert depth() == before


def test_an_error_inside_leaves_nothing_behind() -> None:
    before, scope = depth(), Scope({})

    def fail() -> None:
        with scope:
            assert isinstance(zeros(3), Float[Tensor, "n"])
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert depth() == before
    assert names(scope) == {"n": 3}


def test_names_are_credited_to_the_declaration_that_bound_them_first() -> None:
    scope = Scope({})
    for source, tensor, text in (("x", zeros(2, 3), "*b s"), ("y", zeros(3, 4), "s h")):
        with scope:
            assert isinstance(tensor, Float[Tensor, text])
            scope.attribute(source)
    assert list(map(str, scope.bindings())) == ["s=3 from x", "h=4 from y", "*b=(2,) from x"]


def test_variadic_names_say_whether_they_may_still_grow() -> None:
    scope = Scope({})
    with scope:
        assert isinstance(zeros(1, 3), Float[Tensor, "*#b"])
        scope.attribute("x")
        assert names(scope) == {"*#b": (1, 3)}
        assert isinstance(zeros(2, 3), Float[Tensor, "*b"])
        scope.attribute("y")
    assert list(map(str, scope.bindings())) == ["*b=(2, 3) from x"]


def test_releasing_forgets_what_those_lines_have_bound() -> None:
    scope = Scope({})
    for line, text in ((0, "a"), (5, "b"), (6, "*c")):
        with scope:
            assert isinstance(zeros(3), Float[Tensor, text])
            scope.attribute(text, line)
    scope.release(5, 6)
    assert names(scope) == {"a": 3}
    with scope:
        assert isinstance(zeros(4), Float[Tensor, "b"])
        scope.attribute("again", 5)
    assert list(map(str, scope.bindings())) == ["a=3 from a", "b=4 from again"]
