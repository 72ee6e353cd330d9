"""Words for what counts samples, in the forms that axes and sizes have."""

from __future__ import annotations

import pytest

from shapecheck.core.samples import counts_samples, stem


@pytest.mark.parametrize("name", ["image", "images", "n_docs", "num_users", "series", "n_series"])
def test_samples_are_told_in_every_form(name: str) -> None:
    assert counts_samples(name)


@pytest.mark.parametrize("name", ["token", "time", "site", "nodes", "row", "feature", "batch"])
def test_what_may_meet_is_no_word_for_samples(name: str) -> None:
    assert not counts_samples(name)


def test_a_stem_is_the_same_for_an_axis_and_its_size() -> None:
    assert stem("n_sensors") == stem("sensor") == stem("sensor_count")
    assert stem("class") == "class"
