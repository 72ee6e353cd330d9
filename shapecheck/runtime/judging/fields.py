"""The fields of a dataclass, checked together once the object is built."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, get_origin

import torch

from shapecheck.core.site import Place
from shapecheck.runtime.contract import Contract, Declared, short_name
from shapecheck.runtime.judging.call import Call
from shapecheck.runtime.judging.tally import Tally

if TYPE_CHECKING:
    from shapecheck.runtime.guard import Guard


class FieldContract(Contract):
    """The declarations of a dataclass's fields; one scope per object."""

    def __init__(self, function: FunctionType, owner: type, tally: Tally) -> None:
        super().__init__(function, tally)
        self.owner = owner

    @functools.cached_property
    def name(self) -> str:
        """The class's name."""
        return short_name(self.owner)

    @functools.cached_property
    def place(self) -> Place:
        """Where the class is defined, as far as its source can be had."""
        try:
            file = inspect.getsourcefile(self.owner) or "<unknown>"
            line = inspect.getsourcelines(self.owner)[1]
        except (OSError, TypeError):
            return Place("<unknown>", function=self.name)
        return Place(file, line, function=self.name)

    @functools.cached_property
    def declared(self) -> dict[str, Declared]:
        """The class's fields by name; each annotation is read where its class was defined."""
        found = {}
        for item in dataclasses.fields(self.owner):
            self.names.globals = _namespace(self.owner, item.name)
            annotation = self._resolve(item.name, "field", item.type)
            if annotation is not Any and get_origin(annotation) is not ClassVar:
                found[item.name] = Declared(item.name, "field", annotation)
        return found


def check_fields(owner: type, guard: Guard) -> None:
    """Have a dataclass judge its fields after `__init__`, by one scope for all of them."""
    if "__init__" not in vars(owner) or hasattr(vars(owner)["__init__"], "__shapecheck_fields__"):
        return
    init = vars(owner)["__init__"]
    whole = f"{owner.__module__}.{owner.__qualname__}"
    tally = guard.record.tally(inspect.unwrap(init).__code__, short_name(owner), whole)
    contract = FieldContract(init, owner, tally)

    @functools.wraps(init)
    def checked_init(self: Any, *args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        init(self, *args, **kwargs)
        if torch.compiler.is_dynamo_compiling():
            return  # the object is in dynamo's books only, and its tensors have no values
        if guard.enabled and _builder(type(self)) is checked_init:
            _judge_fields(guard, contract, self)

    checked_init._torchdynamo_inline = init  # type: ignore[attr-defined]  # dynamo reads this instead
    checked_init.__shapecheck_fields__ = contract  # type: ignore[attr-defined]  # our mark
    owner.__init__ = checked_init  # type: ignore[misc]  # see above


def _builder(kind: type) -> object:
    """The outermost checked `__init__` of a class: when it returns, the object is built."""
    inits = (vars(base).get("__init__") for base in kind.__mro__)
    return next((init for init in inits if hasattr(init, "__shapecheck_fields__")), None)


def _namespace(owner: type, name: str) -> dict[str, Any]:
    """The globals of the module whose class declares the field."""
    for base in owner.__mro__:
        if name in vars(base).get("__annotations__", {}) and base.__module__ in sys.modules:
            return vars(sys.modules[base.__module__])
    return {}


def _judge_fields(guard: Guard, contract: FieldContract, built: Any) -> None:
    __tracebackhide__ = True
    defaults = {item.name: item.default for item in dataclasses.fields(built)}
    values = {}
    for name in contract.declared:
        try:
            value = getattr(built, name)
        except Exception:  # not set, or the user's property cannot say yet
            continue
        if value is not defaults.get(name, dataclasses.MISSING):
            values[name] = value
    call = Call(contract, guard.explain, guard.record, values, {"self": built})
    contract.begin()
    contract.tally.place = contract.place
    for name, value in values.items():
        guard.judge(call, contract.declared[name], value)
