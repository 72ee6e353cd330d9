"""Replays leave no trace: the state before a probe equals the state after it."""

import csv
import io
import mmap
import queue
import random
import sqlite3
import threading
import types
import warnings
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jaxtyping import Float
from torch import Tensor, nn

from shapecheck.core.evidence import Skipped, Trial
from shapecheck.runtime.state.memory import NoCopyError
from shapecheck.runtime.state.snapshot import Snapshot

Probe = Callable[..., list[Trial | Skipped]]


def state(value: Any, seen: dict[int, int] | None = None) -> Any:
    """Everything that can change in an object graph, sharing included, as comparable values."""
    seen = {} if seen is None else seen
    if isinstance(value, (int, float, str, bytes, bool, type(None), type, types.ModuleType)):
        return value
    if id(value) in seen:
        return ("seen", seen[id(value)])
    seen[id(value)] = len(seen)
    if isinstance(value, Tensor):
        grad = value.grad if value.is_leaf and value.requires_grad else None
        return ("tensor", id(value), value._version, value.detach().numpy().tobytes(),
                state(grad, seen), state(vars(value), seen))  # fmt: skip
    if isinstance(value, torch.Generator):
        return ("generator", id(value), value.get_state().tolist())
    if isinstance(value, np.ndarray):
        return ("array", id(value), value.tobytes())
    if isinstance(value, dict):
        return ("dict", id(value), [(state(k, seen), state(v, seen)) for k, v in value.items()])
    if isinstance(value, (list, tuple)):
        return (type(value), id(value), [state(item, seen) for item in value])
    if isinstance(value, (set, frozenset)):
        return (type(value), id(value), sorted(map(str, value)))
    if isinstance(value, types.FunctionType):
        cells = [state(c.cell_contents, seen) for c in value.__closure__ or ()]
        return (
            "function",
            id(value),
            cells,
            state(value.__defaults__, seen),
            state(vars(value), seen),
        )
    if isinstance(value, types.MethodType):
        return ("method", state(value.__func__, seen), state(value.__self__, seen))
    if isinstance(value, weakref.ref):
        return ("weak", id(value()))
    return (type(value), id(value), state(getattr(value, "__dict__", {}), seen))


def around() -> Any:
    """The state outside of any object: random numbers, modes, warnings."""
    numpy = np.random.get_state()
    return (
        torch.get_rng_state().tolist(), numpy[1].tolist(), numpy[2:], random.getstate(),
        torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_default_dtype(),
        id(warnings.filters), list(warnings.filters), torch.is_warn_always_enabled(),
        len(torch.cuda._queued_calls),
    )  # fmt: skip


class Layered(nn.Module):
    """Whatever the parts do to themselves while they run."""

    def __init__(self, parts: list[str], train: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.parts = parts
        self.norm, self.drop = nn.BatchNorm1d(3), nn.Dropout(0.5)
        self.h: Tensor | None = None
        self.calls, self.seen, self.table = 0, [], {}
        self.register_buffer("total", torch.zeros(3))
        self.tied = nn.Linear(3, 3)
        self.tied.weight = self.linear.weight
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            self.old = nn.utils.weight_norm(nn.Linear(3, 3))
        self.spectral = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3))
        counter = {"hooked": 0}

        def hook(module: nn.Module, args: Any, out: Any) -> None:
            counter["hooked"] += 1
            self.seen.append(out.detach())

        def before(module: nn.Module, args: Any) -> None:
            counter["before"] = counter.get("before", 0) + 1

        def of_gradient(gradient: Tensor) -> Tensor:
            counter["gradients"] = counter.get("gradients", 0) + 1
            return gradient * 2

        if "hook" in parts:
            self.linear.register_forward_hook(hook)
            self.linear.register_forward_pre_hook(before)
            self.linear.weight.register_hook(of_gradient)
        self.optimiser = torch.optim.SGD(self.linear.parameters(), lr=0.1, momentum=0.9)
        self.generator = torch.Generator().manual_seed(1)
        self.row = self.total[:2]
        self.train(train)

    def forward(self, x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        for part in self.parts:
            x = getattr(self, "do_" + part)(x)
        return self.linear(x)

    def do_norm(self, x: Tensor) -> Tensor:
        return self.norm(x) if x.size(0) > 1 else x

    def do_drop(self, x: Tensor) -> Tensor:
        return self.drop(x)

    def do_keep(self, x: Tensor) -> Tensor:
        self.h = x * 2
        return self.h

    def do_lazy(self, x: Tensor) -> Tensor:
        if self.h is None or self.h.shape != x.shape:
            self.h = torch.zeros(x.shape)
        self.h = self.h + x
        return self.h

    def do_count(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.table[self.calls] = x.shape
        return x

    def do_list(self, x: Tensor) -> Tensor:
        self.seen.append(x)
        return x

    def do_in_place(self, x: Tensor) -> Tensor:
        self.total += x.detach().sum(0)
        return x + 1

    def do_old(self, x: Tensor) -> Tensor:
        return self.old(x)

    def do_spectral(self, x: Tensor) -> Tensor:
        return self.spectral(x)

    def do_tied(self, x: Tensor) -> Tensor:
        return self.tied(x)

    def do_hook(self, x: Tensor) -> Tensor:
        return x

    def do_random(self, x: Tensor) -> Tensor:
        return x * (1 + random.random() + np.random.rand()) + torch.randn(x.shape)

    def do_argument(self, x: Tensor) -> Tensor:
        x.mul_(1.5)
        return x

    def do_warn(self, x: Tensor) -> Tensor:
        warnings.warn("as usual", stacklevel=1)
        return x

    def do_default_dtype(self, x: Tensor) -> Tensor:
        torch.set_grad_enabled(torch.is_grad_enabled())
        return x

    def do_once(self, x: Tensor) -> Tensor:
        if self.h is None:
            self.h = torch.zeros(x.size(0), 3)
        return x + self.h.sum()

    def do_step(self, x: Tensor) -> Tensor:
        with torch.enable_grad():
            self.optimiser.zero_grad()
            self.linear(x.detach()).sum().backward()
        self.optimiser.step()
        return x

    def do_own_generator(self, x: Tensor) -> Tensor:
        return x + torch.rand(3, generator=self.generator)

    def do_view(self, x: Tensor) -> Tensor:
        self.row.add_(1)
        return x

    def do_backward(self, x: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            self.linear(x.detach()).sum().backward()
        return x


PARTS = [name.removeprefix("do_") for name in vars(Layered) if name.startswith("do_")]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    parts=st.lists(st.sampled_from(PARTS), min_size=1, max_size=5),
    train=st.booleans(),
    batch=st.sampled_from([1, 2, 4]),
    grad=st.booleans(),
    before=st.booleans(),
)
def test_state_before_equals_state_after(
    call: Any, parts: list[str], train: bool, batch: int, grad: bool, before: bool
) -> None:
    from shapecheck.runtime.probe import Prober

    net, x = Layered(parts, train), torch.randn(batch, 3)
    with torch.set_grad_enabled(grad), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if before:
            net(torch.randn(batch, 3)).sum()
        asked = call(net, x)
        prober = Prober()
        pending = prober.before(asked)
        assert pending is not None, prober.skipped()
        prober.after(pending, net.forward(x))
    whole = (net, x)
    objects, outside = state(whole), around()
    found = prober.run(pending)
    assert state(whole) == objects
    assert around() == outside
    assert found


COUNTS = {"calls": 0}
LOG: list[Tensor] = []
STEP = 0


class Registry:
    made = 0
    names: list[str] = []  # noqa: RUF012 # a mutable class attribute is what this tests

    @classmethod
    def make(cls) -> None:
        cls.made += 1
        cls.names.append("x")
        cls.fresh = cls.made


def uses_globals(x: Float[Tensor, "batch d"], seen: list[int] = []) -> Float[Tensor, "batch d"]:  # noqa: B006 # what this tests
    global STEP
    STEP += 1
    COUNTS["calls"] += 1
    LOG.append(x)
    Registry.make()
    seen.append(STEP)
    uses_globals.last = STEP
    return helper(x)


def helper(x: Tensor) -> Tensor:
    COUNTS["helped"] = COUNTS.get("helped", 0) + 1
    return x * 2


def test_globals_class_attributes_and_defaults_stay(probe: Probe) -> None:
    whole = lambda: (  # noqa: E731 # asked twice
        STEP, state(COUNTS), state(LOG), dict(vars(Registry)), list(Registry.names),
        state(uses_globals),
    )  # fmt: skip
    found = probe(uses_globals, torch.randn(4, 3))
    held = [t for t in found if isinstance(t, Trial) and t.kind == "disturbance"]
    assert [t.outcome for t in held] == ["held"]
    assert (STEP, COUNTS, len(LOG), Registry.made, Registry.names) == (
        1, {"calls": 1, "helped": 1}, 1, 1, ["x"],
    )  # fmt: skip
    assert uses_globals.__defaults__ == ([1],)
    assert uses_globals.last == 1
    assert Registry.fresh == 1
    assert whole()


def test_a_closure_is_left_as_it_was(probe: Probe) -> None:
    count, kept = 0, []

    def counted(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        nonlocal count
        count += 1
        kept.append(x)
        return x + count

    held = [t for t in probe(counted, torch.randn(4, 3)) if isinstance(t, Trial)]
    assert {t.outcome for t in held} == {"held"}
    assert (count, len(kept)) == (1, 1)


def test_a_replay_starts_from_the_state_before_the_call(probe: Probe) -> None:
    """The first call differs from later ones; replays are of the first."""
    memory: list[Tensor] = []

    def first_or_not(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        memory.append(x)
        return x if len(memory) == 1 else x * 0

    found = probe(first_or_not, torch.randn(4, 3))
    assert [t.outcome for t in found if isinstance(t, Trial)][:2] == ["held", "held"]


def test_a_training_step_trains_only_once(probe: Probe) -> None:
    net = nn.Linear(3, 1)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    optimizer.step()  # a scheduler wants one before its own

    def step(x: Float[Tensor, "batch d"], y: Float[Tensor, "batch 1"]) -> Float[Tensor, "batch 1"]:
        predicted = net(x)
        loss = nn.functional.mse_loss(predicted, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        return predicted.detach()

    x, y = torch.randn(4, 3), torch.randn(4, 1)
    twin, other = nn.Linear(3, 1), None
    twin.load_state_dict(net.state_dict())
    other = torch.optim.Adam(twin.parameters(), lr=0.1)
    nn.functional.mse_loss(twin(x), y).backward()
    other.step()
    found = probe(step, x, y)
    assert [t.outcome for t in found if isinstance(t, Trial) and t.kind == "disturbance"] == [
        "held"
    ]
    assert torch.equal(net.weight, twin.weight)
    assert torch.equal(net.weight.grad, twin.weight.grad)
    assert optimizer.state[net.weight]["step"] == 1


def test_the_call_and_what_follows_draw_the_same_numbers(probe: Probe) -> None:
    def noisy(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        return x + torch.randn_like(x) + float(np.random.rand()) + random.random()

    def seed() -> None:
        torch.manual_seed(3)
        np.random.seed(3)
        random.seed(3)

    seed()
    plain = noisy(torch.zeros(4, 3)), torch.rand(3), np.random.rand(), random.random()
    seed()
    probe(noisy, torch.zeros(4, 3))
    assert torch.equal(torch.rand(3), plain[1])
    assert (np.random.rand(), random.random()) == plain[2:]


class Shares:
    """What is shared in a snapshot stays shared."""


def revived(call: Any, function: Any, *args: Any) -> Any:
    return Snapshot(call(function, *args), 1 << 28).revive()


def takes_any(x: Float[Tensor, "batch d"], other: Any) -> Float[Tensor, "batch d"]:
    return x


def test_views_arrays_and_weak_references_stay_shared(call: Any) -> None:
    base = torch.arange(12.0).view(4, 3)
    array = np.zeros(3, np.float32)
    holder = Shares()
    holder.view, holder.array, holder.tensor = base[1], array, torch.from_numpy(array)
    holder.part, holder.weak, holder.again = array[1:], weakref.ref(holder), base
    live = revived(call, takes_any, base, holder)
    x, other = live.args
    x[1] = 7
    other.array[1] = 5
    assert other.view.tolist() == [7, 7, 7]
    assert other.tensor.tolist() == [0, 5, 0]
    assert other.part.tolist() == [5, 0]
    assert other.weak() is other
    assert other.again is x
    assert base[1].tolist() == [3, 4, 5]
    assert array.tolist() == [0, 0, 0]


def test_a_copy_keeps_its_place_in_autograd(call: Any) -> None:
    leaf = torch.randn(4, 3, requires_grad=True)
    leaf.sum().backward()
    inner = leaf * 2
    live = revived(call, takes_any, leaf, [inner, nn.Parameter(torch.ones(2))])
    x, (middle, parameter) = live.args
    assert x.is_leaf
    assert x.requires_grad
    assert torch.equal(x.grad, leaf.grad)
    assert x.grad is not leaf.grad
    assert middle.requires_grad
    assert not middle.is_leaf
    middle.add_(1)  # a leaf would refuse
    assert type(parameter) is nn.Parameter
    assert torch.equal(inner, leaf * 2)


def test_signed_zeros_and_nan_survive(call: Any) -> None:
    odd = (torch.tensor([-0.0, float("nan"), float("-inf")], requires_grad=True) * 1).view(1, 3)
    live = revived(call, takes_any, odd, None)
    same = live.args[0].detach().numpy().tobytes() == odd.detach().numpy().tobytes()
    assert same


def test_streams_in_memory_and_their_methods_are_copied(call: Any) -> None:
    stream = io.StringIO("ab")
    stream.seek(0, io.SEEK_END)
    _, (copied, write) = revived(call, takes_any, torch.ones(2, 3), [stream, stream.write]).args
    write("c")
    assert (copied.getvalue(), stream.getvalue()) == ("abc", "ab")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: open(__file__), "TextIOWrapper"),  # noqa: SIM115 # closed by the test
        (lambda: (i for i in range(3)), "generator"),
        (lambda: csv.writer(io.StringIO()), "writer"),
        (lambda: sqlite3.connect(":memory:"), "Connection"),
        (lambda: queue.SimpleQueue(), "SimpleQueue"),
        (lambda: threading.Thread(target=int), "thread"),
        (lambda: np.memmap(__file__, np.uint8, "r"), "memmap"),
        (lambda: np.frombuffer(mmap.mmap(-1, 8), np.float32), "an array over a memoryview"),
        (lambda: torch.jit.script(lambda_free), "TorchScript"),
        (lambda: torch.ones(3, device="meta"), "meta"),
        (lambda: nn.LazyLinear(3), "lazy"),
        (lambda: type("Closes", (), {"__del__": lambda self: None})(), "__del__"),
        (lambda: torch.zeros(1 << 10, 1 << 10), "larger"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_what_is_not_provably_copied_is_refused(call: Any, make: Any, reason: str) -> None:
    held = make()
    with pytest.raises(NoCopyError, match=reason):
        Snapshot(call(takes_any, torch.ones(2, 3), held), 1 << 20)
    getattr(held, "close", lambda: None)()


def test_a_tensor_that_lies_in_a_file_is_copied_out_of_it(call: Any, tmp_path: Path) -> None:
    file = tmp_path / "weights"
    mapped = torch.from_file(str(file), shared=True, size=6)
    live = revived(call, takes_any, mapped.view(2, 3), nn.Parameter(mapped))
    live.args[0].fill_(1)
    assert live.args[1].tolist() == [1] * 6
    assert file.read_bytes() == bytes(24)


def lambda_free(x: Tensor) -> Tensor:
    return x
