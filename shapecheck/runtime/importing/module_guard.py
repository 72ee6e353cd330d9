"""What a module under the import hook finds as `__shapecheck__`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch

from shapecheck.core.evidence import Declaration
from shapecheck.core.finding import DeclarationError
from shapecheck.core.site import Place
from shapecheck.runtime.contract import Declared
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.judging.call import Call, running, running_here
from shapecheck.runtime.modes import recording

T = TypeVar("T")


class ModuleGuard:
    """The guard, with the module's globals to resolve annotations of local variables in.

    `assigned` and `returning` return their value as it is; `again` says that a loop begins
    another pass. They are called from the lines that the import hook rewrote, with the first line
    of the function they stand in.
    """

    def __init__(self, guard: Guard, namespace: dict[str, Any]) -> None:
        self._guard = guard
        self._namespace = namespace
        self._module = id(namespace)
        self._resolved: dict[str, Any] = {}
        self.checked = guard.checked
        self.watched = guard.watched
        self.checked_class = guard.checked_class

    def assigned(
        self,
        value: T,
        name: str,
        text: str,
        line: int,
        function_line: int,
        later: Callable[[], Any] | None = None,
    ) -> T:
        """Judge `name: text = value`; `later` evaluates an annotation that uses local names."""
        __tracebackhide__ = True
        call = _running(function_line)
        if call is None:
            return value
        try:
            annotation = later() if later is not None else self._resolve(text)
        except ValueError as error:
            place = Place(call.contract.place.file, line, function=call.contract.name)
            message = f"the annotation of `{name}` cannot be read: {error}"
            raise DeclarationError(message, place) from None
        except Exception as error:  # a name under TYPE_CHECKING: listed, never raised
            call.unchecked_local(Declaration(name, "variable", text), error)
            return value
        if annotation is not Any and annotation is not object:
            self._guard.judge(call, Declared(name, "variable", annotation), value, line)
        return value

    def returning(self, value: T, line: int, function_line: int) -> T:
        """Remember which of several `return` statements gave the value."""
        if not torch.compiler.is_dynamo_compiling():
            running_here.returned = ((self._module, function_line), line)
        return value

    def again(self, first: int, last: int, function_line: int) -> None:
        """A loop begins another pass: what its body has bound is free to be bound again."""
        call = _running(function_line)
        if call is not None:
            call.scope.release(first, last)

    def _resolve(self, text: str) -> Any:
        """Local annotations name module-level things; each text is evaluated once."""
        if text not in self._resolved:
            self._resolved[text] = eval(text, self._namespace)
        return self._resolved[text]


def _running(function_line: int) -> Call | None:
    """The call whose body runs, if it is of the function that begins at this line.

    It may be another's: a function that was called unwrapped has none of its own.
    """
    if torch.compiler.is_dynamo_compiling() or recording():
        return None
    call = running()
    if call is None or call.contract.code.co_firstlineno != function_line:
        return None
    return call
