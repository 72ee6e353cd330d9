"""layer-input: torch's error about a layer, told by what the layer reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from shapecheck.check import explain_crash
from shapecheck.core.finding import Finding


def crash(run: Callable[[], Any]) -> Finding | None:
    with pytest.raises((RuntimeError, ValueError, IndexError, AssertionError)) as raised:
        run()
    return explain_crash(raised.value)


def lstm(batch_first: bool, x: tuple[int, ...], h: tuple[int, ...]) -> Finding | None:
    layer, state = nn.LSTM(1, 20, batch_first=batch_first), torch.zeros(h)
    return crash(lambda: layer(torch.zeros(x), (state, state)))


@pytest.mark.parametrize(
    ("batch_first", "x", "h"),
    [(False, (3, 10, 1), (1, 3, 20)), (True, (10, 3, 1), (1, 3, 20))],
)
def test_a_sequence_in_the_other_order_names_the_setting(
    batch_first: bool, x: tuple[int, ...], h: tuple[int, ...]
) -> None:
    finding = lstm(batch_first, x, h)
    assert finding is not None
    assert finding.slug == "layer-input"
    assert f"batch_first={not batch_first}" in finding.remedy
    assert f"torch.zeros(x).transpose(0, 1) gives {(x[1], x[0], x[2])}" in finding.remedy


def test_the_message_for_batch_first_left_out(golden: Callable[[str, str], None]) -> None:
    golden("layer-input-batch-first.txt", str(lstm(False, (3, 10, 1), (1, 3, 20))))


def test_a_state_laid_out_batch_first_is_turned_round() -> None:
    finding = lstm(True, (3, 10, 1), (3, 1, 20))
    assert finding is not None
    assert finding.actual == "state (3, 1, 20) float32"
    assert finding.remedy == "state.transpose(0, 1) gives (1, 3, 20)"


def test_channels_last_images_move_one_axis_and_keep_the_others_in_order() -> None:
    x = torch.zeros(2, 28, 30, 3)
    finding = crash(lambda: nn.Conv2d(3, 8, 3)(x))
    assert finding is not None
    assert finding.remedy == "x.permute(0, 3, 1, 2) gives (2, 3, 28, 30)"


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (nn.Linear(5, 2), (3, 4), "input (..., in_features=5)"),
        (nn.BatchNorm1d(5), (3, 4), "input (batch, num_features=5)"),
        (nn.LayerNorm(5), (3, 4), "input (..., normalized=5)"),
        (nn.GRUCell(5, 2), (3, 4), "input (batch, input_size=5)"),
    ],
)
def test_each_layer_says_what_it_reads(
    layer: nn.Module, shape: tuple[int, ...], expected: str
) -> None:
    input = torch.zeros(shape)
    finding = crash(lambda: layer(input))
    assert finding is not None
    assert (finding.slug, finding.expected) == ("layer-input", expected)


def test_a_layer_whose_inputs_fit_is_not_blamed() -> None:
    """The kernel is larger than the image: the layout is right, so the axes are not the fault."""
    finding = crash(lambda: nn.Conv2d(3, 8, 5)(torch.zeros(2, 3, 4, 4)))
    assert finding is not None
    assert finding.slug == "operand-shapes"


def test_an_error_of_the_user_is_not_explained() -> None:
    def fail() -> None:
        raise RuntimeError("the batch is too large for my taste")

    class Own(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise ValueError(f"no: size {x.shape}")

    assert explain_crash(KeyError("size")) is None
    assert crash(fail) is None
    assert crash(lambda: Own()(torch.zeros(2))) is None


def test_a_size_is_told_as_a_size_and_mended_first() -> None:
    layer, x = nn.Linear(400, 120), torch.zeros(8, 256)
    finding = crash(lambda: layer(x))
    assert finding is not None
    assert finding.message == (
        "nn.Linear was built for in_features=400, but axis 1 of `x` has size 256"
    )
    assert finding.remedy == "build the layer with in_features=256"
    assert nn.Linear(256, 120)(x).shape == (8, 120)


def test_samples_are_not_read_as_features_because_the_sizes_fit() -> None:
    """x.permute(1, 2, 0) goes through: there happen to be four samples."""
    layer, x = nn.Linear(4, 2), torch.zeros(4, 5, 3)
    finding = crash(lambda: layer(x))
    assert finding is not None
    assert finding.remedy == "build the layer with in_features=3"
    assert nn.Linear(3, 2)(x).shape == (4, 5, 2)


@pytest.mark.parametrize(
    ("shape", "moved", "step"),
    [
        ((20, 9, 6), (20, 6, 9), ".transpose(1, 2)"),
        ((2, 8, 9, 6), (2, 6, 8, 9), ".permute(0, 3, 1, 2)"),
    ],
)
@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), nn.NLLLoss()], ids=["ce", "nll"])
@pytest.mark.parametrize("functional", [False, True])
def test_classes_at_the_last_axis(
    shape: tuple[int, ...], moved: tuple[int, ...], step: str, loss: nn.Module, functional: bool
) -> None:
    scores, tags = torch.zeros(shape), torch.zeros(shape[:-1], dtype=torch.long)
    criterion = F.cross_entropy if functional else loss
    finding = crash(lambda: criterion(scores, tags))
    assert finding is not None
    at = len(shape) - 1
    assert finding.message.endswith(
        f"reads the classes at axis 1 of scores, but they are at axis {at}"
    )
    assert finding.remedy == f"scores{step} gives {moved}"
    assert criterion(scores.movedim(-1, 1), tags).dim() == 0


@pytest.mark.parametrize("batch_first", [False, True])
def test_a_mask_of_padding_the_other_way_round(batch_first: bool) -> None:
    attention = nn.MultiheadAttention(8, 2, batch_first=batch_first)
    x = torch.zeros((6, 13, 8) if batch_first else (13, 6, 8))
    pad = torch.zeros(13, 6, dtype=torch.bool)
    finding = crash(lambda: attention(x, x, x, key_padding_mask=pad))
    assert finding is not None
    assert finding.expected == "pad (batch=6, source=13)"
    forgotten = "" if batch_first else "build the layer with batch_first=True, or "
    assert finding.remedy == f"{forgotten}pad.T gives (6, 13)"
    assert attention(x, x, x, key_padding_mask=pad.transpose(0, 1))[0].shape == x.shape


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_recurrent_layer_is_built_for_the_features_there_are(kind: type[nn.Module]) -> None:
    layer, x = kind(5, 8), torch.zeros(7, 3, 6)
    finding = crash(lambda: layer(x))
    assert finding is not None
    assert finding.remedy == "build the layer with input_size=6"


def test_a_whole_sample_is_not_taken_for_its_features() -> None:
    """An image without its batch: 4·900 values are what the layer reads of one."""
    layer, x = nn.Linear(3600, 2), torch.zeros(4, 900)
    finding = crash(lambda: layer(x))
    assert finding is not None
    assert finding.remedy == ""


def test_a_model_of_torchs_layers_is_given_a_batch_of_one() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 900, 2))
    image = torch.zeros(3, 32, 32)
    finding = crash(lambda: model(image))
    assert finding is not None
    assert finding.remedy == "image.unsqueeze(0) gives (1, 3, 32, 32), a batch of one"
    assert model(image.unsqueeze(0)).shape == (1, 2)
