"""operand-dtypes: which tensor has which dtype, and the cast that was tried."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from shapecheck.check import explain_crash
from shapecheck.core.finding import Finding


def refused(operation: nn.Module, *given: Tensor) -> Finding:
    x, *rest = given
    y = rest[0] if rest else None
    with pytest.raises(RuntimeError) as raised:
        operation(x) if y is None else operation(x, y)
    finding = explain_crash(raised.value)
    assert finding is not None
    return finding


def test_doubles_of_numpy_are_cast_to_what_the_weights_are() -> None:
    finding = refused(nn.Linear(5, 1), torch.zeros(8, 5, dtype=torch.float64))
    assert finding.slug == "operand-dtypes"
    assert finding.message == "nn.Linear was given `x` as float64, and takes float32"
    assert (finding.expected, finding.remedy) == ("x as float32", "x.float() gives float32")


def test_class_numbers_are_whole() -> None:
    finding = refused(nn.CrossEntropyLoss(), torch.zeros(6, 3), torch.zeros(6))
    assert finding.remedy == "y.long() gives int64"


def test_rows_of_ones_and_zeros_may_be_class_numbers_or_probabilities() -> None:
    y = F.one_hot(torch.tensor([0, 2, 1, 1]), 3)
    finding = refused(nn.CrossEntropyLoss(), torch.zeros(4, 3), y)
    assert finding.remedy == "y.argmax(1) gives (4,), or y.float() gives float32"
    assert nn.CrossEntropyLoss()(torch.zeros(4, 3), y.argmax(1)).shape == ()


def test_targets_of_a_loss_over_two_are_floats() -> None:
    finding = refused(nn.BCELoss(), torch.full((4, 1), 0.5), torch.ones(4, 1, dtype=torch.long))
    assert finding.remedy == "y.float() gives float32"


def test_the_message(golden: Callable[[str, str], None]) -> None:
    finding = refused(nn.Embedding(10, 4), torch.zeros(2, 3))
    golden("operand-dtypes.txt", str(finding))
