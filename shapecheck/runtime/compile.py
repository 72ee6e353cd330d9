"""A contract compiled into a wrapper of straight-line Python that accepts the common case.

What it accepts, the judge would accept; what it does not accept goes to the judge, which decides
and explains. So it can be wrong in one direction only, and a property test hunts for that.
"""

from __future__ import annotations

import builtins
import inspect
import weakref
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any

import torch

from shapecheck.runtime.contract import Contract
from shapecheck.runtime.judging.accept import Writer
from shapecheck.runtime.judging.accept_array import NotExpressible
from shapecheck.runtime.judging.call import running_here
from shapecheck.runtime.judging.written import GLOBALS, code_at
from shapecheck.runtime.replaying import replaying_threads
from shapecheck.runtime.stepping import Untraced

Parameters = Mapping[str, inspect.Parameter]
ReturnJudged = Callable[[dict[str, Any], dict[str, Any], Any], Any]

_AFTER = 10
"""Calls that the judge sees before code is written: by then they have cost what writing costs."""

_KEYWORD = inspect.Parameter.KEYWORD_ONLY
_MANY, _NAMED = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_FORMS: dict[Any, str] = {_MANY: "*{0}", _NAMED: "**{0}", _KEYWORD: "{0}={0}"}


def checked_call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Where tracebacks and debuggers find the written code: at the one line below."""
    return function(*args, **kwargs)


_LINE = checked_call.__code__.co_firstlineno + 2


def _passing_to(target: str) -> CodeType:
    """Code that hands a call on as it is."""
    source = (
        "def checked_call(*args, **kwargs):\n"
        "  __tracebackhide__ = True\n"
        "  if __compiling(): return __traced(*args, **kwargs)\n"
        f"  return {target}(*args, **kwargs)"
    )
    return code_at(source, __file__, _LINE)


_EARLY, _JUDGED = _passing_to("__early"), _passing_to("__judged")


def compiled(
    function: FunctionType,
    contract: Contract,
    guard: Any,
    traced: Callable[..., Any],
    judged: Callable[..., Any],
    return_judged: ReturnJudged,
) -> FunctionType:
    """The wrapper of one function, with the function's own parameters.

    Its code is written after a few calls, when the contract is known. `guard` switches checking
    on and off, `traced` takes a call that torch.compile traces, `judged` runs a call under the
    judge, and `return_judged(arguments, sizes, result)` has it decide on a return value that was
    not accepted, under the sizes that the arguments bound.
    """
    names = {
        **GLOBALS,
        "__builtins__": vars(builtins),
        "__function": function,
        "__guard": guard,
        "__tally": contract.tally,
        "__compiling": torch.compiler.is_dynamo_compiling,
        "__tracing": torch._C._is_tracing,  # torch's own word for it warns that it is used
        "__replaying": replaying_threads,
        "__here": running_here,
        "__traced": traced,
        "__judged": judged,
        "__return_judged": return_judged,
    }
    return _Compiler(contract).wrapper(names)


class _Compiler:
    """Writes the code of one wrapper.

    The wrapper keeps it, and it keeps nothing of the wrapper: a closure that is defined anew at
    each call has to die with its last use.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._parameters: Parameters = contract.signature.parameters
        self._passed = _passed_on(self._parameters)
        self._calls = 0
        self._made: weakref.ref[FunctionType] | None = None

    def wrapper(self, names: dict[str, Any]) -> FunctionType:
        """Make the wrapper, with `names` as its globals; code of its own is written later."""
        names["__early"] = self._early
        # Dynamo keeps what it compiled at the code object, for the globals of one function.
        made = FunctionType(_EARLY.replace(), names)
        self._made = weakref.ref(made)
        return made

    def _early(self, *args: Any, **kwargs: Any) -> Any:
        """One of the first calls: judged, until it pays to write code."""
        __tracebackhide__ = True
        with Untraced():  # from here on a debugger passes over us
            target = self._target()
        return target(*args, **kwargs)

    def _target(self) -> Callable[..., Any]:
        """Who takes this call: the judge, or the wrapper once its code is written."""
        made = self._made() if self._made is not None else None
        assert made is not None, "the wrapper runs"
        self._calls += 1
        if self._calls > _AFTER and made.__globals__["__guard"].enabled:
            self._settle(made)
            return made
        judged: Callable[..., Any] = made.__globals__["__judged"]
        return judged

    def _settle(self, made: FunctionType) -> None:
        """Give the wrapper its final code."""
        names = made.__globals__
        try:
            code = self._code(self._lines(names))
        except Exception:  # NotExpressible, deeper than Python nests, an annotation in error
            made.__code__ = _JUDGED.replace()
            return
        self._contract.tally.declarations = len(self._contract.declared)
        function = names["__function"]
        made.__defaults__, made.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
        made.__code__ = code

    def _lines(self, names: dict[str, Any]) -> list[str]:
        writer = Writer(self._argument, next(iter(self._parameters), ""))
        writer.when("__guard.enabled and not __replaying and not __tracing()")
        for declared in self._contract.parameters:
            self._parameter(writer, declared.name, declared.annotation)
        accepted = _fallible(writer)
        values = "".join(f"{name}, " for name in self._parameters)
        wanted = f"(__p := __guard.probing) is not None and __p.wants(__function, ({values}))"
        lines = [
            *accepted,
            f"if not __ok or {wanted}:",
            f"    return __judged({self._passed})",
            "__tally.calls += 1",
        ]
        returned = self._contract.declared.get("return")
        if returned is None:
            lines.append(f"return __function({self._passed})")
        else:
            lines += self._returned(writer, returned.annotation)
        names |= writer.constants
        return [*(f"{local} = None" for local in sorted(writer.optional)), *lines]

    def _returned(self, writer: Writer, annotation: Any) -> list[str]:
        """The call and its result, which may bind names but not those of the arguments anew."""
        grows = writer.names.grows
        bound = {
            f"*#{name[1:]}" if name in grows else name: local
            for name, local in writer.names.sizes.items()
        }
        renamed = writer.again()
        writer.check(annotation, "__result")
        given = ", ".join(f"{name!r}: {name}" for name in self._parameters)
        sizes = ", ".join(f"{name!r}: {local}" for name, local in bound.items())
        return [
            *(["__here.returned = None"] if _says_where(self._contract.code) else []),
            f"__result = __function({self._passed})",
            *renamed,
            *_fallible(writer),
            "if __ok:",
            "    return __result",
            f"return __return_judged({{{given}}}, {{{sizes}}}, __result)",
        ]

    def _parameter(self, writer: Writer, name: str, annotation: Any) -> None:
        parameter = self._parameters[name]
        if parameter.kind is _NAMED:
            writer.check(dict[str, annotation], name)
        elif parameter.kind is _MANY:
            writer.check(tuple[annotation, ...], name)
        elif parameter.default is inspect.Parameter.empty:
            writer.check(annotation, name)
        else:  # a default is the function's own choice and is not judged
            default = parameter.default
            with writer.either(
                f"{name} is {None if default is None else writer.constant(default)}"
            ):
                writer.check(annotation, name)

    def _argument(self, name: str) -> str:
        """An argument as an expression, for `{…}` in annotations."""
        if name not in self._parameters:
            raise NotExpressible(name)
        return name

    def _code(self, lines: list[str]) -> CodeType:
        head = f"def checked_call({_parameter_list(self._parameters)}):"
        traced = f"if __compiling(): return __traced({self._passed})"
        body = ["__tracebackhide__ = True", traced, *lines]
        source = "\n".join([head, *(f"  {line}" for line in body)])
        return code_at(source, __file__, _LINE)


def can_compile(function: FunctionType) -> bool:
    """False where a wrapper with parameters of its own would pass on a call in another form.

    A decorator in between may tell `f(1)` from `f(x=1)`; and our own names must be free.
    """
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + 2]
    plain = not hasattr(function, "__wrapped__") and not hasattr(function, "__signature__")
    return plain and not any(name.startswith("__") for name in names)


def as_called(
    parameters: Parameters, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call as they may have been given: what is a default is left out."""
    kwargs = {
        name: value
        for name, value in kwargs.items()
        if not (name in parameters and parameters[name].kind is _KEYWORD)
        or value is not parameters[name].default
    }
    positional = [p for p in parameters.values() if p.kind in _POSITIONAL]
    if len(args) > len(positional):
        return args, kwargs
    given = [
        (p, value)
        for p, value in zip(positional, args, strict=False)
        if value is not p.default or p.kind is inspect.Parameter.POSITIONAL_ONLY
    ]
    while given and given[-1][1] is given[-1][0].default:
        given.pop()
    first = next((i for i, (p, _) in enumerate(given) if p is not positional[i]), len(given))
    named = {p.name: value for p, value in given[first:]}
    return tuple(value for _, value in given[:first]), {**named, **kwargs}


def _says_where(code: CodeType) -> bool:
    """True for a function that says which of its `return` statements it leaves by."""
    return {"__shapecheck__", "returning"} <= set(code.co_names)


def _fallible(writer: Writer) -> list[str]:
    """The checks written so far as one statement that sets `__ok`; what they raise is a no."""
    writer.line("__ok = True")
    lines, writer.lines, writer.depth = writer.lines, [], 0
    return [
        "__ok = False",
        "try:",
        *(f" {line}" for line in lines),
        "except __Exception:",
        "  __ok = False",
    ]


def _parameter_list(parameters: Parameters) -> str:
    """The parameters as they stand in a `def`, without annotations and defaults."""
    empty = inspect.Parameter.empty
    bare = [p.replace(annotation=empty, default=empty) for p in parameters.values()]
    return str(inspect.Signature(bare))[1:-1]


def _passed_on(parameters: Parameters) -> str:
    """The parameters as arguments of a call, each by its own kind."""
    return ", ".join(_FORMS.get(p.kind, "{0}").format(p.name) for p in parameters.values())
