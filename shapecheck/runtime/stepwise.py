"""Wrappers for functions that pause: generators, coroutines, asynchronous generators.

Each keeps its own bindings, and its body sees them only while it runs: they are pushed when it
goes on and popped when it pauses.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from types import FunctionType
from typing import TYPE_CHECKING, Any

from shapecheck.runtime.call import Call, pop, push
from shapecheck.runtime.contract import Contract, Declared

if TYPE_CHECKING:
    from shapecheck.runtime.guard import Guard


def generator(guard: Guard, function: FunctionType, contract: Contract) -> Callable[..., Any]:
    """Check arguments when the first item is asked for, then each item, `send` and return."""

    def checked_call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        __tracebackhide__ = True
        call = guard.begin(contract, args, kwargs)
        steps = function(*args, **kwargs)
        if call is None:
            return (yield from steps)
        declared = contract.stepwise()
        try:
            item = _step(call, steps.send, None)
            while True:
                _check(guard, call, declared, "yield", item)
                try:
                    sent = yield item
                except GeneratorExit:
                    raise
                except BaseException as error:
                    item = _step(call, steps.throw, error)
                else:
                    if sent is not None:
                        _check(guard, call, declared, "send", sent)
                    item = _step(call, steps.send, sent)
        except StopIteration as stop:
            _check(guard, call, declared, "return", stop.value)
            return stop.value
        finally:
            steps.close()

    return checked_call


def coroutine(guard: Guard, function: FunctionType, contract: Contract) -> Callable[..., Any]:
    """Check arguments when it is first awaited, and the result when it ends."""

    async def checked_call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        call = guard.begin(contract, args, kwargs)
        if call is None:
            return await function(*args, **kwargs)
        result = await _Resumed(call, function(*args, **kwargs))
        guard.end(call, result)
        return result

    return checked_call


def async_generator(guard: Guard, function: FunctionType, contract: Contract) -> Callable[..., Any]:
    """Check arguments when the first item is asked for, then each item."""

    async def checked_call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        __tracebackhide__ = True
        call = guard.begin(contract, args, kwargs)
        steps = function(*args, **kwargs)
        declared = contract.stepwise() if call is not None else {}
        try:
            item = await _next(call, steps.asend(None))
            while True:
                if call is not None:
                    _check(guard, call, declared, "yield", item)
                try:
                    sent = yield item
                except GeneratorExit:
                    raise
                except BaseException as error:
                    item = await _next(call, steps.athrow(error))
                else:
                    if call is not None and sent is not None:
                        _check(guard, call, declared, "send", sent)
                    item = await _next(call, steps.asend(sent))
        except StopAsyncIteration:
            return
        finally:
            await steps.aclose()

    return checked_call


def _step(call: Call, go_on: Callable[[Any], Any], value: Any) -> Any:
    __tracebackhide__ = True
    push(call)
    try:
        return go_on(value)
    finally:
        pop()


def _next(call: Call | None, step: Awaitable[Any]) -> Awaitable[Any]:
    return step if call is None else _Resumed(call, step)


def _check(
    guard: Guard, call: Call, declared: dict[str, Declared], part: str, value: object
) -> None:
    __tracebackhide__ = True
    if part in declared:
        guard.judge(call, declared[part], value)


class _Resumed:
    """Awaits something with the call's bindings in place whenever it runs."""

    def __init__(self, call: Call, inner: Awaitable[Any] | Coroutine[Any, Any, Any]) -> None:
        self._call = call
        self._inner = inner

    def __await__(self) -> Generator[Any, Any, Any]:
        __tracebackhide__ = True
        steps = self._inner.__await__()
        send = getattr(steps, "send", None) or (lambda _: next(steps))
        try:
            waiting = _step(self._call, send, None)
            while True:
                try:
                    sent = yield waiting
                except GeneratorExit:
                    raise
                except BaseException as error:
                    waiting = _step(self._call, steps.throw, error)
                else:
                    waiting = _step(self._call, send, sent)
        except StopIteration as stop:
            return stop.value
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()
