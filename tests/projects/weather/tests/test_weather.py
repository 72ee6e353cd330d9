import pytest
import torch
from weather.model import Attention, Forecast, hottest
from weather.readings import anomalies, as_column, standardised, windows


@pytest.fixture(scope="module")
def readings():
    torch.manual_seed(0)
    return torch.randn(9, 3) * torch.tensor([1.0, 5.0, 0.5]) + 4


def test_every_station_is_standardised(readings):
    scaled = standardised(readings)
    torch.testing.assert_close(scaled.mean(dim=0), torch.zeros(3), atol=1e-6, rtol=0)
    torch.testing.assert_close(scaled.std(dim=0), torch.ones(3))


def test_windows_follow_each_other(readings):
    cut = windows(readings, 4)
    assert len(cut) == 6
    assert torch.equal(cut[2], readings[2:6])


def test_anomalies_have_the_shape_of_the_readings(readings):
    assert anomalies(readings).shape == readings.shape


def test_a_series_becomes_a_column(readings):
    assert as_column(readings[:, 1]).shape == (9, 1)


def test_the_forecast_has_a_row_for_every_window(readings):
    model = Forecast(stations=3)
    assert model(windows(readings, 4)).shape == (6, 3)


def test_the_attention_stays_within_the_days(readings):
    states = torch.randn(5, 4, 8)
    low, high = states.amin(dim=1), states.amax(dim=1)
    summary = Attention(8)(states)
    assert bool(((low <= summary) & (summary <= high)).all())


def test_the_hottest_station_is_named():
    assert hottest(torch.tensor([[1.0, 3.0, 2.0], [5.0, 0.0, 1.0]])).tolist() == [1, 0]
