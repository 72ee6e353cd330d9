"""Which calls of a program are kept, and that keeping them changes nothing and holds nothing."""

import gc
import sys
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from shapecheck.runtime.tracker import Tracker
from shapecheck.runtime.trials.bench import ProbeSettings
from shapecheck.runtime.trials.outermost import Kept, Outermost
from shapecheck.runtime.trials.watched import carriers_of

Program = Callable[[], Any]


def watched(program: Program, seconds: float = 60.0) -> Outermost:
    """What is kept of a program's calls."""
    tracker = Tracker()
    tracker.observer = Outermost(tracker, ProbeSettings(), seconds)
    with tracker:
        program()
    assert tracker.errors == []
    return tracker.observer


def kept(program: Program) -> list[Kept]:
    return watched(program).kept


def batches(count: int = 2) -> DataLoader[Any]:
    return DataLoader(TensorDataset(torch.randn(4 * count, 5, 3)), batch_size=4)


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x)


class Outer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Inner()

    def forward(self, x: Tensor, *, twice: bool = False) -> Tensor:
        return self.inner(x) * (2 if twice else 1)


def doubled(x: Tensor, factor: float = 2) -> Tensor:
    return x * factor


def test_of_nested_modules_the_outermost_call_is_kept_once() -> None:
    model = Outer()

    def program() -> None:
        for (x,) in batches():
            model(x, twice=True)

    (call,) = kept(program)
    assert call.call.name == "Outer.forward"
    assert list(call.given) == [("x",)]
    assert call.snapshot.kwargs == {"twice": True}
    assert call.observed[("return",)].shape == (4, 5, 2)


def test_training_and_evaluation_are_two_kinds() -> None:
    model = Outer()

    def program() -> None:
        for (x,) in batches():
            model.train()(x)
            with torch.no_grad():
                model.eval()(x)

    assert len(kept(program)) == 2


def one_then_several() -> list[Tensor]:
    data = TensorDataset(torch.randn(8, 5, 3))
    (one,) = next(iter(DataLoader(data, batch_size=1)))
    return [one, *(x for (x,) in DataLoader(data, batch_size=4))]


def test_several_samples_show_more_than_one() -> None:
    model = Outer()

    def program() -> None:
        for x in one_then_several():
            model(x)
            doubled(x)

    found = kept(program)
    assert [one.within for one in found] == ["module", "function"]
    assert [one.snapshot.leaf(("x",)).shape for one in found] == [(4, 5, 3)] * 2


def test_calls_with_other_ranks_and_dtypes_are_other_kinds() -> None:
    model = Outer()

    def program() -> None:
        for (x,) in batches(9):
            model(x)
            model(x[:, 0])
            doubled(x)
            doubled(x.double())

    found = kept(program)
    assert [len(one.given[("x",)].shape) for one in found if one.within == "module"] == [3, 2]
    assert [one.nth for one in found] == [0, 1, 0, 1]


def test_a_call_is_kept_once_something_says_what_its_axes_are() -> None:
    def program() -> None:
        doubled(torch.randn(4, 5, 3))
        for (x,) in batches():
            doubled(x)

    (call,) = kept(program)
    assert carriers_of(call)


def test_a_later_operation_of_a_call_is_not_taken_for_its_first() -> None:
    def changes(x: Tensor) -> Tensor:
        for _ in range(3):
            x.add_(1)
        return x

    def program() -> None:
        changes(torch.zeros(2, 3))
        loader = DataLoader(TensorDataset(torch.zeros(4, 3)), batch_size=4)
        for (x,) in loader:
            changes(x)

    (call,) = kept(program)
    assert call.snapshot.leaf(("x",)).sum() == 0


def test_a_frame_that_others_trace_is_left_to_them() -> None:
    lines = []

    def program() -> None:
        def trace(frame: Any, event: str, argument: object) -> Any:
            lines.append(event)
            return trace

        for (x,) in batches(3):
            sys.settrace(trace)
            doubled(x)
            sys.settrace(None)

    assert len(kept(program)) == 1
    assert lines.count("return") == lines.count("call") >= 3


def test_a_function_is_kept_as_it_began() -> None:
    def scaled(x: Tensor, by: int = 3) -> Tensor:
        return doubled(x) * by + len(offsets)

    offsets = [1, 2]

    def program() -> None:
        for (x,) in batches():
            scaled(x)

    outer, inner = kept(program)
    assert outer.call.name.endswith("scaled")
    assert inner.call.name == "doubled"
    live = outer.snapshot.revive()
    with outer.snapshot.in_place(live):
        again = live.function(*live.args, **live.kwargs)
    assert torch.equal(again, outer.snapshot.leaf(("x",)) * 2 * 3 + 2)


def test_a_function_whose_argument_has_another_value_by_now_is_not_kept() -> None:
    def first(xs: list[Tensor]) -> Tensor:
        xs = xs[:1]
        return xs[0] + 1

    def program() -> None:
        for xs in batches():
            first(xs)

    assert kept(program) == []


@pytest.fixture
def scripted() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.trace(Inner(), torch.randn(4, 5, 3))


def test_a_scripted_module_is_not_kept(scripted: Any) -> None:
    assert kept(lambda: [scripted(x) for (x,) in batches()]) == []


def generating(x: Tensor) -> Any:
    yield x + 1


@pytest.mark.parametrize(
    "program",
    [
        lambda: doubled(torch.randn(4, 3)),
        lambda: [list(generating(x)) for (x,) in batches()],
        lambda: [nn.Linear(3, 2)(x) for (x,) in batches()],
    ],
    ids=["no samples", "a generator", "a layer of torch"],
)
def test_not_kept(program: Program) -> None:
    assert [one for one in kept(program) if carriers_of(one)] == []


def test_a_call_that_raises_is_not_kept_and_its_error_is_the_users() -> None:
    model = Outer()

    def program() -> None:
        for (x,) in batches():
            with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
                model(x[..., :2])
            model(x)

    (call,) = kept(program)
    assert call.snapshot.leaf(("x",)).shape == (4, 5, 3)


class Endless(nn.Module):
    """Holds a running generator, which nothing can copy."""

    def __init__(self) -> None:
        super().__init__()
        self.stream = iter(range(n) for n in range(3))

    def forward(self, x: Tensor) -> Tensor:
        return x + 1


def test_what_cannot_be_copied_is_said_and_not_tried_to_be_again() -> None:
    model = Endless()

    def program() -> None:
        for (x,) in batches(5):
            model(x)

    found = watched(program)
    assert found.kept == []
    (skipped,) = found.skipped
    assert skipped.reason == "Endless.forward is not tried again: cannot copy a running generator"
    assert max(found._looks.values()) == 1


def test_a_call_is_not_held_on_to_where_nothing_says_what_its_axes_are() -> None:
    model = Outer()
    assert kept(lambda: model(torch.randn(4, 5, 3))) == []


class Reads(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        batch_size = x.size(0)
        return x.view(batch_size, -1)


def test_what_the_model_itself_says_of_its_axes_counts() -> None:
    model = Reads()
    (call,) = kept(lambda: model(torch.randn(4, 5, 3)))
    assert [samples.position for samples in carriers_of(call).values()] == [0]


def test_past_its_time_nothing_is_kept() -> None:
    model = Outer()

    def program() -> None:
        for (x,) in batches():
            model(x)

    assert watched(program, seconds=-1).kept == []


class Held:
    """Something of the program's that dies when the program lets go of it."""


def test_nothing_of_the_program_lives_longer() -> None:
    gone: list[weakref.ref[Any]] = []

    def program() -> None:
        held = Held()

        def uses(x: Tensor) -> Tensor:
            return x + (held is not None)

        model = Outer()
        for (x,) in batches():
            uses(x)
            model(x)
            gone.append(weakref.ref(x))
        gone.extend((weakref.ref(held), weakref.ref(model)))

    observer = watched(program)
    gc.collect()
    assert len(observer.kept) == 2
    assert [one() for one in gone] == [None] * 4
