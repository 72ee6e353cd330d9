"""`@checked`: the declarations of a function are judged each time it is called.

The wrapper accepts the call or raises ShapeError. It keeps nothing of the call, passes on what
the function returns as it is, and steps aside where its own machinery fails, where the guard is
switched off, and while torch.compile traces.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import weakref
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import torch

from shapecheck.core.finding import DeclarationError, ShapeError
from shapecheck.runtime.compile import as_called, can_compile, compiled
from shapecheck.runtime.contract import Contract, Declared, declares, enclosing_names, short_name
from shapecheck.runtime.judging import stepwise
from shapecheck.runtime.judging.asking import asks_jaxtyping
from shapecheck.runtime.judging.call import Call, Explain, pop, push, running_here
from shapecheck.runtime.judging.compiling import traced_twin
from shapecheck.runtime.judging.fields import check_fields
from shapecheck.runtime.modes import recording
from shapecheck.runtime.record import Record
from shapecheck.runtime.replaying import replaying
from shapecheck.runtime.running.traces import without_frames_of_ours
from shapecheck.runtime.stepping import Untraced

if TYPE_CHECKING:
    from shapecheck.runtime.trials.probing import Probing

T = TypeVar("T")


class Guard:
    """Wraps callables and classes; owns the record of what they did.

    `explain` turns a violation into the finding that ShapeError carries. `enabled` switches every
    wrapper of this guard on or off. Where `probing` is set it is shown every call.
    """

    def __init__(self, explain: Explain) -> None:
        self.explain = explain
        self.record = Record()
        self.enabled = True
        self.probing: Probing | None = None

    def checked(self, target: T) -> T:
        """Check a function, method, property, coroutine, generator, or every method of a class.

        A dataclass has its fields checked after `__init__` as well. What declares nothing is
        returned as it is.
        """
        return cast(T, self._wrapped(target))

    def watched(self, target: T) -> T:
        """Like `checked`, for a function whose body asks for its bindings while it runs.

        The import hook uses it where the body holds annotated assignments.
        """
        return cast(T, self._wrapped(target, watched=True))

    def checked_class(self, target: T) -> T:
        """Check the fields of a dataclass; its methods are checked where they are defined."""
        try:
            if dataclasses.is_dataclass(target):
                check_fields(cast(type, target), self)
        except Exception:
            self.record.internal_error(f"preparing to check {target!r}")
        return target

    def _wrapped(self, target: Any, watched: bool = False) -> Any:
        """The target under the guard; as it is where our own machinery fails on it."""
        with Untraced():
            try:
                return self._wrap(target, watched)
            except Exception:
                self.record.internal_error(f"preparing to check {target!r}")
                return target

    def begin(
        self, contract: Contract, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Call | None:
        """Open a call and judge its arguments; None where it is not to be judged."""
        __tracebackhide__ = True
        with Untraced():
            return self._begin(contract, args, kwargs)

    def _begin(
        self, contract: Contract, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Call | None:
        __tracebackhide__ = True
        if not self.enabled or replaying() or self._recorded(contract):
            return None
        try:
            bound = contract.signature.bind(*args, **kwargs)
        except TypeError:
            return None  # the function's own TypeError says it better
        call = None
        try:
            given = dict(bound.arguments)
            bound.apply_defaults()
            call = Call(contract, self.explain, self.record, given, bound.arguments)
            running_here.returned = None
            contract.begin()
            call.enter()
        except (ShapeError, DeclarationError) as error:
            error.__traceback__ = without_frames_of_ours(error.__traceback__)
            raise
        except Exception:
            self.record.internal_error(f"checking the arguments of {contract.name}")
        return call

    def untried(self, contract: Contract, reason: str) -> None:
        """Say why no law is tried on a call, where laws are tried at all."""
        if self.probing is not None:
            self.probing.leave(contract, reason)

    def _recorded(self, contract: Contract) -> bool:
        """True where torch records the call instead of running it; said once."""
        reason = recording()
        if reason:
            self.record.skip(contract.name, contract.place, reason)
        return bool(reason)

    def end(self, call: Call, result: object) -> None:
        """Judge the return value."""
        __tracebackhide__ = True
        with Untraced():
            declared = call.contract.declared.get("return")
            if declared is not None:
                self.judge(call, declared, result)

    def judge(self, call: Call, declared: Declared, value: object, line: int = 0) -> None:
        """Judge one value of a running call; `line` is a local variable's, or a `yield`'s.

        Our own failure is recorded, not raised.
        """
        __tracebackhide__ = True
        try:
            if declared.declared_as == "variable":
                call.check_local(declared, value, line)
            else:
                call.check(declared, value, line=line)
        except (ShapeError, DeclarationError) as error:
            error.__traceback__ = without_frames_of_ours(error.__traceback__)
            raise
        except Exception:
            self.record.internal_error(f"checking `{declared.name}` of {call.contract.name}")

    def _wrap(self, target: Any, watched: bool = False) -> Any:
        if isinstance(target, (staticmethod, classmethod)):
            inner = self._wrap(target.__func__, watched)
            return target if inner is target.__func__ else type(target)(inner)
        if isinstance(target, property):
            return self._wrap_property(target, watched)
        if isinstance(target, functools.cached_property):
            target.func = self._wrap(target.func, watched)
            return target
        if isinstance(target, functools._lru_cache_wrapper):
            inner = self._wrap(target.__wrapped__, watched)
            cached = functools.lru_cache(**target.cache_parameters())
            return target if inner is target.__wrapped__ else cached(inner)
        if isinstance(target, type):
            return self._wrap_class(target)
        if not isinstance(target, FunctionType) or hasattr(target, "__shapecheck__"):
            return target
        if not declares(target) and not watched:
            return target
        return self._wrap_function(target, enclosing_names(target), watched)

    def _wrap_property(self, target: property, watched: bool) -> property:
        wrapped = target
        for part, change in (("fget", "getter"), ("fset", "setter"), ("fdel", "deleter")):
            function = getattr(target, part)
            inner = function and self._wrap(function, watched)
            if inner is not function:
                wrapped = getattr(wrapped, change)(inner)
        return wrapped

    def _wrap_class(self, target: type) -> type:
        is_dataclass = dataclasses.is_dataclass(target)
        for name, member in list(vars(target).items()):
            if is_dataclass and name == "__init__" and _is_generated(member):
                continue  # `__post_init__` may convert what it is given: the fields are judged
            wrappable = (FunctionType, staticmethod, classmethod, property)
            if isinstance(member, (*wrappable, functools.cached_property)):
                wrapped = self._wrap(member)
                if wrapped is not member:
                    setattr(target, name, wrapped)
        if is_dataclass:
            check_fields(target, self)
        return target

    def _wrap_function(
        self, function: FunctionType, scope_names: dict[str, Any], watched: bool
    ) -> Callable[..., Any]:
        tally = self.record.tally(inspect.unwrap(function).__code__, short_name(function))
        contract = Contract(function, tally, scope_names)
        if inspect.isasyncgenfunction(function):
            wrapper = stepwise.async_generator(self, function, contract)
        elif inspect.isgeneratorfunction(function):
            wrapper = stepwise.generator(self, function, contract)
        elif inspect.iscoroutinefunction(function):
            wrapper = stepwise.coroutine(self, function, contract)
        elif watched or asks_jaxtyping(function):
            wrapper = self._with_body(function, contract)
        elif can_compile(function):
            wrapper = self._compiled(function, contract)
        else:
            wrapper = self._general(function, contract)
        functools.update_wrapper(wrapper, function)
        contract.wrapper = weakref.proxy(wrapper)
        wrapper.__shapecheck__ = contract  # type: ignore[attr-defined]  # our mark on a function
        return wrapper

    def _compiled(self, function: FunctionType, contract: Contract) -> Callable[..., Any]:
        guard, parameters = self, contract.signature.parameters

        def judged(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            with Untraced():
                args, kwargs = as_called(parameters, args, kwargs)
            return guard.judged(contract, function, args, kwargs)

        def return_judged(arguments: dict[str, Any], sizes: dict[str, Any], result: Any) -> Any:
            __tracebackhide__ = True
            guard.end(guard.accepted(contract, arguments, sizes), result)
            return result

        traced = traced_twin(self, contract, function)
        return compiled(function, contract, self, traced, judged, return_judged)

    def _general(self, function: FunctionType, contract: Contract) -> Callable[..., Any]:
        guard, traced = self, traced_twin(self, contract, function)

        def checked_call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if torch.compiler.is_dynamo_compiling():
                return traced(*args, **kwargs)
            return guard.judged(contract, function, args, kwargs)

        return checked_call

    def _with_body(self, function: FunctionType, contract: Contract) -> Callable[..., Any]:
        guard, shares = self, asks_jaxtyping(function)
        traced = traced_twin(self, contract, function)

        def checked_call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if torch.compiler.is_dynamo_compiling():
                return traced(*args, **kwargs)
            call = guard.begin(contract, args, kwargs)
            if call is None:
                return function(*args, **kwargs)
            body = functools.partial(_with_bindings, call, function, shares)
            return guard.ran(call, body, args, kwargs)

        return checked_call

    def judged(
        self,
        contract: Contract,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Make a call of which the judge sees each part."""
        __tracebackhide__ = True
        call = self.begin(contract, args, kwargs)
        if call is None:
            return function(*args, **kwargs)
        return self.ran(call, function, args, kwargs)

    def ran(
        self,
        call: Call,
        body: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """The result of a call whose arguments were judged, judged as well."""
        __tracebackhide__ = True
        if self.probing is not None:
            return self.probed(self.probing, call, body, args, kwargs)
        result = body(*args, **kwargs)
        self.end(call, result)
        return result

    def accepted(
        self, contract: Contract, arguments: dict[str, Any], sizes: dict[str, Any]
    ) -> Call:
        """A call whose arguments were accepted and bound these sizes."""
        parameters = contract.signature.parameters
        given = {n: v for n, v in arguments.items() if v is not parameters[n].default}
        call = Call(contract, self.explain, self.record, given, arguments)
        call.bind(sizes)
        return call

    def probed(
        self,
        probing: Probing,
        call: Call,
        body: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Make a call whose arguments were judged, with its state taken where it is to be tried."""
        __tracebackhide__ = True
        with Untraced():
            pending = probing.before(call.contract, args, kwargs)
        try:
            result = body(*args, **kwargs)
            self.end(call, result)
        except BaseException:
            if pending is not None:
                probing.failed(pending)
            raise
        if pending is not None:
            with Untraced():
                probing.after(pending, result)
        return result


def _with_bindings(
    call: Call, function: FunctionType, shares: bool, *args: Any, **kwargs: Any
) -> Any:
    """Run a body that asks for its bindings: through us, or through jaxtyping where it `shares`."""
    __tracebackhide__ = True
    push(call)
    try:
        if shares:
            with call.scope:
                return function(*args, **kwargs)
        return function(*args, **kwargs)
    finally:
        pop()


def _is_generated(member: object) -> bool:
    """True for a method that `dataclass` wrote."""
    code = getattr(member, "__code__", None)
    return code is not None and code.co_filename == "<string>"
