"""Samples that one word alone calls so, such as `tile`: what is done with a set on purpose."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Severity
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.probe import ProbeSettings

Tiles = Float[Tensor, "tile 8"]
Words = Float[Tensor, "document word 8"]
CORRECT: dict[str, Callable[[], tuple[nn.Module, Tensor]]] = {}
FAULTY: dict[str, Callable[[], tuple[nn.Module, Tensor]]] = {}


def model(
    kept: dict[str, Callable[[], tuple[nn.Module, Tensor]]], *shape: int
) -> Callable[[type[nn.Module]], type[nn.Module]]:
    def keep(made: type[nn.Module]) -> type[nn.Module]:
        kept[made.__name__] = lambda: (made(), torch.randn(*shape))
        return made

    return keep


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear, self.heads, self.three = nn.Linear(8, 8), nn.Linear(8, 24), nn.Linear(8, 3)
        self.attend = nn.MultiheadAttention(8, 2)
        self.attend_first = nn.MultiheadAttention(8, 2, batch_first=True)
        self.within = nn.MultiheadAttention(8, 2, batch_first=True)
        self.encode = nn.TransformerEncoderLayer(8, 2, 16)
        self.read_words = nn.GRU(8, 8, batch_first=True)
        self.read = nn.GRU(8, 8)
        self.along = nn.Conv1d(8, 8, 3, padding=1)

    def split(self, x: Tensor) -> tuple[Tensor, ...]:
        """Query, key and value: (head, tile, 4) each."""
        parts = self.heads(x).chunk(3, dim=-1)
        return tuple(part.view(-1, 2, 4).transpose(0, 1) for part in parts)


# One set, or one sequence


@model(CORRECT, 5, 8)
class UnbatchedAttention(Model):
    def forward(self, x: Tiles) -> Tiles:
        return x + self.attend(x, x, x)[0]


@model(CORRECT, 5, 8)
class OneSampleOfAttention(Model):
    def forward(self, x: Tiles) -> Tiles:
        one = x.unsqueeze(0)
        return x + self.attend_first(one, one, one)[0].squeeze(0)


@model(CORRECT, 5, 8)
class UnbatchedEncoder(Model):
    def forward(self, x: Tiles) -> Tiles:
        return self.encode(x)


@model(CORRECT, 5, 8)
class Scaled(Model):
    def forward(self, x: Tiles) -> Tiles:
        query, key, value = self.split(x)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return mixed.transpose(0, 1).reshape(x.shape)


@model(CORRECT, 5, 8)
class HeadsByHand(Model):
    def forward(self, x: Tiles) -> Tiles:
        query, key, value = self.split(x)
        weights = (query @ key.transpose(1, 2) / 2).softmax(dim=-1)
        return (weights @ value).transpose(0, 1).reshape(x.shape)


@model(CORRECT, 5, 8)
class AlongClips(Model):
    def forward(self, x: Float[Tensor, "clip 8"]) -> Float[Tensor, "clip 8"]:
        return self.along(x.T).T


@model(CORRECT, 5, 7, 8)
class RowsAndColumns(Model):
    """Axial attention: over the residues of each protein, then over proteins at each residue."""

    def forward(self, x: Float[Tensor, "protein residue 8"]) -> Float[Tensor, "protein residue 8"]:
        x = x + self.within(x, x, x)[0]
        turned = x.transpose(0, 1)
        return x + self.attend_first(turned, turned, turned)[0].transpose(0, 1)


@model(CORRECT, 5, 7, 8)
class WordsThenDocuments(Model):
    """The words of each are read first; what attends over documents knows of no words."""

    def forward(self, x: Words) -> Float[Tensor, "document 8"]:
        states = self.read_words(x)[0][:, -1]
        query, key, value = self.split(states)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return mixed.transpose(0, 1).reshape(states.shape)


@model(CORRECT, 5, 8)
class OneOfTheWholeInFront(Model):
    def forward(self, x: Tiles) -> tuple[Float[Tensor, "8"], Tiles]:
        whole = torch.cat([self.linear.bias[None], x])
        mixed = self.encode(whole)
        return mixed[0], mixed[1:]


@model(CORRECT, 5, 7, 8)
class AllWordsAsOneText(Model):
    def forward(self, x: Words) -> Words:
        return self.encode(x.reshape(-1, 1, 8)).reshape(x.shape)


@model(CORRECT, 4, 8)
class TwoByTwo(Model):
    """Tiles of one picture, laid where they belong."""

    def forward(self, x: Tiles) -> Tiles:
        picture = x.T.reshape(1, 8, 2, 2)
        return F.avg_pool2d(picture, 3, 1, 1).reshape(8, 4).T


# Weighed, described, compared


@model(CORRECT, 5, 8)
class EveryEdge(Model):
    """Attention over a complete graph (Veličković et al. 2018)."""

    def forward(self, x: Float[Tensor, "crop 8"]) -> Float[Tensor, "crop 8"]:
        to, come = x.sum(dim=1, keepdim=True), x.prod(dim=1, keepdim=True)
        return (to + come.T).relu().softmax(dim=1) @ x


@model(CORRECT, 5, 8)
class PairsSideBySide(Model):
    def forward(self, x: Tiles) -> Tiles:
        many = len(x)
        left, right = x[:, None].expand(-1, many, -1), x[None].expand(many, -1, -1)
        scores = torch.cat([left, right], dim=2).sum(dim=2)
        return scores.softmax(dim=1) @ x


@model(CORRECT, 5, 8)
class OneWeightEach(Model):
    def forward(self, x: Tiles) -> Float[Tensor, "tile 1"]:
        return self.linear(x).sum(dim=1, keepdim=True).softmax(dim=0)


@model(CORRECT, 5, 8)
class WeightsOfHeads(Model):
    """Attention pooling (Ilse et al. 2018): normalised over the tiles, summed over them."""

    def forward(self, x: Tiles) -> tuple[Float[Tensor, "head 8"], Float[Tensor, "tile head"]]:
        weights = self.three(x).softmax(dim=0)
        return weights.T @ x, weights


@model(CORRECT, 5, 8)
class WeightsByHand(Model):
    def forward(self, x: Tiles) -> tuple[Float[Tensor, "head 8"], Float[Tensor, "tile head"]]:
        scores = self.three(x)
        shares = (scores - scores.amax(dim=0)).exp()
        weights = shares / shares.sum(dim=0)
        return torch.einsum("th,tf->hf", weights, x), weights


@model(CORRECT, 5, 8)
class LargestOfAll(Model):
    def forward(self, x: Tiles) -> Float[Tensor, "tile 16"]:
        largest = self.linear(x).amax(dim=0, keepdim=True)
        return torch.cat([x, largest.expand_as(x)], dim=1)


@model(CORRECT, 5, 7, 8)
class MeanOfStates(Model):
    """What was read of each utterance, beside the mean of the whole talk."""

    def forward(self, x: Float[Tensor, "utterance word 8"]) -> Float[Tensor, "utterance 8"]:
        states = self.read_words(x)[0][:, -1]
        return states + self.linear(states.mean(dim=0))


@model(CORRECT, 5, 8)
class LessTheOthers(Model):
    def forward(self, x: Float[Tensor, "world 8"]) -> Float[Tensor, "world 8"]:
        others = (x.sum(dim=0, keepdim=True) - x) / (len(x) - 1)
        return self.linear(x) + self.linear(others)


# The wrong axis of two


@model(FAULTY, 5, 7, 8)
class LayerForgotten(Model):
    def forward(self, x: Words) -> Words:
        return self.read(x)[0]


@model(FAULTY, 5, 7, 8)
class AttentionForgotten(Model):
    def forward(self, x: Float[Tensor, "image patch 8"]) -> Float[Tensor, "image patch 8"]:
        return self.attend(x, x, x)[0]


@model(FAULTY, 5, 7, 8)
class ForgottenOfTwo(Model):
    def forward(self, x: Float[Tensor, "image patch 8"]) -> Float[Tensor, "image patch 8"]:
        x = self.within(x, x, x)[0]
        return self.attend(x, x, x)[0]


@model(FAULTY, 5, 7, 8)
class OverDocuments(Model):
    """Heads turned to the place of the words, and documents to that of the sequence."""

    def forward(self, x: Words) -> Words:
        parts = self.heads(x).chunk(3, dim=-1)
        query, key, value = (p.view(*x.shape[:2], 2, 4).transpose(0, 2) for p in parts)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return mixed.transpose(0, 2).reshape(x.shape)


@model(FAULTY, 5, 7, 8)
class LargestOfClouds(Model):
    def forward(self, x: Float[Tensor, "cloud point 8"]) -> Float[Tensor, "cloud point 16"]:
        largest = self.linear(x).amax(dim=0, keepdim=True)
        return torch.cat([x, largest.expand_as(x)], dim=2)


@model(FAULTY, 5, 7, 8)
class OneRadiusForAll(Model):
    def forward(self, x: Float[Tensor, "cloud point 8"]) -> Float[Tensor, "cloud point 8"]:
        radius = x.norm(dim=2).amax(dim=1)
        return x / radius.amax().view(-1, 1, 1)


@model(FAULTY, 5, 8)
class ColumnByRow(Model):
    def forward(self, x: Float[Tensor, "image 8"]) -> Float[Tensor, "image"]:
        first, second = x[:, :1], x[:, 1]
        return (first - second).abs().sum(dim=1)


@model(FAULTY, 5, 8)
class ClassesOfImages(Model):
    def forward(self, x: Float[Tensor, "image 8"]) -> Float[Tensor, "image class"]:
        return self.three(x).softmax(dim=0)


@model(FAULTY, 5, 8)
class SharesOfImages(Model):
    def forward(self, x: Float[Tensor, "image 8"]) -> Float[Tensor, "image class"]:
        positive = self.three(x).exp()
        return positive / positive.sum(dim=0)


def found(target: nn.Module, given: Tensor) -> tuple[list[str], list[Severity]]:
    """What rules on trials say, and how strongly."""
    guard = Guard(explain)
    laws = Laws(guard, settings=ProbeSettings(most_seconds=5, budget=60, longest=60))
    guard.checked(type(target).forward)(target, given)
    told = [f for f in laws.conclude() if f.slug == "batch-mixing"]
    return [f.message for f in told], [f.severity for f in told]


@pytest.mark.parametrize("name", CORRECT)
def test_what_is_done_with_a_set_on_purpose_is_a_note(name: str) -> None:
    torch.manual_seed(0)
    messages, severities = found(*CORRECT[name]())
    assert severities == [Severity.NOTE]
    assert ": they " in messages[0]


@pytest.mark.parametrize("name", FAULTY)
def test_where_another_axis_could_have_been_meant_it_is_a_fault(name: str) -> None:
    torch.manual_seed(0)
    assert found(*FAULTY[name]())[1] == [Severity.WARNING]


@pytest.mark.parametrize(("written", "slugs"), [(False, []), (True, ["axis-size-fixed"])])
def test_as_many_as_a_model_was_made_for(written: bool, slugs: list[str]) -> None:
    """A number that is kept makes a set of so many; one on the line is a size of today."""

    class Numbered(Model):
        def forward(self, x: Float[Tensor, "world 8"]) -> Float[Tensor, "world 13"]:
            if written:
                return torch.cat([self.linear(x), torch.eye(5)], dim=1)
            return torch.cat([self.linear(x), torch.eye(self.many)], dim=1)

    numbered = Numbered()
    numbered.many = 5
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(Numbered.forward)(numbered, torch.randn(5, 8))
    assert [finding.slug for finding in laws.conclude()] == slugs


@pytest.mark.parametrize("clouds", [3, 4, 9])
def test_what_is_laid_elsewhere_is_not_laid_out(clouds: int) -> None:
    class Turns(nn.Module):
        def forward(self, angle: Float[Tensor, "cloud"]) -> Float[Tensor, "cloud 3 3"]:
            rows = [angle.cos(), -angle.sin(), angle.sin(), angle.cos(), *[angle] * 5]
            return torch.stack(rows).view(-1, 3, 3)

    torch.manual_seed(0)
    assert found(Turns(), torch.randn(clouds))[1] == [Severity.WARNING]


def test_what_is_called_a_batch_is_one() -> None:
    """The same attention over an axis that its author called `batch`."""

    class OverTheBatch(Model):
        def forward(self, x: Float[Tensor, "batch 8"]) -> Float[Tensor, "batch 8"]:
            return x + self.attend(x, x, x)[0]

    torch.manual_seed(0)
    assert found(OverTheBatch(), torch.randn(5, 8))[1] == [Severity.ERROR]
