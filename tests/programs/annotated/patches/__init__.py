"""A vision transformer on small images: patches, a class token, one encoder layer."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


def patchify(
    images: Float[Tensor, "batch channel height width"], size: int
) -> Float[Tensor, "batch patch pixel"]:
    batch, channels, height, width = images.shape
    rows, columns = height // size, width // size
    grid = images.reshape(batch, channels, rows, size, columns, size)
    return grid.permute(0, 2, 4, 3, 5, 1).reshape(batch, rows * columns, -1)


class PatchClassifier(nn.Module):
    def __init__(self, pixels: int, patches: int, width: int, classes: int) -> None:
        super().__init__()
        self.embed = nn.Linear(pixels, width)
        self.start = nn.Parameter(torch.randn(1, 1, width) * 0.1)
        self.position = nn.Parameter(torch.randn(1, patches + 1, width) * 0.1)
        self.encoder = nn.TransformerEncoderLayer(width, 2, 32, dropout=0.0, batch_first=True)
        self.head = nn.Linear(width, classes)

    def tokens(
        self, patches: Float[Tensor, "batch patch pixel"]
    ) -> Float[Tensor, "batch token width"]:
        start = self.start.expand(patches.size(0), -1, -1)
        return torch.cat([start, self.embed(patches)], dim=1) + self.position

    def forward(
        self, patches: Float[Tensor, "batch patch pixel"]
    ) -> Float[Tensor, "batch label"]:
        encoded = self.encoder(self.tokens(patches))
        summary = encoded[:, 0]
        return self.head(summary)


def flip(
    images: Float[Tensor, "batch channel height width"],
) -> Float[Tensor, "batch channel height width"]:
    """Mirror left and right."""
    return images.flip(3)
