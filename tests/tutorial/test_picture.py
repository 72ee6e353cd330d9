"""The picture: which curve is drawn where, and what is said when it cannot be drawn."""

import sys
from pathlib import Path

import numpy as np
import pytest

from tutorial import picture
from tutorial.data import time_steps, waves


@pytest.mark.parametrize("batch", [1, 3, 6])
def test_each_panel_shows_the_target_and_prediction_of_its_sample(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = []
    figure_class = pytest.importorskip("matplotlib.figure").Figure
    monkeypatch.setattr(figure_class, "savefig", lambda self, file: figures.append(self))
    x, y = waves(batch)
    picture.draw(Path("unused.png"), time_steps(), target=y, prediction=x)
    panels = figures[0].axes
    assert len(panels) == min(batch, 4)
    for sample, panel in enumerate(panels):
        target, prediction = panel.lines
        assert (target.get_label(), prediction.get_label()) == ("target", "prediction")
        np.testing.assert_array_equal(target.get_xdata(), time_steps())
        np.testing.assert_array_equal(target.get_ydata(), y[sample, :, 0])
        np.testing.assert_array_equal(prediction.get_ydata(), x[sample, :, 0])


@pytest.mark.parametrize("name", ["waves.png", "waves.svg", "WAVES.PDF"])
def test_the_end_of_the_name_decides_the_kind(tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / name
    picture.check(file)
    picture.draw(file, time_steps(), *waves(2))
    assert file.stat().st_size > 1000


@pytest.mark.parametrize("name", ["waves.xyz", "waves"])
def test_an_unknown_kind_is_refused_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(picture.CannotDraw, match=r"should end in a kind of picture: .*png.*svg"):
        picture.check(tmp_path / name)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(picture.CannotDraw, match=r"there is no folder '.*missing'"):
        picture.check(tmp_path / "missing" / "waves.png")


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.backend_bases", None)
    with pytest.raises(picture.CannotDraw, match="pip install matplotlib"):
        picture.check(Path("waves.png"))
