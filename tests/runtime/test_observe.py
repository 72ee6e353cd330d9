"""What is said of a value: type, shape, dtype; its contents are never read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from shapecheck.core.evidence import Observation
from shapecheck.runtime.observe import dtype_name, observe, parts


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (torch.zeros(2, 3), Observation("Tensor", (2, 3), "float32")),
        (torch.nn.Parameter(torch.zeros(2)), Observation("Parameter", (2,), "float32")),
        (torch.zeros(2, device="meta"), Observation("Tensor", (2,), "float32")),
        (torch.zeros(2, 3).to_sparse(), Observation("Tensor", (2, 3), "float32")),
        (np.zeros((2, 3)), Observation("ndarray", (2, 3), "float64")),
        (np.float32(1), Observation("float32", (), "float32")),
        (np.zeros(2, bool), Observation("ndarray", (2,), "bool")),
        (3, Observation("int")),
        (None, Observation("NoneType")),
        (int, Observation("type")),
        (torch.nn.UninitializedParameter(), Observation("UninitializedParameter")),
    ],
    ids=lambda v: str(v)[:30].replace("\n", " "),
)
def test_a_value_as_it_is_seen(value: Any, seen: Observation) -> None:
    assert observe(value) == seen


def test_a_property_that_fails_is_not_our_failure() -> None:
    class Hostile:
        @property
        def shape(self) -> object:
            raise RuntimeError("mine")

    assert observe(Hostile()) == Observation("Hostile")


@pytest.mark.parametrize("dtype", [torch.float32, np.dtype("float32"), "float32"])
def test_a_dtype_has_one_name_in_every_library(dtype: Any) -> None:
    assert dtype_name(dtype) == "float32"


def test_containers_are_told_by_what_they_hold() -> None:
    x = torch.zeros(2)
    assert parts((x, 3, None)) == "tuple of ((2,) float32, int, None)"
    assert parts({"h": x}) == "dict of {'h': (2,) float32}"
    assert parts([1] * 9) == "list of (int, int, int, int, … 9 items)"
    assert parts([[[[1]]]]) == "list of (list of (list))"
