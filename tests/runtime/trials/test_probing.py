"""What a guard asks at a call: our own failure is said, and is none of the user's."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck.check import explain
from shapecheck.core.evidence import Skipped, Trial
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.trials.probing import Probing


def beside(x: Float[Tensor, "batch d"], other: object) -> Float[Tensor, "batch d"]:
    return x * 2


def guarded(probing: Probing) -> Any:
    guard = Guard(explain)
    guard.probing = probing
    return guard.checked(beside)


def evidence(probing: Probing) -> Iterator[object]:
    probing.settle()
    for _, found in probing.conclude():
        yield from found


@pytest.mark.parametrize("measured", [False, True])
def test_a_failure_of_ours_is_said(monkeypatch: pytest.MonkeyPatch, measured: bool) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("ours")

    probing = Probing(measured=lambda: measured)
    monkeypatch.setattr(probing.prober, "look" if measured else "before", fails)
    x = torch.ones(4, 3)
    assert torch.equal(guarded(probing)(x, None), x * 2)
    (said,) = evidence(probing)
    assert isinstance(said, Skipped)
    assert said.reason == "shapecheck failed: RuntimeError: ours"


def test_what_was_noted_is_tried_once_and_then_forgotten() -> None:
    probing = Probing(measured=lambda: True)
    function = guarded(probing)
    for other in (object(), "text", "more"):
        function(torch.randn(4, 3), other)
    held = [e for e in evidence(probing) if isinstance(e, Trial) and e.kind == "disturbance"]
    assert [trial.outcome for trial in held] == ["held", "held"]  # two kinds, by type of `other`
    assert list(evidence(probing)) == []


def test_nothing_is_copied_while_time_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    probing = Probing(measured=lambda: True)
    copied: list[object] = []
    before = probing.prober.before
    monkeypatch.setattr(probing.prober, "before", lambda call: copied.append(call) or before(call))
    guarded(probing)(torch.randn(4, 3), None)
    assert copied == []
    # The wrapper is gone by now, as one that a test defines for itself is.
    assert [e for e in evidence(probing) if isinstance(e, Trial)]
    assert len(copied) == 1


def refuses_once(x: Float[Tensor, "batch d"], before: list[int]) -> Float[Tensor, "batch d"]:
    before.append(1)
    if len(before) == 1:
        raise ValueError("not yet")
    return x * 2


def test_a_call_that_raised_leaves_its_kind_to_another() -> None:
    probing = Probing(measured=lambda: True)
    guard = Guard(explain)
    guard.probing = probing
    function = guard.checked(refuses_once)
    with pytest.raises(ValueError, match="not yet"):
        function(torch.ones(4, 3), [])
    function(torch.ones(4, 3), [0, 0])
    assert [e for e in evidence(probing) if isinstance(e, Trial)]
