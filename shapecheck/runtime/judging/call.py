"""One call of a checked function: its bindings, what was passed, and the judgement of each part."""

from __future__ import annotations

import contextlib
import inspect
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

from shapecheck.core.evidence import Argument, Declaration, Violation
from shapecheck.core.finding import DeclarationError, Finding, ShapeError
from shapecheck.core.site import Place
from shapecheck.runtime.blame import caller, only_return, pointing_at
from shapecheck.runtime.contract import Contract, Declared, reason_of
from shapecheck.runtime.judging.accept import axis_names
from shapecheck.runtime.judging.annotation import declaration_of
from shapecheck.runtime.judging.checkers import Sizeless
from shapecheck.runtime.judging.handlers import handling
from shapecheck.runtime.judging.judge import Names, Refusal, Unreadable, Unresolved, judge
from shapecheck.runtime.judging.scope import Scope
from shapecheck.runtime.observe import observe
from shapecheck.runtime.record import Raised, Record

Explain = Callable[[Violation], Finding]

running_here = threading.local()
"""Of this thread: `calls` whose bodies run and said so, and the `return` statement `returned` by
(the function, by its module's globals and first line; and the line)."""


class Call:
    """The bindings of one running call. Nothing here outlives the call but plain values."""

    __slots__ = ("arguments", "contract", "explain", "names", "record", "scope")

    def __init__(
        self,
        contract: Contract,
        explain: Explain,
        record: Record,
        given: dict[str, Any],
        defaults: dict[str, Any] | None = None,
    ) -> None:
        """`given` are the values to judge by name; `defaults` only serve `{…}` in annotations."""
        self.contract = contract
        self.explain = explain
        self.record = record
        self.arguments = given
        self.scope = Scope({**(defaults or {}), **given})
        self.names = self._names()

    def _names(self) -> Names:
        names = self.contract.names
        first = next(iter(self.contract.signature.parameters), "")
        if first not in ("self", "cls") or first not in self.arguments:
            return names
        owner = self.arguments[first]
        kind = owner if isinstance(owner, type) else type(owner)
        return Names(names.globals, names.locals, kind)

    def bind(self, sizes: dict[str, Any]) -> None:
        """Take over what the arguments bound when they were accepted; None stands for no size."""
        sources = self._sources()
        for name in (*sources, *(n for n in sizes if n not in sources)):
            if sizes.get(name) is not None:
                plain = name.replace("*#", "*")
                naming = [d for d in self.contract.parameters if plain in axis_names(d.annotation)]
                self.scope.bind(name, sizes[name], sources.get(name) or naming[0].name)

    def _sources(self) -> dict[str, str]:
        """The argument that binds each name, as far as the arguments are still what they were."""
        scope = self.scope.anew()
        for declared, value in self._given():
            with contextlib.suppress(Exception):
                judge(value, declared.annotation, scope, self.names, declared.name)
        return {binding.name: binding.source for binding in scope.bindings()}

    def _given(self) -> Iterator[tuple[Declared, Any]]:
        """Every value that was passed for a declared parameter."""
        for declared in self.contract.parameters:
            if declared.name in self.arguments:
                value = self.arguments[declared.name]
                kind = self.contract.signature.parameters[declared.name].kind
                if kind is inspect.Parameter.VAR_POSITIONAL:
                    yield from ((declared, item) for item in value)
                elif kind is inspect.Parameter.VAR_KEYWORD:
                    yield from ((declared, item) for item in value.values())
                else:
                    yield declared, value

    def enter(self) -> None:
        """Judge every argument that was passed (a default is the function's own choice)."""
        parameters = self.contract.signature.parameters
        for declared in self.contract.parameters:
            if declared.name not in self.arguments:
                continue
            value, kind = self.arguments[declared.name], parameters[declared.name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                for i, item in enumerate(value):
                    self.check(declared, item, f"[{i}]")
            elif kind is inspect.Parameter.VAR_KEYWORD:
                for key, item in value.items():
                    self.check(declared, item, f"[{key!r}]")
            elif value is not parameters[declared.name].default:
                self.check(declared, value)

    def check(self, declared: Declared, value: object, element: str = "", line: int = 0) -> None:
        """Raise ShapeError where the value contradicts the declaration; bind names otherwise.

        `line` is that of a local variable, or of the `yield` that gave the value. What is
        yielded or sent binds no names for the next one: the last batch may be smaller.
        """
        __tracebackhide__ = True
        annotation, keep = declared.annotation, declared.declared_as not in ("yield", "send")
        bound_at = line if declared.declared_as == "variable" else 0
        accept = self.contract.pieces.accept(declared.name, bound_at, annotation)
        if accept and self.scope.accepts(accept, value, declared.name, bound_at, keep=keep):
            return
        try:
            refusal = judge(
                value,
                annotation,
                self.scope,
                self.names,
                declared.name,
                line=bound_at,
                keep=keep,
            )
        except Sizeless as error:
            self.record.skip(self.contract.name, self.contract.place, str(error))
            return
        except Unresolved as error:
            declaration = declaration_of(declared.name, declared.declared_as, annotation)
            self.contract.tally.leave(declaration, str(error))
            return
        except Unreadable as error:
            declaration = declaration_of(declared.name, declared.declared_as, annotation)
            self.contract.tally.leave(declaration, str(error))
            message = f"`{declared.name}` of {self.contract.name}: {error}"
            raise DeclarationError(message, self._declared_at(line)) from None
        if refusal is not None:
            self._refuse(declared, refusal, element, line)

    def _refuse(self, declared: Declared, refusal: Refusal, element: str, line: int) -> NoReturn:
        __tracebackhide__ = True
        leaf = declaration_of(
            declared.name, declared.declared_as, declared.annotation, refusal.leaf
        )
        violation = Violation(
            function=self.contract.name,
            place=self._place(declared, line),
            declared_at=self._declared_at(line if declared.declared_as == "variable" else 0),
            declaration=replace(leaf, text=refusal.text),
            actual=refusal.actual,
            element=element + refusal.element,
            bindings=refusal.bindings,
            values=refusal.values,
            others=self._others(declared),
            said=refusal.said,
            wrong_type=refusal.wrong_type,
        )
        error = ShapeError(self.explain(violation))
        self.record.add(Raised(error.finding, *handling()))
        if declared.declared_as in ("return", "yield") and violation.place.line:
            pointing_at(error, self.contract.code, violation.place.line)
        try:
            raise error
        finally:
            del error  # this frame is part of the error's traceback

    def _declared_at(self, line: int) -> Place:
        return replace(self.contract.place, line=line) if line else self.contract.place

    def _place(self, declared: Declared, line: int) -> Place:
        if declared.declared_as in ("parameter", "send", "field"):
            return self._caller()
        line = line or self._returned_at() or only_return(self.contract.code)
        return self._declared_at(line)

    def _returned_at(self) -> int:
        """The line of the `return` statement that gave the value, where it said so; or 0."""
        function = inspect.unwrap(self.contract.function)
        left = getattr(running_here, "returned", None)
        if left is None or left[0] != (id(function.__globals__), self.contract.code.co_firstlineno):
            return 0
        line: int = left[1]
        return line

    def _caller(self) -> Place:
        return caller()

    def _others(self, refused: Declared) -> tuple[Argument, ...]:
        """The other declared arguments of the call, with what was passed for them."""
        return tuple(
            Argument(
                declaration_of(d.name, d.declared_as, d.annotation),
                observe(self.arguments[d.name]),
            )
            for d in self.contract.parameters
            if d is not refused and d.name in self.arguments
        )

    def check_local(self, declared: Declared, value: object, line: int) -> None:
        """Judge an annotated assignment in the body."""
        __tracebackhide__ = True
        self.contract.tally.local_lines.add(line)
        self.check(declared, value, line=line)

    def unchecked_local(self, declaration: Declaration, error: Exception) -> None:
        """Note a local annotation that cannot be evaluated; it never raises."""
        self.contract.tally.leave(declaration, reason_of(error))


def push(call: Call) -> None:
    """The body of `call` starts or goes on in this thread."""
    try:
        running_here.calls.append(call)
    except AttributeError:
        running_here.calls = [call]


def pop() -> None:
    """The body that was pushed last ends or pauses."""
    running_here.calls.pop()


def running() -> Call | None:
    """The call whose body runs in this thread, if it said so."""
    calls = getattr(running_here, "calls", None)
    return calls[-1] if calls else None
