"""Wrappers for functions that pause: generators, coroutines, asynchronous generators.

Each keeps its own bindings, and its body sees them only while it runs: they are pushed when it
goes on and popped when it pauses. What passes through a wrapper is held in a list that is
emptied before the user's code goes on, so that nothing of it stays alive in a frame of ours.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from types import FunctionType
from typing import TYPE_CHECKING, Any

import torch

from shapecheck.runtime.contract import Contract
from shapecheck.runtime.judging.call import Call, pop, push
from shapecheck.runtime.judging.compiling import traced_twin

if TYPE_CHECKING:
    from shapecheck.runtime.guard import Guard

PAUSES = "a generator or coroutine"
Check = Callable[[str, Any], None]


def generator(guard: Guard, function: FunctionType, contract: Contract) -> Callable[..., Any]:
    """Check arguments when the first item is asked for, then each item, `send` and return.

    While torch.compile traces, the arguments alone.
    """

    traced = traced_twin(guard, contract, function)

    def checked_call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        __tracebackhide__ = True
        if torch.compiler.is_dynamo_compiling():
            return (yield from traced(*args, **kwargs))
        call = _begun(guard, contract, args, kwargs)
        steps = function(*args, **kwargs)
        if call is None:
            return (yield from steps)
        check = _checking(guard, call, lambda: steps.gi_frame.f_lineno)
        box = [(yield from _driven(call, steps, check))]
        check("return", box[0])
        return box.pop()

    return checked_call


def coroutine(guard: Guard, function: FunctionType, contract: Contract) -> Callable[..., Any]:
    """Check arguments when it is first awaited, and the result when it ends."""

    async def checked_call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        call = _begun(guard, contract, args, kwargs)
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
        call = _begun(guard, contract, args, kwargs)
        steps = function(*args, **kwargs)
        check = _checking(guard, call, lambda: steps.ag_frame.f_lineno)
        resume: Any = steps.asend
        box: list[Any] = [None]
        try:
            while True:
                try:
                    box.append(await _Resumed(call, resume(box.pop())))
                except StopAsyncIteration:
                    return
                check("yield", box[0])
                try:
                    sent = yield box.pop()
                except GeneratorExit:
                    raise
                except BaseException as error:
                    box.append(error)
                    resume = steps.athrow
                else:
                    if sent is not None:
                        check("send", sent)
                    box.append(sent)
                    sent, resume = None, steps.asend
        finally:
            await _Resumed(call, steps.aclose())

    return checked_call


def _begun(
    guard: Guard, contract: Contract, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Call | None:
    """Open a call that is judged and never tried again; None where it is not to be judged."""
    __tracebackhide__ = True
    call = guard.begin(contract, args, kwargs)
    if call is not None:
        guard.untried(contract, PAUSES)
    return call


def _checking(guard: Guard, call: Call | None, line: Callable[[], int]) -> Check:
    """Judges a part of a generator's annotation, if it declares one."""
    declared = call.contract.stepwise() if call is not None else {}

    def check(part: str, value: Any) -> None:
        __tracebackhide__ = True
        if call is not None and part in declared:
            guard.judge(call, declared[part], value, line() if part == "yield" else 0)

    return check


class _Resumed:
    """Awaits something with the call's bindings in place whenever it runs."""

    def __init__(self, call: Call | None, inner: Any) -> None:
        self._call = call
        self._inner = inner

    def __await__(self) -> Generator[Any, Any, Any]:
        return _driven(self._call, self._inner)


def _driven(call: Call | None, steps: Any, check: Check | None = None) -> Generator[Any, Any, Any]:
    """Run `steps` (a generator, a coroutine, a step of an asynchronous generator) to its end.

    Every `send`, `throw` and `close` reaches it as it came.
    """
    __tracebackhide__ = True
    resume: Any = steps.send
    box: list[Any] = [None]
    try:
        while True:
            try:
                box.append(_resumed(call, resume, box))
            except StopIteration as stop:
                return stop.value
            if check is not None:
                check("yield", box[0])
            try:
                sent = yield box.pop()
            except GeneratorExit:
                raise
            except BaseException as error:
                box.append(error)
                resume = steps.throw
            else:
                if check is not None and sent is not None:
                    check("send", sent)
                box.append(sent)
                sent, resume = None, steps.send
    finally:
        _resumed(call, steps.close, [])
        # A step that was thrown an error holds it, and the error's traceback holds this frame.
        steps = resume = None


def _resumed(call: Call | None, go_on: Callable[..., Any], box: list[Any]) -> Any:
    __tracebackhide__ = True
    if call is not None:
        push(call)
    try:
        return go_on(*_emptied(box))
    finally:
        if call is not None:
            pop()
        del go_on  # as in `_driven`: it belongs to the step


def _emptied(box: list[Any]) -> list[Any]:
    items = box[:]
    box.clear()
    return items
