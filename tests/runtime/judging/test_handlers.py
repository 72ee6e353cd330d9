"""Which handlers ask for ShapeError by name, and which only swallow it."""

# ruff: noqa: SIM105, PT027  (how each handler is written is what is tested)
from __future__ import annotations

import asyncio
import contextlib
import unittest
from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

import shapecheck
from shapecheck import ShapeError
from shapecheck.check import explain
from shapecheck.runtime.guard import Guard

ALIAS = ShapeError
SEVERAL = (KeyError, ShapeError)


# A guard of our own: the plugin, where it is on, would report what these tests swallow.
guard = Guard(explain)


@guard.checked
def bad(x: Float[Tensor, "a b"]) -> None: ...


def call() -> None:
    bad(torch.zeros(1))


def by_name() -> None:
    try:
        call()
    except ShapeError:
        pass


def by_dotted_name() -> None:
    try:
        call()
    except shapecheck.ShapeError:
        pass


def by_alias() -> None:
    try:
        call()
    except ALIAS:
        pass


def in_a_tuple() -> None:
    try:
        call()
    except (KeyError, ShapeError):
        pass


def by_a_named_tuple() -> None:
    try:
        call()
    except SEVERAL:
        pass


def by_a_local_name() -> None:
    mine = ShapeError
    try:
        call()
    except mine:
        pass


def by_raises() -> None:
    with pytest.raises(ShapeError, match="lacks"):
        call()


def by_raises_called() -> None:
    pytest.raises(ShapeError, call)  # noqa: RUF061  (that is the case)


def by_raises_of_several() -> None:
    with pytest.raises((KeyError, ShapeError)):
        call()


def by_assert_raises() -> None:
    with unittest.TestCase().assertRaises(ShapeError):
        call()


def by_suppress() -> None:
    with contextlib.suppress(KeyError, ShapeError):
        call()


def by_name_around_one_that_hands_on() -> None:
    try:
        try:
            call()
        except Exception:
            raise
    except ShapeError:
        pass


def by_name_around_a_coroutine() -> None:
    async def inner() -> None:
        await asyncio.sleep(0)
        call()

    try:
        asyncio.run(inner())
    except ShapeError:
        pass


def by_name_in_a_comprehension() -> None:
    with pytest.raises(ShapeError):
        [bad(x) for x in (torch.zeros(1),)]


def widely() -> None:
    try:
        call()
    except Exception:
        pass


def nakedly() -> None:
    try:
        call()
    except:  # noqa: E722  (that is the case)
        pass


def as_a_type_error() -> None:
    try:
        call()
    except TypeError:
        pass


def by_suppressing_all() -> None:
    with contextlib.suppress(Exception):
        call()


def by_raises_of_type_error() -> None:
    with pytest.raises(TypeError):
        call()


def swallowed_before_one_who_asks() -> None:
    try:
        widely()
    except ShapeError:
        pass


def asked_elsewhere_in_the_function() -> None:
    try:
        pass
    except ShapeError:
        pass
    try:
        call()
    except Exception:
        try:
            pass
        except ShapeError:
            pass


def asked_in_the_handler_of_another() -> None:
    try:
        raise KeyError
    except KeyError:
        with contextlib.suppress(Exception):
            call()


def by_another_library() -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(Exception))
        call()


EXPECTED = [
    by_name,
    by_dotted_name,
    by_alias,
    in_a_tuple,
    by_a_named_tuple,
    by_a_local_name,
    by_raises,
    by_raises_called,
    by_raises_of_several,
    by_assert_raises,
    by_suppress,
    by_name_around_one_that_hands_on,
    by_name_around_a_coroutine,
    by_name_in_a_comprehension,
]
SWALLOWED = [
    widely,
    nakedly,
    as_a_type_error,
    by_suppressing_all,
    by_raises_of_type_error,
    swallowed_before_one_who_asks,
    asked_elsewhere_in_the_function,
    asked_in_the_handler_of_another,
    by_another_library,
]


def outcome(program: Callable[[], None]) -> Any:
    before = len(guard.record.raised)
    program()
    (raised,) = guard.record.raised[before:]
    return raised


@pytest.mark.parametrize("program", EXPECTED, ids=lambda p: p.__name__)
def test_a_handler_that_names_it_expects_it(program: Callable[[], None]) -> None:
    assert outcome(program).expected


@pytest.mark.parametrize("program", SWALLOWED, ids=lambda p: p.__name__)
def test_a_wider_handler_does_not(program: Callable[[], None]) -> None:
    assert not outcome(program).expected


def test_the_handler_that_swallowed_it_is_placed() -> None:
    caught_by = outcome(widely).caught_by
    assert caught_by.file == __file__
    assert caught_by.line == widely.__code__.co_firstlineno + 3
    assert caught_by.function == "widely"
