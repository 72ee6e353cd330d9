"""What is too large, too slow or not to be replayed is left alone, with a word about it."""

import time
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from shapecheck.core.evidence import Skipped, Trial
from shapecheck.runtime import probe as probes
from shapecheck.runtime.probe import Prober, ProbeSettings
from shapecheck.runtime.replaying import replaying
from shapecheck.runtime.state.snapshot import Snapshot

A = Float[Tensor, "batch d"]


def doubled(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x * 2


def slow(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    end = time.thread_time() + 0.02
    while time.thread_time() < end:
        pass
    return x * 2


def generated(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    yield x


def run(prober: Prober, asked: Any) -> list[Trial | Skipped]:
    pending = prober.before(asked)
    if pending is None:
        return list(prober.skipped())
    prober.after(pending, asked.function(*asked.args, **asked.kwargs))
    return prober.run(pending)


def reason(found: list[Trial | Skipped]) -> str:
    (only,) = found
    assert isinstance(only, Skipped)
    return only.reason


class Looking(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(3 << 10, 256)  # 3 MiB

    def forward(self, x: A) -> A:
        return x * self.table.weight.detach()[0, 0]


def test_state_that_is_too_large_is_not_copied(call: Any) -> None:
    found = run(Prober(ProbeSettings(most_bytes=1 << 10)), call(doubled, torch.randn(4, 300)))
    assert reason(found) == "its state is larger than 0.000976562 MiB (probe_megabytes)"


@pytest.mark.parametrize(("gradients", "size"), [(False, 3.0), (True, 6.0)])
def test_what_is_too_large_is_named(call: Any, gradients: bool, size: float) -> None:
    looking = Looking()
    if gradients:
        looking.table.weight.grad = torch.zeros_like(looking.table.weight)
    asked = call(looking, torch.randn(4, 3))
    assert reason(run(Prober(ProbeSettings(most_bytes=1 << 20)), asked)) == (
        f"its state ({size} MiB, most of it self.table.weight (3072, 256)) is larger than 1 MiB "
        "(probe_megabytes)"
    )


def test_a_quick_call_whose_state_takes_long_to_copy(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    revive = Snapshot.revive

    def slowly(*args: Any) -> Any:
        slow(torch.zeros(0, 0))  # 0.02 s
        return revive(*args)

    monkeypatch.setattr(Snapshot, "revive", slowly)
    asked = call(Looking(), torch.randn(4, 3))
    assert reason(run(Prober(ProbeSettings(most_seconds=0.015)), asked)) == (
        "its state (3.0 MiB, most of it self.table.weight (3072, 256)) takes more than 0.015 s to "
        "copy (probe_seconds)"
    )


def test_a_slice_of_a_large_tensor_is_not_large(call: Any) -> None:
    whole = torch.randn(1000, 1000)
    found = run(Prober(ProbeSettings(most_bytes=1 << 16)), call(doubled, whole[3:7]))
    assert {t.outcome for t in found if isinstance(t, Trial)} == {"held"}


def test_a_call_that_is_too_slow_is_tried_once(call: Any) -> None:
    found = run(Prober(ProbeSettings(most_seconds=0.015)), call(slow, torch.randn(4, 3)))
    assert reason(found) == "the call takes more than 0.015 s (probe_seconds)"


def test_a_call_that_is_too_slow_is_not_watched_either(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = []
    monkeypatch.setattr(probes, "tracked", lambda bench, _: watched.append(bench) or ())
    run(Prober(ProbeSettings(most_seconds=0.015)), call(slow, torch.randn(4, 3)))
    assert watched == []
    run(Prober(), call(doubled, torch.randn(4, 3)))
    assert len(watched) == 1


def test_a_call_that_is_much_too_slow_is_tried_at_another_call_and_then_left(call: Any) -> None:
    prober, x = Prober(ProbeSettings(most_seconds=0.001)), torch.randn(4, 3)
    assert run(prober, call(slow, x)) == []
    found = run(prober, call(slow, x))
    assert reason(found) == "the call takes more than 0.001 s (probe_seconds)"
    assert prober.before(call(slow, x)) is None


def test_the_time_for_one_kind_is_bounded(call: Any) -> None:
    found = run(Prober(ProbeSettings(budget=0.05)), call(slow, torch.randn(40, 3)))
    assert Skipped(found[-1].function, found[-1].place, "no time was left") in found


def test_a_large_batch_is_tried_at_some_of_its_samples(call: Any) -> None:
    found = run(Prober(), call(doubled, torch.randn(100, 3)))
    (trial,) = (t for t in found if isinstance(t, Trial) and t.kind == "disturbance")
    assert trial.detail == "17 of 100 indices of `batch` tried"


def test_a_kind_is_probed_once(call: Any) -> None:
    prober = Prober()
    assert run(prober, call(doubled, torch.randn(4, 3)))
    assert prober.before(call(doubled, torch.randn(5, 7))) is None
    assert not prober.wants(doubled, (torch.randn(4, 3),), {})
    assert prober.before(call(doubled, torch.randn(1, 3))) is not None  # a batch of one is another
    assert prober.before(call(doubled, torch.randn(4, 3).double())) is not None


def test_modules_of_other_layers_are_of_another_kind(call: Any) -> None:
    class Net(nn.Module):
        def __init__(self, first: bool) -> None:
            super().__init__()
            self.rnn = nn.RNN(3, 4, batch_first=first)

        def forward(self, x: Float[Tensor, "batch t 3"]) -> Float[Tensor, "batch t 4"]:
            return self.rnn(x)[0]

    prober, x = Prober(), torch.randn(4, 5, 3)
    nets = (Net(True), Net(True), Net(False), Net(True).eval())
    kinds = [prober.before(call(net, x)) is not None for net in nets]
    assert kinds == [True, False, True, True]


def test_a_call_that_raised_leaves_its_kind_to_another(call: Any) -> None:
    prober = Prober()
    pending = prober.before(call(doubled, torch.randn(4, 3)))
    assert pending is not None
    prober.failed(pending)
    assert run(prober, call(doubled, torch.randn(4, 3)))
    assert prober.run(pending) == []


def test_generators_are_left_alone(call: Any) -> None:
    assert reason(run(Prober(), call(generated, torch.randn(4, 3)))) == "a generator or coroutine"


def test_a_reason_is_said_once(call: Any) -> None:
    prober = Prober()
    prober.before(call(generated, torch.randn(4, 3)))
    prober.before(call(generated, torch.randn(1, 3)))
    assert len(prober.skipped()) == 1
    assert prober.skipped() == []


def test_nothing_is_probed_inside_a_replay(call: Any) -> None:
    prober, seen = Prober(), []

    def outer(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        seen.append((replaying(), prober.wants(doubled, (x,), {})))
        return x

    found = run(Prober(), call(outer, torch.randn(4, 3)))
    assert any(isinstance(t, Trial) for t in found)
    assert seen == [(False, True)]


def test_inside_vmap_nothing_is_probed(call: Any) -> None:
    prober, reasons = Prober(), []

    def inner(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        assert prober.before(call(doubled, x)) is None
        return x * 2

    torch.vmap(inner)(torch.randn(2, 4, 3))
    reasons += [s.reason for s in prober.skipped()]
    assert reasons == ["inside a functorch transform (vmap, grad)"]


def test_under_a_mode_nothing_is_probed(call: Any) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    prober = Prober()
    with FlopCounterMode(display=False):
        assert prober.before(call(doubled, torch.randn(4, 3))) is None
    assert reason(list(prober.skipped())) == "under a torch function or dispatch mode"


def test_an_answer_that_differs_by_itself_proves_nothing(call: Any) -> None:
    def timed(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        return x + time.perf_counter()

    assert "something else" in reason(run(Prober(), call(timed, torch.randn(4, 3).double())))


@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("inference", [True, False])
def test_a_replay_runs_in_the_modes_of_the_call(call: Any, grad: bool, inference: bool) -> None:
    def noted(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        mode = (
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.is_autocast_enabled("cpu"),
        )
        return x + (1.0 if mode == EXPECTED[0] else 0.0)

    EXPECTED[0] = (grad, inference, True)
    prober = Prober()
    with torch.inference_mode(inference), torch.set_grad_enabled(grad), torch.autocast("cpu"):
        asked = call(noted, torch.randn(4, 3))
        pending = prober.before(asked)
        assert pending is not None
        result = noted(*asked.args)
        prober.after(pending, result)
    assert torch.equal(result, asked.args[0] + 1)
    trials = [t for t in prober.run(pending) if isinstance(t, Trial)]
    assert {t.outcome for t in trials} == {"held"}


EXPECTED = [(True, False, False)]
