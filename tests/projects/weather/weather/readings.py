"""From a table of readings to windows that a network reads."""

import torch
from jaxtyping import Float
from torch import Tensor


def standardised(readings: Float[Tensor, "day station"]) -> Float[Tensor, "day station"]:
    """Every station with a mean of zero and a spread of one over the days."""
    mean: Float[Tensor, "1 station"] = readings.mean(dim=0, keepdim=True)
    spread: Float[Tensor, "1 station"] = readings.std(dim=0, keepdim=True)
    return (readings - mean) / spread


def windows(
    readings: Float[Tensor, "day station"], length: int
) -> Float[Tensor, "window {length} station"]:
    """Every run of `length` days, one after the other."""
    starts = range(readings.size(0) - length + 1)
    return torch.stack([readings[start : start + length] for start in starts])


def anomalies(readings):
    """How far each reading is from the mean of its day."""
    return readings - readings.mean(dim=1, keepdim=True)


def as_column(series: Float[Tensor, "day"]) -> Float[Tensor, "day 1"]:
    """The readings of one station as a table of one column."""
    return series[:, None]
