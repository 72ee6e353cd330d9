"""Words that count samples here, and steps, draws or parts of one sample there."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Finding, Severity
from shapecheck.runtime.guard import Guard

Case = tuple[Any, ...]
CORRECT: dict[str, Callable[[], Case]] = {}
FAULTY: dict[str, Callable[[], Case]] = {}


def case(kept: dict[str, Callable[[], Case]], *shapes: tuple[int, ...]) -> Callable[[Any], Any]:
    def keep(target: Any) -> Any:
        kept[target.__name__] = lambda: (target, *map(torch.rand, shapes))
        return target

    return keep


# Samples of a signal follow one another


@case(CORRECT, (2, 22))
def in_blocks(audio: Float[Tensor, "channel sample"]) -> Float[Tensor, "channel sample"]:
    last, done = torch.zeros(2), []
    for part in audio.split(8, dim=1):
        last = 0.9 * last + 0.1 * part.amax(dim=1)
        done.append(part / (1 + last[:, None]))
    return torch.cat(done, dim=1)


@case(CORRECT, (3, 2, 22))
def low_pass(audio: Float[Tensor, "batch channel sample"]) -> Float[Tensor, "batch channel sample"]:
    return F.conv1d(audio, torch.ones(2, 1, 3) / 3, padding=1, groups=2)


@case(CORRECT, (22,))
def pre_emphasis(wave: Float[Tensor, "samples"]) -> Float[Tensor, "samples"]:
    return torch.cat([wave[:1], wave[1:] - 0.97 * wave[:-1]])


@case(CORRECT, (3, 22))
def echo(audio: Float[Tensor, "batch n_samples"]) -> Float[Tensor, "batch n_samples"]:
    return audio + audio.roll(3, dims=-1)


@case(CORRECT, (22, 3))
def slow_waves(eeg: Float[Tensor, "sample electrode"]) -> Float[Tensor, "sample electrode"]:
    """Below 40 Hz."""
    keep = torch.fft.rfftfreq(22, 1 / 250) < 40
    filtered: Tensor = torch.fft.irfft(torch.fft.rfft(eeg, dim=0) * keep[:, None], n=22, dim=0)
    return filtered


@case(CORRECT, (5, 8))
def loudness(wave: Float[Tensor, "frame sample"]) -> Float[Tensor, "frame sample"]:
    return wave.square().cumsum(dim=1).sqrt()


@case(CORRECT, (16, 6))
class Accelerometer(nn.Module):
    """A label for each sample of one recording."""

    def __init__(self) -> None:
        super().__init__()
        self.read, self.out = nn.GRU(6, 8), nn.Linear(8, 4)

    def forward(self, x: Float[Tensor, "sample sensor"]) -> Float[Tensor, "sample label"]:
        labels: Tensor = self.out(self.read(x)[0])
        return labels


# Samples along a ray, draws of one distribution, points of one cloud


@case(CORRECT, (4, 6), (4, 6, 3), (6,))
def composite(
    density: Float[Tensor, "ray sample"],
    colour: Float[Tensor, "ray sample 3"],
    step: Float[Tensor, "sample"],
) -> tuple[Float[Tensor, "ray 3"], Float[Tensor, "ray sample"]]:
    alpha = 1 - torch.exp(-density * step)
    clear = torch.cat([torch.ones_like(alpha[:, :1]), 1 - alpha[:, :-1]], dim=1)
    weights = alpha * clear.cumprod(dim=1)
    return (weights[..., None] * colour).sum(dim=1), weights


@case(CORRECT, (6, 4))
def importance(log_weights: Float[Tensor, "sample batch"]) -> Float[Tensor, "sample batch"]:
    """Normalised over the draws of each datum (arXiv:1509.00519)."""
    return log_weights.softmax(dim=0)


@case(CORRECT, (30,), (30, 2))
def resampled(
    log_weights: Float[Tensor, "sample"], states: Float[Tensor, "sample state"]
) -> Float[Tensor, "sample state"]:
    """A particle filter's systematic resampling."""
    weights = log_weights.softmax(dim=0)
    places = (torch.arange(len(weights)) + 0.5) / len(weights)
    return states[torch.searchsorted(weights.cumsum(dim=0), places).clamp(max=len(weights) - 1)]


@case(CORRECT, (30, 5, 2))
def ordered(
    paths: Float[Tensor, "sample horizon series"],
) -> Float[Tensor, "sample horizon series"]:
    """The draws of a forecast in order, for quantiles at every step."""
    return paths.sort(dim=0).values


@case(CORRECT, (4, 30, 2))
def ranks(draws: Float[Tensor, "chain draw parameter"]) -> Float[Tensor, "chain draw parameter"]:
    """Among all chains and draws (arXiv:1903.08008)."""
    flat = draws.flatten(0, 1)
    return flat.argsort(dim=0).argsort(dim=0).to(flat).view_as(draws)


@case(CORRECT, (4, 20, 3))
def beside_the_largest(cloud: Float[Tensor, "batch sample 3"]) -> Float[Tensor, "batch sample 6"]:
    return torch.cat([cloud, cloud.amax(dim=1, keepdim=True).expand_as(cloud)], dim=-1)


# Panels, users, documents, views


@case(CORRECT, (5, 12, 3))
def cross_section(panel: Float[Tensor, "instance time 3"]) -> Float[Tensor, "instance time 3"]:
    return panel.argsort(dim=0).argsort(dim=0).float()


@case(CORRECT, (5, 7))
def residual(ratings: Float[Tensor, "user item"]) -> Float[Tensor, "user item"]:
    return ratings - ratings.mean(0) - ratings.mean(1, keepdim=True) + ratings.mean()


@case(CORRECT, (3, 7))
def retrieved(scores: Float[Tensor, "batch n_docs"]) -> Float[Tensor, "batch n_docs"]:
    return scores.softmax(dim=1)


@case(CORRECT, (4, 3, 8, 8))
class MultiView(nn.Module):
    """Views of one object, each of which looks at all."""

    def __init__(self) -> None:
        super().__init__()
        self.encode, self.look = nn.Conv2d(3, 8, 3, padding=1), nn.MultiheadAttention(8, 2)

    def forward(self, views: Float[Tensor, "view 3 height width"]) -> Float[Tensor, "view 8"]:
        x = self.encode(views).mean(dim=(2, 3))
        seen: Tensor = x + self.look(x, x, x)[0]
        return seen


@case(CORRECT, (5, 6, 8))
class Story(nn.Module):
    """The words of each sentence, then the sentences in the order they were written."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.story = nn.GRU(8, 8, batch_first=True), nn.GRU(8, 8)

    def forward(self, x: Float[Tensor, "sentence word 8"]) -> Float[Tensor, "sentence 8"]:
        told: Tensor = self.story(self.words(x)[0][:, -1])[0]
        return told


# Where they stand as a batch does, they are one


@case(FAULTY, (5, 6, 8))
class LayerForgotten(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.read = nn.GRU(8, 8)

    def forward(self, x: Float[Tensor, "sample time 8"]) -> Float[Tensor, "sample time 8"]:
        states: Tensor = self.read(x)[0]
        return states


@case(FAULTY, (5, 4))
def probabilities(logits: Float[Tensor, "sample class"]) -> Float[Tensor, "sample class"]:
    return logits.softmax(dim=0)


def found(target: Any, *given: Tensor) -> list[Finding]:
    torch.manual_seed(0)
    guard = Guard(explain)
    laws = Laws(guard)
    model = isinstance(target, type)
    function, owner = (target.forward, (target(),)) if model else (target, ())
    guard.checked(function)(*owner, *given)
    seen = laws.conclude()
    assert laws.trials, [skipped.reason for skipped in laws.skipped]
    return [finding for finding in seen if finding.severity is not Severity.NOTE]


@pytest.mark.parametrize("name", CORRECT)
def test_nothing_is_found(name: str) -> None:
    assert found(*CORRECT[name]()) == []


@pytest.mark.parametrize("name", FAULTY)
def test_samples_that_stand_as_a_batch_does_must_not_mix(name: str) -> None:
    assert "batch-mixing" in [finding.slug for finding in found(*FAULTY[name]())]
