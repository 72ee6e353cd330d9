"""role-conflict: what a module keeps for one axis is laid along others that were merged."""

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Severity
from shapecheck.runtime.guard import Guard

Video = Float[Tensor, "clip frame row column width"]
Patches = Float[Tensor, "clip frame patch width"]


class Places(nn.Module):
    """As many frames as patches; `at` is where the embeddings of frames get their new axis."""

    def __init__(self, frame: int, patch: int, width: int, at: int) -> None:
        super().__init__()
        self.when = nn.Parameter(torch.randn(frame, width))
        self.where = nn.Parameter(torch.randn(patch, width))
        self.at = at

    def forward(self, video: Video) -> Patches:
        return video.flatten(2, 3) + self.when.unsqueeze(self.at) + self.where


class Rows(nn.Module):
    """One gain for each row, laid along rows and columns merged, repeated as they are."""

    def __init__(self, row: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.randn(row))

    def forward(self, video: Video) -> Patches:
        columns = video.size(3)
        return video.flatten(2, 3) * self.gain.repeat_interleave(columns)[:, None]


def found(model: nn.Module, video: Tensor) -> list[tuple[str, Severity]]:
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(type(model).forward)(model, video)
    told = laws.conclude()
    assert laws.trials, [skipped.reason for skipped in laws.skipped]
    return [(f.slug, f.severity) for f in told if f.severity is not Severity.NOTE]


def test_frames_laid_along_merged_rows_and_columns() -> None:
    video = torch.randn(2, 4, 2, 2, 3)
    assert found(Places(4, 4, 3, 0), video) == [("role-conflict", Severity.WARNING)]


@pytest.mark.parametrize("model", [Places(4, 4, 3, 1), Rows(2)])
def test_what_lies_where_it_belongs(model: nn.Module) -> None:
    assert found(model, torch.randn(2, 4, 2, 2, 3)) == []
