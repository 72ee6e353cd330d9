"""A small convolutional classifier of digit images that come channels-last from the reader."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


def to_channels_first(
    images: Float[Tensor, "batch height width channel"],
) -> Float[Tensor, "batch channel height width"]:
    return images.permute(0, 3, 1, 2)


def standardise(
    images: Float[Tensor, "batch channel height width"],
) -> Float[Tensor, "batch channel height width"]:
    """Zero mean and unit deviation within each image."""
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    deviation = images.std(dim=(1, 2, 3), keepdim=True)
    return (images - mean) / (deviation + 1e-6)


def brighten(
    images: Float[Tensor, "batch channel height width"], gain: Float[Tensor, "batch"]
) -> Float[Tensor, "batch channel height width"]:
    return images * gain[:, None, None, None]


class Classifier(nn.Module):
    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, 6, 3, padding=1)
        self.second = nn.Conv2d(6, 8, 3, padding=1)
        self.head = nn.Linear(8 * 3 * 2, classes)

    def forward(
        self, images: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch label"]:
        x = F.max_pool2d(F.relu(self.first(images)), 2)
        x = F.max_pool2d(F.relu(self.second(x)), 2)
        return self.head(x.flatten(1))


def accuracy(
    logits: Float[Tensor, "batch label"], labels: Int[Tensor, "batch"]
) -> Float[Tensor, ""]:
    predicted = logits.argmax(dim=1)
    return (predicted == labels).float().mean()


def confusion(
    logits: Float[Tensor, "batch label"], labels: Int[Tensor, "batch"]
) -> Float[Tensor, "label label"]:
    """Row: the true label; column: the mean probability given to each label."""
    probability = logits.softmax(dim=-1)
    true = F.one_hot(labels, logits.size(1)).float()
    return true.T @ probability / true.sum(dim=0).clamp(min=1)[:, None]
