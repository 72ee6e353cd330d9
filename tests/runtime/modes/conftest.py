"""A guard of the test's own, which may not fail in its own code, and a function under it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jaxtyping import Float
from torch import Tensor

from shapecheck.check import explain
from shapecheck.runtime.guard import Guard


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard(explain)
    yield guard
    assert guard.record.internal_errors == []


@pytest.fixture
def doubled(guard: Guard) -> Callable[[Any], Any]:
    def doubled(x: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch 3"]:
        return x * 2

    return guard.checked(doubled)
