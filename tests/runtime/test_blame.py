"""Which line is named, and whose a file is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import jaxtyping
import pytest
import torch
import typeguard
from jaxtyping import Float
from torch import Tensor

import shapecheck
from shapecheck import ShapeError, checked
from shapecheck.check import explain
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.ownership import is_ours, is_torchs, is_users


@checked
def strict(x: Float[Tensor, "a b"]) -> Float[Tensor, "b"]:
    if x.shape[0] == 1:
        return x  # first
    return x[0]


class Net(torch.nn.Module):
    @checked
    def forward(self, x: Float[Tensor, "a b"]) -> None: ...


def line_of(text: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    return next(i for i, line in enumerate(lines, 1) if line.endswith(text))


def place_of(function: Any, *args: Any) -> shapecheck.Finding:
    with pytest.raises(ShapeError) as caught:
        function(*args)
    return caught.value.finding


def test_the_callers_line_is_named_for_an_argument() -> None:
    def calls() -> None:
        strict(torch.zeros(1))  # called here

    place = place_of(calls).place
    assert (place.file, place.line) == (__file__, line_of("# called " + "here"))
    assert place.function.endswith("calls")


def test_torchs_module_call_is_passed_over() -> None:
    def calls() -> None:
        Net()(torch.zeros(1))  # called as a module

    assert place_of(calls).place.line == line_of("# called as a " + "module")


def test_python_itself_is_passed_over() -> None:
    async def late() -> None:
        strict(torch.zeros(1))  # awaited here

    assert place_of(lambda: asyncio.run(late())).place.line == line_of("# awaited " + "here")

    def through_the_library() -> None:
        list(map(strict, [torch.zeros(1)]))  # mapped here

    assert place_of(through_the_library).place.line == line_of("# mapped " + "here")


def test_a_thread_without_a_line_of_the_users_has_no_place() -> None:
    found: list[Any] = []

    def keep(arguments: Any) -> None:
        found.append(arguments.exc_value.finding.place)

    before, threading.excepthook = threading.excepthook, keep
    try:
        own = Guard(explain).checked(strict.__wrapped__)  # type: ignore[attr-defined]  # by wraps
        thread = threading.Thread(target=own, args=(torch.zeros(1),))
        thread.start()
        thread.join(10)
    finally:
        threading.excepthook = before
    assert str(found[0]) == "<unknown>"


def test_whose_a_file_is(tmp_path: Path) -> None:
    for module in (shapecheck, torch, torch.nn.functional, typeguard, jaxtyping, pytest, json):
        assert not is_users(str(module.__file__)), module
    for module in (asyncio.tasks, contextlib):
        assert not is_users(str(module.__file__)), module
    for user in (
        __file__,
        str(tmp_path / "torch" / "train.py"),
        "/home/me/torch/pytest/model.py",
        "/home/me/shapecheck-course/model.py",
        "<stdin>",
        "<ipython-input-1>",
        f"{sys.prefix}/lib/python3.11/site-packages/lightning/trainer.py",
    ):
        assert is_users(user), user
    assert is_ours(str(shapecheck.__file__))
    assert not is_ours(str(Path(shapecheck.__file__).parent) + "-course/model.py")
    assert is_torchs(str(torch.nn.__file__))


def test_the_traceback_ends_at_the_line_of_the_return() -> None:
    with pytest.raises(ShapeError) as caught:
        double(torch.zeros(2, 3))
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.name) == (__file__, "double")
    assert last.line == "return x * 2  # the only one"


@checked
def double(x: Float[Tensor, "a b"]) -> Float[Tensor, "b a"]:
    return x * 2  # the only one


def test_of_several_returns_none_is_guessed() -> None:
    """Without the import hook it is not known which of them ran."""
    place = place_of(strict, torch.zeros(1, 3)).place
    assert place.line == line_of('def strict(x: Float[Tensor, "a b"]) -> Float[Tensor, "b"]:')
