"""index-out-of-range: how far the indices reach, and how far they may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from shapecheck.check import explain_crash
from shapecheck.core.finding import Finding


def refused(run: Callable[[], object]) -> Finding:
    with pytest.raises((IndexError, RuntimeError)) as raised:
        run()
    finding = explain_crash(raised.value)
    assert finding is not None
    assert finding.slug == "index-out-of-range"
    return finding


def test_a_vocabulary_with_one_word_more_than_the_table(golden: Callable[[str, str], None]) -> None:
    table, tokens = nn.Embedding(50, 8), torch.tensor([[1, 50, 0]])
    finding = refused(lambda: table(tokens))
    assert finding.remedy == "build the layer with num_embeddings=51"
    assert nn.Embedding(51, 8)(tokens).shape == (1, 3, 8)
    golden("index-out-of-range.txt", str(finding))


def test_classes_that_count_from_one_are_told_first() -> None:
    scores, labels = torch.zeros(4, 3), torch.tensor([1, 2, 3, 1])
    finding = refused(lambda: nn.CrossEntropyLoss()(scores, labels))
    assert finding.remedy == "labels - 1 counts the classes from 0"
    assert finding.message == ("`labels` reaches to 3 in nn.CrossEntropyLoss, which has 3 classes")
    nn.CrossEntropyLoss()(scores, labels - 1)


def test_scores_for_too_few_classes() -> None:
    scores, labels = torch.zeros(4, 3), torch.tensor([0, 2, 3, 1])
    finding = refused(lambda: nn.CrossEntropyLoss()(scores, labels))
    assert finding.remedy == "give scores a score for each of 4 classes, 0 to 3"


def test_a_list_of_python_is_not_about_tensors() -> None:
    with pytest.raises(IndexError) as raised:
        [torch.zeros(2)][1]
    assert explain_crash(raised.value) is None
