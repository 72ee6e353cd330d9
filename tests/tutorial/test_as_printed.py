"""The printed model: right for one sample, and silent about three."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from shapecheck import ShapeError
from tutorial.as_printed import AsPrinted
from tutorial.data import one_wave, waves
from tutorial.model import LSTM

ROOT = Path(__file__).parents[2]


@pytest.mark.shapecheck(probe=False)  # shapecheck would try other batches, and find the fault
def test_with_one_sample_it_is_the_lstm_of_the_section() -> None:
    torch.manual_seed(0)
    printed, model = AsPrinted(), LSTM()
    model.load_state_dict(printed.state_dict())
    x, _ = one_wave()
    state = torch.randn(1, 1, 20), torch.randn(1, 1, 20)
    for of_printed, of_model in zip(printed(x, *state), model(x, *state), strict=True):
        torch.testing.assert_close(of_printed, of_model)


def test_it_starts_from_zeros_for_one_sample() -> None:
    for state in AsPrinted().init_hidden():
        assert state.shape == (1, 1, 20)
        assert (state == 0).all()


@pytest.mark.parametrize("chapter", ["rnn.md", "rnn.zh.md"])
def test_with_three_samples_the_plugin_says_what_the_chapters_show(
    chapter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)  # files are shown from here on
    x, _ = waves(3)
    zeros = torch.zeros(1, 3, 20)
    with pytest.raises(ShapeError) as raised:
        AsPrinted()(x, zeros, zeros)
    text = (ROOT / "docs" / "tutorial" / chapter).read_text(encoding="utf-8")
    assert f"```console\n{raised.value}\n```" in text


BATCH_OF_THREE = """
import torch
from tutorial.as_printed import AsPrinted
from tutorial.data import waves
torch.manual_seed(0)
printed = AsPrinted()
x, y = waves(3)
zeros = torch.zeros(1, 3, 20)
prediction, *_ = printed(x, zeros, zeros)
print(tuple(prediction.shape))
x[1:] = 0  # the other two samples are gone: nothing moves
print(torch.equal(prediction, printed(x, zeros, zeros)[0]))
"""


def test_with_three_samples_it_answers_for_the_first_without_a_word() -> None:
    # In a process of its own: here, under the plugin, the call is stopped and explained.
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BATCH_OF_THREE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "(1, 10, 1)\nTrue\n", "")
