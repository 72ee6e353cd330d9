"""batch-mixing: what the rule says of a trial, and what its page shows."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.axis import Role
from shapecheck.core.evidence import Trial
from shapecheck.core.facts import Witness
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.site import Place
from shapecheck.rules import judge
from shapecheck.runtime.guard import Guard

Page = Callable[[str, str], list[Finding]]
Golden = Callable[[str, str], None]


def trial(**more: object) -> Trial:
    facts: dict[str, object] = {
        "function": "Reader.forward",
        "place": Place("model.py", 12),
        "kind": "disturbance",
        "axis": "batch",
        "law": "independent",
        "outcome": "broken",
        "output": "return",
        "output_axis": "batch",
        "declared": "batch seq 1",
        "before": (3,),
        "seen_sizes": (3,),
        "matrix": ((True, False, False), (True, True, False), (True, True, True)),
        "pattern": "causal",
        "first_break": Place("model.py", 13, 8),
        "operation": "nn.LSTM: (3, 5, 2) → (3, 5, 20)",
        "reads": "nn.LSTM(batch_first=False) takes (seq, batch, feature)",
        "remedy": "nn.LSTM(…, batch_first=True)",
    }
    return Trial(**{**facts, **more})  # type: ignore[arg-type] # the fields are those of Trial


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    found = laws_of_page("batch-mixing", "Example")
    (finding,) = (f for f in found if f.slug == "batch-mixing")
    assert (finding.slug, finding.severity) == ("batch-mixing", Severity.ERROR)
    assert finding.place.line == 13
    assert laws_of_page("batch-mixing", "Use instead") == []


def test_the_message(golden: Golden) -> None:
    (finding,) = judge([trial()])
    assert finding.place == Place("model.py", 13, 8)
    golden("batch-mixing.txt", str(finding))


def test_a_fault_that_a_batch_of_one_hid_is_said_to_be_latent() -> None:
    (finding,) = judge([trial(seen_sizes=(1,))])
    assert "latent" in finding.notes[0]


@pytest.mark.parametrize("outcome", ["held", "skipped", "fixed", "raised"])
def test_a_law_that_is_not_broken_is_no_finding(outcome: str) -> None:
    assert list(judge([trial(outcome=outcome)])) == []


@pytest.mark.parametrize("outcome", ["broken", "skipped"])
def test_mixing_that_is_meant_is_a_note(outcome: str) -> None:
    (finding,) = judge([trial(outcome=outcome, excuse="it is meant")])
    assert finding.severity is Severity.NOTE
    assert "it is meant" in finding.message


@pytest.mark.parametrize("axis", ["B", "N"])
def test_one_letter_is_a_warning(axis: str) -> None:
    (finding,) = judge([trial(axis=axis)])
    assert finding.severity is Severity.WARNING


LOADER = Witness(
    Role.BATCH, Place("model.py", 3), "the DataLoader stacks samples at axis 0", "loader"
)
LETTER = Witness(Role.BATCH, Place("model.py", 4), "it is called B", "name", weak=True)


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({}, Severity.ERROR),
        ({"reads": "", "operation": "view(4, -1): (2, 4) → (4, 2)"}, Severity.ERROR),
        ({"reads": "", "operation": "softmax(dim=0): (4, 2) → (4, 2)"}, Severity.WARNING),
        ({"within": "function"}, Severity.WARNING),
        ({"witnesses": (LETTER,)}, Severity.WARNING),
        ({"witnesses": (LETTER,), "reads": ""}, Severity.NOTE),
    ],
)
def test_where_nobody_declared_the_axis_the_severity_follows_the_evidence(
    more: dict[str, object], severity: Severity
) -> None:
    facts: dict[str, object] = {
        "witnesses": (LOADER,),
        "carrier": "axis 0 of x",
        "within": "module",
    }
    (finding,) = judge([trial(**{**facts, **more})])
    assert finding.severity is severity


def test_the_witness_of_an_undeclared_axis_is_cited(golden: Golden) -> None:
    (finding,) = judge([trial(witnesses=(LOADER,), carrier="axis 0 of x", within="module")])
    assert finding.cites == (Place("model.py", 3),)
    golden("batch-mixing-undeclared.txt", str(finding))


def test_a_finding_survives_as_plain_data() -> None:
    (finding,) = judge([trial()])
    assert Finding.from_dict(finding.to_dict()) == finding


# Statistics of the samples: a second witness


def found(target: Any, *given: Tensor) -> list[tuple[str, Severity]]:
    torch.manual_seed(0)
    guard = Guard(explain)
    laws = Laws(guard)
    if isinstance(target, nn.Module):
        guard.checked(type(target).forward)(target, *given)
    else:
        guard.checked(target)(*given)
    return [(f.slug, f.severity) for f in laws.conclude()]


def centred(points: Float[Tensor, "batch point 3"]) -> Float[Tensor, "batch point 3"]:
    return points - points.mean(dim=0, keepdim=True)


def in_deviations(gain: Float[Tensor, "batch time"]) -> Float[Tensor, "batch time"]:
    return gain / (gain.std(dim=0) + 1e-6)


def promised(x: Float[Tensor, "batch height width"]) -> Float[Tensor, "batch height width"]:
    """Zero mean within each image."""
    return x - x.mean(dim=0)


def of_clouds(points: Float[Tensor, "cloud point 3"]) -> Float[Tensor, "cloud point 3"]:
    return points / points.norm(dim=-1).amax()


class Centring(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(4, 2)

    def forward(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch label"]:
        return self.out(x - x.mean(dim=0))


@pytest.mark.parametrize(
    ("target", "shape"),
    [
        (centred, (4, 5, 3)),
        (in_deviations, (4, 5)),
        (promised, (4, 3, 3)),
        (of_clouds, (4, 5, 3)),
        (Centring(), (5, 4)),
    ],
)
def test_a_second_witness_makes_it_a_warning(target: Any, shape: tuple[int, ...]) -> None:
    assert found(target, torch.randn(shape)) == [("batch-mixing", Severity.WARNING)]


def baseline(returns: Float[Tensor, "batch time"]) -> Float[Tensor, "batch time"]:
    return returns - returns.mean(dim=0)


def by_step(x: Float[Tensor, "batch time band"]) -> Float[Tensor, "batch time band"]:
    return (x - x.mean(dim=0)) / x.std(dim=0)


def across_clouds(points: Float[Tensor, "batch point 3"]) -> Float[Tensor, "batch point 3"]:
    return points - points.mean(dim=0)


def less_the_mean(x: Float[Tensor, "image height width"]) -> Float[Tensor, "image height width"]:
    """Each image less the mean of all."""
    return x - x.mean(dim=0)


def balanced(scores: Float[Tensor, "batch prototype"]) -> Float[Tensor, "batch prototype"]:
    share = scores.exp()
    for _ in range(3):
        share = share / share.sum(dim=0, keepdim=True)
        share = share / share.sum(dim=1, keepdim=True)
    return share


class ByHand(nn.Module):
    """Batch normalisation without a memory."""

    def forward(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch feature"]:
        return (x - x.mean(dim=0)) / (x.var(dim=0) + 1e-5).sqrt()


class Kept(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(4))

    def forward(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch feature"]:
        centre = x.mean(dim=0) if self.training else self.centre
        return x - centre


@pytest.mark.parametrize(
    ("target", "shape"),
    [
        (baseline, (4, 5)),
        (by_step, (4, 5, 3)),
        (across_clouds, (4, 5, 3)),
        (less_the_mean, (4, 3, 3)),
        (balanced, (5, 4)),
        (ByHand(), (5, 4)),
        (Kept(), (5, 4)),
    ],
)
def test_without_one_it_stays_a_note(target: Any, shape: tuple[int, ...]) -> None:
    assert found(target, torch.randn(shape)) == [("batch-mixing", Severity.NOTE)]


def retrieval(scores: Float[Tensor, "picture caption"]) -> Float[Tensor, "picture caption"]:
    return scores.softmax(dim=0)


def attending(x: Float[Tensor, "camera point d"]) -> Float[Tensor, "camera point d"]:
    return x + x.mean(dim=0)


@pytest.mark.parametrize(("target", "shape"), [(retrieval, (4, 5)), (attending, (4, 5, 3))])
def test_what_may_not_be_a_batch_has_no_law(target: Any, shape: tuple[int, ...]) -> None:
    assert found(target, torch.randn(shape)) == []
