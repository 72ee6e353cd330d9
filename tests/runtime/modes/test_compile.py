"""`torch.compile`: calls are judged while they are traced, and nothing of it is in the graph."""

from __future__ import annotations

import gc
import shutil
import traceback
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from shapecheck import ShapeError, checked
from shapecheck.check import guard

compiling = pytest.importorskip("torch._dynamo.testing")

BatchSeq = Float[Tensor, "batch seq"]
Compiled = Callable[..., Any]

# One test compiles in about half a second, the first in some seconds.
both = pytest.mark.parametrize("fullgraph", [False, True], ids=["default", "fullgraph"])


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()
    assert guard.record.internal_errors == []


def compiled(function: Any, fullgraph: bool = False, **how: Any) -> tuple[Compiled, Any]:
    """The function compiled, and the counter of the graphs that were made and their operations."""
    counter = compiling.CompileCounter()
    return torch.compile(function, backend=counter, fullgraph=fullgraph, **how), counter


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 4)

    @checked
    def forward(self, x: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch 4"]:
        return self.layer(x)


@checked
def turned(x: BatchSeq) -> Float[Tensor, "seq batch"]:
    return x.T * 2


@both
def test_one_graph_and_the_same_operations_as_without_us(fullgraph: bool) -> None:
    def user(x: Tensor) -> Tensor:
        return turned(turned(x)).sum(0)

    def bare(x: Tensor) -> Tensor:
        return ((x.T * 2).T * 2).sum(0)

    ours, made = compiled(user, fullgraph)
    theirs, as_made = compiled(bare, fullgraph)
    x = torch.randn(2, 3)
    assert torch.equal(ours(x), theirs(x))
    assert (made.frame_count, made.op_count) == (as_made.frame_count, as_made.op_count)


@both
def test_a_module_and_gradients(fullgraph: bool) -> None:
    net = Net()
    fast, made = compiled(net, fullgraph)
    x = torch.randn(2, 3)
    fast(x).sum().backward()
    assert net.layer.weight.grad is not None
    assert made.frame_count == 1
    assert torch.equal(fast(x), net(x))


@both
def test_a_wrong_argument_is_refused_while_tracing(fullgraph: bool) -> None:
    fast, made = compiled(Net(), fullgraph)
    for _ in range(2):
        with pytest.raises(ShapeError) as caught:
            fast(torch.randn(2, 5))
        assert caught.value.finding.slug == "size-mismatch"
        assert caught.value.finding.actual == "(2, 5) float32"
    assert made.frame_count == 0
    assert fast(torch.randn(2, 3)).shape == (2, 4)


@both
def test_what_the_user_sees(fullgraph: bool, golden: Callable[[str, str], None]) -> None:
    """Our text at the user's line, as without `torch.compile`; no frame of dynamo's tracer."""

    def user(x: Tensor) -> Tensor:
        y = x + 1
        return turned(y[0])

    fast, _ = compiled(user, fullgraph)
    with pytest.raises(ShapeError) as caught:
        fast(torch.randn(2, 3))
    error = caught.value
    shown = traceback.format_exception_only(error)
    frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert frames[-1] == "user"
    assert not {"step", "inline_call", "compile_inner"} & set(frames)
    place = error.finding.place
    text = "".join(shown).replace(place.file, "FILE").replace(f":{place.line}", ":LINE")
    golden("compiled.txt", text)
    with pytest.raises(ShapeError) as as_it_runs:
        user(torch.randn(2, 3))
    assert as_it_runs.value.finding == error.finding


@both
def test_a_wrong_result_is_refused_while_tracing(fullgraph: bool) -> None:
    @checked
    def f(x: BatchSeq) -> BatchSeq:
        return x.T

    fast, _ = compiled(f, fullgraph)
    with pytest.raises(ShapeError) as caught:
        fast(torch.randn(2, 3))
    assert caught.value.finding.place.line == f.__wrapped__.__code__.co_firstlineno + 2  # type: ignore[attr-defined]  # set by wraps
    assert fast(torch.randn(2, 2)).shape == (2, 2)


@both
def test_other_sizes_are_no_more_graphs_than_without_us(fullgraph: bool) -> None:
    fast, made = compiled(Net(), fullgraph)
    theirs, as_made = compiled(nn.Linear(3, 4), fullgraph)
    for batch in range(2, 12):
        assert fast(torch.randn(batch, 3)).shape == (batch, 4)
        theirs(torch.randn(batch, 3))
    assert made.frame_count == as_made.frame_count == 2


@both
def test_a_size_that_is_marked_dynamic_stays_so(fullgraph: bool) -> None:
    @checked
    def f(x: Float[Tensor, "batch 3"], y: Float[Tensor, "batch"]) -> Float[Tensor, "batch 3"]:
        return x * 2 + y[:, None]

    fast, made = compiled(f, fullgraph)
    for batch in (4, 5, 9):
        x, y = torch.randn(batch, 3), torch.randn(batch)
        for tensor in (x, y):
            torch._dynamo.mark_dynamic(tensor, 0)
        torch._dynamo.mark_dynamic(x, 1)  # whatever was declared
        assert torch.equal(fast(x, y), f(x, y))
    assert made.frame_count == 1


def test_a_size_that_became_dynamic_is_still_held_to_what_was_declared() -> None:
    fast, _ = compiled(lambda x: turned_to_three(x) * 2)
    for shape in ((4, 3), (6, 3)):
        fast(torch.randn(shape))
    for shape in ((4, 4), (6, 5), (7, 8)):
        with pytest.raises(ShapeError):
            fast(torch.randn(shape))
    for shape in ((8, 3), (9, 3)):
        assert fast(torch.randn(shape)).shape == shape
    with pytest.raises(ShapeError):
        fast(torch.randn(8, 4))


@checked
def turned_to_three(x: Float[Tensor, "batch 3"]) -> Tensor:
    return x + 1


class Pair(NamedTuple):
    left: BatchSeq
    right: Float[Tensor, "batch"]


@checked
def gathers(
    x: BatchSeq,
    *rest: BatchSeq,
    name: str = "a",
    scale: float = 1.0,
    steps: int = 2,
    pair: Pair | None = None,
    many: list[BatchSeq] | None = None,
    by_name: dict[str, BatchSeq] | None = None,
) -> tuple[BatchSeq, dict[str, Float[Tensor, "seq"]]]:
    for other in (*rest, *(many or ()), *(by_name or {}).values(), *(pair[:1] if pair else ())):
        x = x + other
    return x, {"sum": x.sum(0)}


def test_arguments_of_every_kind_are_judged() -> None:
    fast, _ = compiled(gathers, fullgraph=True)
    x = torch.randn(2, 3)
    right = [
        lambda: fast(x, x, x),
        lambda: fast(x, scale=0.5, steps=3),
        lambda: fast(x, pair=Pair(x, x[:, 0])),
        lambda: fast(x, many=[x, x]),
        lambda: fast(x, by_name={"k": x}),
    ]
    for call in right:
        assert call()[0].shape == (2, 3)
    wrong = {
        "`rest[1]`": lambda: fast(x, x, x.T),
        "`pair.right`": lambda: fast(x, pair=Pair(x, x[0])),
        "`many[1]`": lambda: fast(x, many=[x, x[0]]),
        "`by_name['k']`": lambda: fast(x, by_name={"k": x[0]}),
    }
    for what, call in wrong.items():
        with pytest.raises(ShapeError) as caught:
            call()
        assert caught.value.finding.message.startswith(what)


def test_an_argument_that_the_function_does_not_use_causes_no_new_graph() -> None:
    fast, made = compiled(gathers, fullgraph=True)
    x = torch.randn(2, 3)
    for i in range(20):
        fast(x, name=f"layer {i}", scale=0.1 * i, steps=i)
    assert made.frame_count == 1


@checked
def rows(x: Float[Tensor, "batch 3"]) -> Iterator[Float[Tensor, "3"]]:
    for i in range(2):
        yield x[i]


@both
def test_the_arguments_of_a_generator_are_judged_and_its_items_pass(fullgraph: bool) -> None:
    fast, made = compiled(lambda x: sum(rows(x)), fullgraph)
    assert torch.equal(fast(torch.ones(2, 3)), torch.full((3,), 2.0))
    assert made.frame_count == 1
    with pytest.raises(ShapeError):
        fast(torch.ones(2, 4))


@checked
@dataclass
class Sides:
    left: BatchSeq
    right: Float[Tensor, "batch"]


@both
def test_a_dataclass_is_made_in_the_graph_and_judged_outside_of_it(fullgraph: bool) -> None:
    def user(x: Tensor) -> Tensor:
        sides = Sides(x, x[:, 0])
        return sides.left.sum(1) + sides.right

    fast, made = compiled(user, fullgraph)
    assert torch.equal(fast(torch.ones(2, 3)), torch.full((2,), 4.0))
    assert made.frame_count == 1
    with pytest.raises(ShapeError):
        Sides(torch.ones(2, 3), torch.ones(3))


@torch._dynamo.config.patch(capture_dynamic_output_shape_ops=True)
def test_a_value_with_a_size_that_depends_on_data_is_left_alone() -> None:
    def user(x: Tensor) -> Tensor:
        return turned_to_three(torch.nonzero(x > 0)[:, [0, 0, 0]].float())

    fast, made = compiled(user, fullgraph=True)
    assert fast(torch.tensor([1.0, -1.0, 2.0])).shape == (2, 3)
    assert made.frame_count == 1


@both
def test_a_break_in_the_users_graph_is_no_end_of_checking(fullgraph: bool) -> None:
    @checked
    def f(x: BatchSeq) -> BatchSeq:
        torch._dynamo.graph_break()
        return x.T

    fast, _ = compiled(f, fullgraph)
    x = torch.randn(2, 3)
    if fullgraph:
        with pytest.raises(torch._dynamo.exc.Unsupported, match="graph_break"):
            fast(x)
        return
    with pytest.raises(ShapeError):
        fast(x)
    assert fast(x[:, :2]).shape == (2, 2)


def test_many_functions_with_breaks_meet_no_limit(caplog: pytest.LogCaptureFixture) -> None:
    def made() -> Compiled:
        @checked
        def f(x: BatchSeq) -> BatchSeq:
            torch._dynamo.graph_break()
            return x + 1

        return f

    functions = [made() for _ in range(12)]
    fast, _ = compiled(lambda x: [f(x) for f in functions][-1])
    assert fast(torch.randn(2, 3)).shape == (2, 3)
    assert "recompile_limit" not in caplog.text


def test_the_switch_counts_when_compiled_code_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fast, _ = compiled(turned_to_three, fullgraph=True)
    monkeypatch.setattr(guard, "enabled", False)
    assert fast(torch.randn(2, 5)).shape == (2, 5)
    monkeypatch.setattr(guard, "enabled", True)
    with pytest.raises(ShapeError):
        fast(torch.randn(2, 5))


def test_no_tensor_is_kept() -> None:
    gc.collect()
    fast, _ = compiled(turned_to_three, fullgraph=True)
    alive = []
    for shape in ((2, 3), (2, 5)):
        x = torch.randn(shape)
        alive.append(weakref.ref(x))
        try:
            fast(x)
        except ShapeError:
            assert shape == (2, 5)
        del x
    gc.collect()  # dynamo's own cycles
    assert [ref() for ref in alive] == [None, None]


def test_the_calls_that_were_traced_are_counted() -> None:
    before = turned_to_three.__shapecheck__.tally.calls  # type: ignore[attr-defined]  # our mark
    fast, _ = compiled(turned_to_three)
    for _ in range(5):
        fast(torch.randn(2, 3))
    assert turned_to_three.__shapecheck__.tally.calls == before + 1  # type: ignore[attr-defined]  # our mark


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # inductor's own
@pytest.mark.skipif(shutil.which("g++") is None, reason="inductor needs a C++ compiler")
@both
def test_inductor(fullgraph: bool) -> None:
    net = Net()
    fast = torch.compile(net, fullgraph=fullgraph)
    x = torch.randn(5, 3)
    assert torch.allclose(fast(x), net(x))
    fast(x).sum().backward()
    with pytest.raises(ShapeError):
        fast(torch.randn(5, 4))
