"""Generators, coroutines and asynchronous generators behave as they would without the guard."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import traceback
import types
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck import Finding, ShapeError, checked
from shapecheck.check import guard
from shapecheck.runtime.judging.call import running

Batch = Float[Tensor, "batch f"]


@pytest.fixture(autouse=True)
def no_error_of_ours() -> Iterator[None]:
    yield
    assert guard.record.internal_errors == []
    assert running() is None


def refused(function: Callable[..., Any], *args: Any) -> Finding:
    with pytest.raises(ShapeError) as caught:
        function(*args)
    return caught.value.finding


def zeros(*shape: int) -> Tensor:
    return torch.zeros(shape)


# --- generators -------------------------------------------------------------------------------


@checked
def batches(x: Float[Tensor, "n f"], size: int) -> Iterator[Batch]:
    yield from x.split(size)


def test_the_last_batch_may_be_smaller() -> None:
    """What is yielded binds no name for the next item; what was passed binds for all."""
    assert [len(b) for b in batches(zeros(5, 3), 2)] == [2, 2, 1]


def test_each_item_is_held_to_the_arguments() -> None:
    @checked
    def f(x: Float[Tensor, "n f"]) -> Iterable[Batch]:
        yield x
        yield x.T

    steps = f(zeros(2, 3))
    next(steps)
    found = refused(next, steps)
    assert found.message == "What f yields has its axes in another order than declared"
    assert found.place.line == f.__code__.co_firstlineno or found.place.file == __file__


def test_the_line_of_the_yield_is_named_and_shown() -> None:
    @checked
    def f() -> Iterator[Batch]:
        yield zeros(2, 3)
        yield zeros(2)  # this line
        yield zeros(2, 3)

    line = inspect.getsourcelines(f)[1] + 3
    with pytest.raises(ShapeError) as caught:
        list(f())
    assert caught.value.finding.place.line == line
    assert "yield zeros(2)  # this line" in "".join(traceback.format_exception(caught.value))


def test_arguments_are_judged_when_the_first_item_is_asked_for() -> None:
    steps = batches(zeros(2), 1)
    assert refused(next, steps).slug == "axis-missing"


@checked
def talks(x: Batch) -> Generator[Batch, Float[Tensor, "f"] | None, Float[Tensor, "f batch"]]:
    sent = yield x
    while sent is not None:
        sent = yield x + sent
    return x.T


def test_send_and_return_are_judged() -> None:
    steps = talks(zeros(2, 3))
    next(steps)
    assert steps.send(zeros(3)).shape == (2, 3)
    with pytest.raises(StopIteration) as stopped:
        steps.send(None)
    assert stopped.value.value.shape == (3, 2)
    other = talks(zeros(2, 3))
    next(other)
    assert (
        refused(other.send, zeros(4)).message
        == "What is sent to talks disagrees about the size of `f`"
    )

    @checked
    def wrong(x: Batch) -> Generator[int, None, Float[Tensor, "f batch"]]:
        yield 1
        return x

    assert refused(list, wrong(zeros(2, 3))).slug == "axes-swapped"


def script(make: Callable[[], Any], play: Callable[[Any], Any]) -> Any:
    """What playing with a generator comes to: a value, or an exception with its context."""
    try:
        return play(make())
    except BaseException as error:
        context = type(error.__context__)
        if context is GeneratorExit:  # seen only by one who ignores that he is closed
            context = type(None)
        return type(error), str(error), type(error.__cause__), context


def stubborn() -> Iterator[int]:
    try:
        yield 1
    except ValueError:
        yield 2
    except KeyError as error:
        raise IndexError("out") from error
    yield 3


def ignores_closing() -> Iterator[int]:
    with contextlib.suppress(GeneratorExit):
        yield 1
    yield 2


def stops_badly() -> Iterator[int]:
    yield 1
    raise StopIteration


def fails_after_catching() -> Iterator[int]:
    with contextlib.suppress(ValueError):
        yield 1
    raise IndexError("later")


def closes_quietly() -> Iterator[int]:
    try:
        yield 1
    finally:
        raise OSError("cleanup")


def throws(kind: type[BaseException]) -> Callable[[Any], Any]:
    def play(steps: Any) -> Any:
        return next(steps), steps.throw(kind("thrown")), list(steps)

    return play


@pytest.mark.parametrize(
    "body", [stubborn, ignores_closing, stops_badly, fails_after_catching, closes_quietly]
)
@pytest.mark.parametrize(
    "play",
    [
        list,
        throws(ValueError),
        throws(KeyError),
        throws(StopIteration),
        lambda steps: (next(steps), steps.close()),
        lambda steps: steps.close(),
        lambda steps: steps.throw(ValueError("early")),
        lambda steps: steps.send(3),
        lambda steps: (next(steps), steps.send(3), list(steps)),
    ],
    ids=lambda play: getattr(play, "__name__", "") + str(getattr(play, "__code__", play))[-8:-1],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_generator_plays_as_it_would_without_the_guard(body: Any, play: Any) -> None:
    assert script(checked(body), play) == script(body, play)


def test_a_generator_is_still_one() -> None:
    assert inspect.isgeneratorfunction(talks)
    assert isinstance(talks(zeros(2, 3)), types.GeneratorType)
    assert talks(zeros(2, 3)).__name__ == "talks"


def test_closing_runs_the_cleanup_with_the_calls_own_bindings() -> None:
    closed = []

    @checked
    def f(x: Batch) -> Iterator[int]:
        try:
            yield 1
        finally:
            call = running()
            closed.append(call is not None and call.arguments["x"].shape)

    steps = f(zeros(2, 3))
    next(steps)
    steps.close()
    assert closed == [(2, 3)]


def test_two_generators_in_turn_keep_their_bindings_apart() -> None:
    one, other = talks(zeros(2, 3)), talks(zeros(4, 5))
    next(one), next(other)
    assert one.send(zeros(3)).shape == (2, 3)
    assert other.send(zeros(5)).shape == (4, 5)
    assert refused(one.send, zeros(5)).slug == "axis-conflict"


def test_nothing_that_was_yielded_is_kept() -> None:
    gc.collect()
    gc.disable()
    try:

        @checked
        def f() -> Generator[Batch, Batch, None]:
            while True:
                yield zeros(2, 3)

        steps = f()
        item = next(steps)
        first = weakref.ref(item)
        del item
        assert first() is None
        sent = zeros(2, 3)
        second = weakref.ref(sent)
        steps.send(sent)
        del sent
        assert second() is None
        error = ValueError("dropped")
        error.tensor = zeros(2, 3)  # type: ignore[attr-defined]  # something to watch
        third = weakref.ref(error.tensor)  # type: ignore[attr-defined]  # see above
        with contextlib.suppress(ValueError):
            steps.throw(error)
        del error
        assert third() is None
    finally:
        gc.enable()


# --- coroutines -------------------------------------------------------------------------------


@checked
async def double(x: Batch) -> Batch:
    await asyncio.sleep(0)
    return x * 2


def test_a_coroutine_is_judged_on_both_ends() -> None:
    assert inspect.iscoroutinefunction(double)
    assert asyncio.run(double(zeros(2, 3))).shape == (2, 3)
    found = refused(asyncio.run, double(zeros(2)))
    assert found.slug == "axis-missing"
    assert found.place.file == __file__

    @checked
    async def wrong(x: Batch) -> Batch:
        await asyncio.sleep(0)
        return x.T[None]

    assert refused(asyncio.run, wrong(zeros(2, 3))).message.startswith("The return value of wrong")


def test_coroutines_in_turn_keep_their_bindings_apart() -> None:
    async def main() -> list[Any]:
        return await asyncio.gather(*(outer(zeros(n, 3)) for n in range(1, 6)))

    @checked
    async def outer(x: Batch) -> Batch:
        for _ in range(3):
            await double(zeros(7, 2))
            call = running()
            assert call is not None
            assert call.arguments["x"] is x
        return x

    assert [len(x) for x in asyncio.run(main())] == [1, 2, 3, 4, 5]


def test_cancelling_reaches_the_body() -> None:
    seen = []

    @checked
    async def waits(x: Batch) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def main() -> None:
        task = asyncio.ensure_future(waits(zeros(2, 3)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert seen == ["cancelled"]


def test_an_exception_in_a_coroutine_is_the_users() -> None:
    raised = KeyError("mine")

    @checked
    async def fails(x: Batch) -> None:
        await asyncio.sleep(0)
        raise raised

    with pytest.raises(KeyError) as caught:
        asyncio.run(fails(zeros(2, 3)))
    assert caught.value is raised
    assert caught.value.__context__ is None


def test_a_coroutine_that_is_closed_early_runs_its_cleanup() -> None:
    seen = []

    @checked
    async def f(x: Batch) -> None:
        try:
            await Forever()
        finally:
            seen.append("closed")

    class Forever:
        def __await__(self) -> Iterator[None]:
            while True:
                yield

    steps = f(zeros(2, 3))
    steps.send(None)
    steps.close()
    assert seen == ["closed"]


# --- asynchronous generators ------------------------------------------------------------------


@checked
async def stream(x: Batch) -> AsyncIterator[Float[Tensor, "f"]]:
    try:
        for row in x:
            await asyncio.sleep(0)
            yield row
    except KeyError:
        yield zeros(x.shape[1])


def collect(items: AsyncIterator[Any]) -> Awaitable[list[Any]]:
    async def gather() -> list[Any]:
        return [item async for item in items]

    return gather()


def test_an_asynchronous_generator_is_judged_item_by_item() -> None:
    assert inspect.isasyncgenfunction(stream)
    assert len(asyncio.run(collect(stream(zeros(4, 3))))) == 4
    assert refused(asyncio.run, collect(stream(zeros(4)))).slug == "axis-missing"

    @checked
    async def wrong(x: Batch) -> AsyncIterator[Float[Tensor, "f"]]:
        yield x[0]
        yield x[:, 0]

    found = refused(asyncio.run, collect(wrong(zeros(4, 3))))
    assert found.slug == "axis-conflict"
    assert found.place.line == inspect.getsourcelines(wrong)[1] + 3


def test_an_asynchronous_generator_can_be_thrown_at_and_closed() -> None:
    async def main() -> None:
        steps = stream(zeros(4, 3))
        await anext(steps)
        assert (await steps.athrow(KeyError("x"))).shape == (3,)
        await steps.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(steps)
        other = stream(zeros(4, 3))
        await anext(other)
        raised = ValueError("mine")
        with pytest.raises(ValueError, match="mine") as caught:
            await other.athrow(raised)
        assert caught.value is raised

    asyncio.run(main())


def test_an_error_thrown_into_an_asynchronous_generator_is_not_kept() -> None:
    async def main() -> Any:
        steps = stream(zeros(4, 3))
        await anext(steps)
        error = ValueError("dropped")
        error.tensor = zeros(2, 3)  # type: ignore[attr-defined]  # something to watch
        alive = weakref.ref(error.tensor)  # type: ignore[attr-defined]  # see above
        with contextlib.suppress(ValueError):
            await steps.athrow(error)
        del error
        return alive

    with asyncio.Runner() as runner:
        runner.run(asyncio.sleep(0))
        gc.collect()
        gc.disable()
        try:
            assert runner.run(main())() is None
        finally:
            gc.enable()


def test_breaking_off_runs_the_cleanup() -> None:
    seen = []

    @checked
    async def f(x: Batch) -> AsyncIterator[int]:
        try:
            while True:
                yield 1
        finally:
            await asyncio.sleep(0)
            seen.append("closed")

    async def main() -> None:
        async with contextlib.aclosing(f(zeros(2, 3))) as items:
            async for _ in items:
                break

    asyncio.run(main())
    assert seen == ["closed"]
