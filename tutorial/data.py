"""Data: from ten numbers to a tensor that a recurrent network reads.

A recurrent network wants three axes. ``batch`` counts the examples, ``seq`` the steps in
time, ``feature`` the numbers measured at each step. Ten values of a sine have only one of
them, so the other two, each of size 1, are added with ``unsqueeze``.
"""

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor


def time_steps(seq: int = 10) -> Float32[np.ndarray, "{seq}"]:
    """``seq`` points in time over one period, both ends included, in radians."""
    # float32, because that is what a model's weights are; linspace alone gives float64.
    return np.linspace(0, 2 * np.pi, seq, dtype=np.float32)


def one_wave() -> tuple[
    Float32[Tensor, "batch=1 seq=10 feature=1"],
    Float32[Tensor, "batch=1 seq=10 feature=1"],
]:
    """One sine to read and the cosine to predict, as the section makes them."""
    time = time_steps(10)
    x_np: Float32[np.ndarray, "seq"] = np.sin(time)
    y_np: Float32[np.ndarray, "seq"] = np.cos(time)
    # unsqueeze(0) puts `batch` in front, unsqueeze(-1) puts `feature` at the end.
    x: Float32[Tensor, "1 seq 1"] = torch.from_numpy(x_np).unsqueeze(0).unsqueeze(-1)
    y: Float32[Tensor, "1 seq 1"] = torch.from_numpy(y_np).unsqueeze(0).unsqueeze(-1)
    return x, y


def waves(
    batch: int, seq: int = 10
) -> tuple[Float32[Tensor, "{batch} {seq} feature=1"], Float32[Tensor, "{batch} {seq} feature=1"]]:
    """Several waves at once. Each starts at a phase of its own, so no two samples are alike.

    ``waves(1)`` is the wave of ``one_wave``.
    """
    # A column of phases and a row of times: their sum has every phase at every time.
    phase: Float32[Tensor, "batch 1"] = (torch.arange(batch) * (2 * torch.pi / batch)).unsqueeze(-1)
    time: Float32[Tensor, "1 seq"] = torch.from_numpy(time_steps(seq)).unsqueeze(0)
    angle: Float32[Tensor, "batch seq"] = phase + time
    x: Float32[Tensor, "batch seq 1"] = torch.sin(angle).unsqueeze(-1)
    y: Float32[Tensor, "batch seq 1"] = torch.cos(angle).unsqueeze(-1)
    return x, y
