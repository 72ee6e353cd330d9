"""A call judged while `torch.compile` traces it, where tensors have shapes but no values.

Dynamo runs no Python of ours while it traces, but for functions that are handed to `comptime`:
these run once, while the graph is made, and leave nothing in it. There a call is judged by the
sizes that it is traced with. Where sizes are symbols it is judged once more by these, so that
dynamo notes what the verdict rests on: another size that would change the verdict is traced, and
judged, anew. A size that the user declared to be dynamic is not compared so: dynamo would refuse
the whole program.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FunctionType
from typing import TYPE_CHECKING, Any, Protocol

import torch

from shapecheck.core.evidence import Violation
from shapecheck.core.finding import DeclarationError, Finding, ShapeError
from shapecheck.core.site import Place
from shapecheck.runtime.blame import caller, standing_at
from shapecheck.runtime.contract import Contract
from shapecheck.runtime.judging.call import Call
from shapecheck.runtime.judging.judge import Names
from shapecheck.runtime.ownership import is_users
from shapecheck.runtime.record import Record

if TYPE_CHECKING:
    from torch._dynamo.comptime import ComptimeContext

_UNKNOWN = object()
"""What cannot be told while tracing; a declaration of it is not judged."""


class Judge(Protocol):
    """What is asked of a guard."""

    enabled: bool
    record: Record

    @property
    def explain(self) -> Callable[[Violation], Finding]:
        """A violation as a finding."""

    def untried(self, contract: Contract, reason: str) -> None:
        """Say why no law is tried on a call."""


def traced_twin(guard: Judge, contract: Contract, function: FunctionType) -> Callable[..., Any]:
    """The function as dynamo is to see it: judged while it is traced, and otherwise as it is.

    Every function has a twin with code of its own, since dynamo counts how often one code object
    was compiled. Called while nothing is traced the twin judges nothing.
    """

    def arguments_seen(context: ComptimeContext) -> None:
        guard.untried(contract, "inside torch.compile")
        _Traced(guard, contract, context).judge()

    def result_seen(context: ComptimeContext) -> None:
        _Traced(guard, contract, context).judge(returned=True)

    def traced_call(*args: Any, **kwargs: Any) -> Any:
        if not guard.enabled or not torch.compiler.is_dynamo_compiling():
            return function(*args, **kwargs)
        torch._dynamo.comptime.comptime(arguments_seen)
        result = function(*args, **kwargs)
        torch._dynamo.comptime.comptime(result_seen)
        return (result, args, kwargs)[0]  # were they not used here, a break would lose them

    traced_call.__code__ = traced_call.__code__.replace(co_name=function.__name__)
    return traced_call


class _Traced:
    """One call while it is traced."""

    def __init__(self, guard: Judge, contract: Contract, context: ComptimeContext) -> None:
        self._guard = guard
        self._contract = contract
        self._context = context
        self._unknown = False
        self._translator = context._i_will_not_complain_if_bc_breaks_InstructionTranslator()

    def judge(self, *, returned: bool = False) -> None:
        """Judge the arguments, or with `returned` the result under the bindings of these.

        Raises ShapeError or DeclarationError; our own failure is recorded.
        """
        try:
            self._judge(_concrete, returned)
        except ShapeError as error:
            raise _while_tracing()(error.finding) from None
        except DeclarationError:
            if not self._unknown:  # else it may be for want of what could not be told
                raise
        except Exception:
            self._guard.record.internal_error(f"checking {self._contract.name} while it is traced")
            return
        with contextlib.suppress(Exception):  # what the sizes come to is known by now
            self._judge(_Symbols(self._translator).symbolic, returned)

    def _judge(self, form: Callable[[Any], Any], returned: bool) -> None:
        """Judge the call with each tensor in a form."""
        args, kwargs = (self._local(name, form) for name in ("args", "kwargs"))
        try:
            bound = self._contract.signature.bind(*args, **kwargs)
        except TypeError:
            return  # the function's own TypeError says it better
        given = {name: v for name, v in bound.arguments.items() if not _is_unknown(v)}
        self._unknown = len(given) < len(bound.arguments)
        bound.apply_defaults()
        named = {name: v for name, v in bound.arguments.items() if not _is_unknown(v)}
        record = Record() if returned or form is not _concrete else self._guard.record
        call = _Call(self._contract, self._guard.explain, record, given, named)
        call.translator = self._translator
        if not returned:
            if form is _concrete:
                self._contract.begin()
            call.enter()
            return
        try:
            call.enter()  # binds the names anew
        except ShapeError:
            return  # the body has changed what it was given, so what names stand for is gone
        declared = self._contract.declared.get("return")
        result = self._local("result", form)
        if declared is not None and not _is_unknown(result):
            call.record = self._guard.record if form is _concrete else record
            call.check(declared, result)

    def _local(self, name: str, form: Callable[[Any], Any]) -> Any:
        variable = self._context.get_local(name)
        effects = self._translator.output.side_effects
        return _value(variable._i_will_not_complain_if_bc_breaks_VariableTracker(), form, effects)


class _Call(Call):
    """A call from a line that is traced, not run."""

    __slots__ = ("translator",)
    translator: Any

    def _names(self) -> Names:
        return replace(super()._names(), symbols=True)

    def _caller(self) -> Place:
        frame = self.translator
        while frame is not None:
            code = frame.f_code
            if is_users(code.co_filename):
                return Place(code.co_filename, frame.lineno, function=code.co_qualname)
            frame = frame.parent
        return caller()


class _Symbols:
    """Tensors with the sizes that dynamo reckons with, where it may be asked to compare them."""

    def __init__(self, translator: Any) -> None:
        self._fixed = frozenset(_declared_dynamic(translator))

    def symbolic(self, fake: Any) -> Any:
        """The tensor as it is. Raises where a symbol in it is not to be pinned down."""
        for size in fake.shape:
            if not isinstance(size, int) and size.node.expr.free_symbols & self._fixed:
                raise NotImplementedError
        return fake


def _declared_dynamic(translator: Any) -> Iterator[Any]:
    """The symbols of sizes that the user declared to be dynamic (`mark_dynamic`, `Dim`)."""
    for tracked in translator.output.tracked_fakes:
        constraints = getattr(tracked.symbolic_context, "constraint_sizes", None) or ()
        for size, constraint in zip(getattr(tracked.fake, "shape", ()), constraints, strict=False):
            if constraint is not None and not isinstance(size, int):
                yield from size.node.expr.free_symbols


def _concrete(fake: Any) -> Any:
    """A tensor without values that has the sizes with which the fake one is traced."""
    sizes = [size if isinstance(size, int) else size.node.hint for size in fake.shape]
    if not all(isinstance(size, int) for size in sizes):
        return _UNKNOWN  # a size that depends on values
    return torch.empty(sizes, dtype=fake.dtype, device="meta")


def _value(variable: Any, form: Callable[[Any], Any], effects: Any) -> Any:
    """What one of dynamo's variables stands for, tensors in the given form.

    What the function does not use itself is looked at without asking dynamo to watch it, tensors
    excepted: an argument that changes at each call must not have the call traced each time.
    """
    from torch._dynamo import variables as kinds
    from torch._dynamo.variables.tensor import SymNodeVariable

    if isinstance(variable, kinds.LazyVariableTracker):
        if not variable.is_realized() and not _holds_tensors(variable.original_value()):
            return variable.original_value()
        variable = variable.realize()
    if isinstance(variable, kinds.TensorVariable):
        known = variable.python_type() in (torch.Tensor, torch.nn.Parameter)
        return form(variable.as_proxy().node.meta["example_value"]) if known else _UNKNOWN
    if isinstance(variable, SymNodeVariable):
        size = variable.as_proxy().node.meta["example_value"].node.hint
        return _UNKNOWN if size is None else size
    kind = variable.python_type()
    if issubclass(kind, (tuple, list)):
        return _together(kind, [_value(item, form, effects) for item in variable.items])
    if isinstance(variable, kinds.ConstDictVariable) and kind is dict:
        of = variable.items.items()
        return {k.vt.as_python_constant(): _value(v, form, effects) for k, v in of}
    if variable.is_python_constant():
        return variable.as_python_constant()
    if variable.source is None or effects.has_pending_mutation(variable):
        return _UNKNOWN  # an object that tracing has made or changed exists only in dynamo's books
    return getattr(variable, "value", _UNKNOWN)


def _together(kind: type, items: list[Any]) -> Any:
    if hasattr(kind, "_fields"):
        return kind(*items)
    return kind(items) if kind in (tuple, list) else _UNKNOWN


def _holds_tensors(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return any(map(_holds_tensors, value))
    if isinstance(value, dict):
        return any(map(_holds_tensors, value.values()))
    return isinstance(value, torch.Tensor)


def _is_unknown(value: object) -> bool:
    """True for what holds something that cannot be told."""
    if isinstance(value, (tuple, list)):
        return any(map(_is_unknown, value))
    if isinstance(value, dict):
        return any(map(_is_unknown, value.values()))
    return value is _UNKNOWN


def _while_tracing() -> type[ShapeError]:
    """ShapeError as a kind of error that dynamo neither wraps nor takes for a reason to give up.

    Dynamo is loaded by now; it would be costly to load it any earlier.
    """
    from torch._dynamo.exc import ShortenTraceback

    class TracedShapeError(ShapeError, ShortenTraceback):
        """Looks, prints and pickles as ShapeError."""

        def __init__(self, finding: Finding) -> None:
            ShapeError.__init__(self, finding)
            self.first_useful_frame = None

        def remove_dynamo_frames(self) -> TracedShapeError:
            """Dynamo asks for this where the error leaves it: end at the user's line."""
            self.__traceback__ = None
            vars(self).pop("_torch_dynamo_tracer_output", None)  # holds all that was traced
            standing_at(self, self.finding.place)
            return self

        def __reduce__(self) -> tuple[Any, ...]:
            restore, (_, data) = super().__reduce__()
            return restore, (ShapeError, data)

    TracedShapeError.__name__ = TracedShapeError.__qualname__ = "ShapeError"
    TracedShapeError.__module__ = ShapeError.__module__
    return TracedShapeError
