"""batch-hard-coded: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "in forward": """
from torch.utils.data import DataLoader, TensorDataset
class Net(nn.Module):
    def forward(self, x):
        return x.reshape(4, -1)
for (x,) in DataLoader(TensorDataset(torch.randn(8, 2, 3)), batch_size=4):
    Net()(x)
""",
    "called N, and read so by a layer": """
conv = nn.Conv2d(3, 2, 3)
def forward(x):
    N, C, H, W = x.shape
    return conv(x).reshape(4, -1)
forward(torch.randn(4, 3, 6, 6))
""",
}

SILENT = {
    "taken from the tensor": """
def flatten(x):
    return x.view(x.shape[0], -1)
batch_size = 8
flatten(torch.randn(batch_size, 3, 4))
""",
    "the features are known": """
def heads(x):
    return x.view(-1, 2, 4)
batch_size = 8
heads(torch.randn(batch_size, 8))
""",
    "called N, and read by nothing": """
def pooled(x):
    N, D = x.shape
    return x.reshape(4, 2, D).mean(dim=1)
pooled(torch.randn(8, 3))
""",
    "frames of one video": """
conv = nn.Conv2d(3, 2, 3)
def describe(video):
    n_frames, channels, height, width = video.shape
    return conv(video).reshape(4, -1)
describe(torch.randn(4, 3, 6, 6))
""",
    "a script with its own data": """
batch_size = 8
x = torch.randn(batch_size, 3, 4).view(8, -1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "batch-hard-coded" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
