"""Data: the axes that two unsqueezes make, and the waves that they carry."""

import math

import numpy as np
import pytest
import torch

from tutorial.data import one_wave, time_steps, waves


def test_time_covers_one_period_in_float32() -> None:
    time = time_steps(10)
    assert time.shape == (10,)
    assert time.dtype == np.float32
    assert time[0] == 0
    assert time[-1] == np.float32(2 * np.pi)


def test_one_wave_is_a_batch_of_one_with_one_feature() -> None:
    x, y = one_wave()
    assert x.shape == y.shape == (1, 10, 1)
    assert x.dtype == y.dtype == torch.float32


def test_one_wave_reads_a_sine_and_predicts_a_cosine() -> None:
    x, y = one_wave()
    for t in range(10):
        angle = 2 * math.pi * t / 9
        assert x[0, t, 0].item() == pytest.approx(math.sin(angle), abs=1e-6)
        assert y[0, t, 0].item() == pytest.approx(math.cos(angle), abs=1e-6)


@pytest.mark.parametrize("batch", [1, 3, 10])
def test_every_wave_has_a_phase_of_its_own(batch: int) -> None:
    x, y = waves(batch, seq=7)
    assert x.shape == y.shape == (batch, 7, 1)
    for sample in range(batch):
        for t in range(7):
            angle = 2 * math.pi * (sample / batch + t / 6)
            assert x[sample, t, 0].item() == pytest.approx(math.sin(angle), abs=2e-6)
            assert y[sample, t, 0].item() == pytest.approx(math.cos(angle), abs=2e-6)


def test_a_single_one_of_the_waves_is_the_one_wave() -> None:
    for of_waves, alone in zip(waves(1), one_wave(), strict=True):
        torch.testing.assert_close(of_waves, alone)
