"""Operations in a reader's words."""

from __future__ import annotations

import operator

import pytest

from shapecheck.core.signs import spoken

METHODS = [
    name
    for name in dir(operator)
    if name.startswith("__") and name.strip("_") in ("eq", "ne", "lt", "and", "add", "matmul")
]


@pytest.mark.parametrize("method", METHODS)
def test_a_method_of_python_is_the_sign_that_calls_it(method: str) -> None:
    left, right = (True, False) if method == "__and__" else (3, 4)
    if method == "__matmul__":
        assert spoken(method) == "@"  # no number has it
    else:
        assert eval(f"{left} {spoken(method)} {right}") == getattr(operator, method)(left, right)


def test_reflected_and_in_place_methods_are_the_same_sign() -> None:
    assert spoken("__rsub__") == spoken("__isub__") == spoken("__sub__")
    assert spoken("__ror__") == spoken("__or__")


@pytest.mark.parametrize("name", ["add", "mse_loss", "nn.LSTM", "__len__"])
def test_other_names_stay(name: str) -> None:
    assert spoken(name) == name.strip("_")
