"""flip-of-wrong-axis: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

_LOADER = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
data = TensorDataset(torch.rand(8, 3, 6, 6), torch.arange(8))
for images, labels in DataLoader(data, batch_size=4):
"""

FIRES = {
    "a batch of a loader, left to right": _LOADER + "    torch.fliplr(images)",
    "a batch of a loader, upside down": _LOADER + "    images.flipud()",
    "a batch that a convolution reads": """
x = torch.rand(4, 3, 6, 6)
y = torch.rot90(x)
nn.Conv2d(3, 2, 3)(x)
""",
    "one picture, its channels in front": """
n_channels, height, width = 3, 6, 6
torch.flipud(torch.rand(n_channels, height, width))
""",
}

SILENT = {
    "along named dims": _LOADER
    + """
    torch.flip(images, [-1]), torch.rot90(images, 1, (2, 3)), torch.rot90(images, dims=[-2, -1])
    torch.fliplr(images[0].permute(1, 2, 0)), images[:, 0, 0].fliplr()
""",
    "samples put in reverse beside themselves": _LOADER
    + "    0.7 * images + 0.3 * images.flip(0), images.flatten(1).flipud(), labels.flipud()",
    "one picture of rows and columns": """
height, width = 6, 6
torch.fliplr(torch.rand(height, width)), torch.flipud(torch.rand(height, width, 3))
torch.rot90(torch.rand(height, width, 3))
""",
    "kernels of a convolution": """
conv = nn.Conv2d(3, 4, 3)
conv(torch.rand(2, 3, 6, 6)), torch.fliplr(conv.weight), torch.rot90(conv.weight, 2, [2, 3])
""",
    "steps of a sequence": """
batch_size, seq_len = 4, 5
torch.fliplr(torch.rand(batch_size, seq_len, 3)), torch.rand(batch_size, seq_len, 3, 8, 8).fliplr()
torch.fliplr(torch.rand(batch_size, seq_len, 8, 8))
""",
    "a stack of masks": "torch.fliplr(torch.rand(4, 6, 6)), torch.flipud(torch.rand(4, 1, 6, 6))",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert [finding.slug for finding in seen(program)] == ["flip-of-wrong-axis"]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
