"""The fields of a dataclass, checked together once the object is built."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, get_origin

from shapecheck.core.site import Place
from shapecheck.runtime.call import Call
from shapecheck.runtime.contract import Contract, Declared, short_name
from shapecheck.runtime.tally import Tally

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
        """The class's fields by name."""
        namespace = vars(sys.modules[self.owner.__module__])
        self.names.globals = namespace
        found = {}
        for item in dataclasses.fields(self.owner):
            annotation = self._resolve(item.name, "field", item.type)
            if annotation is not Any and get_origin(annotation) is not ClassVar:
                found[item.name] = Declared(item.name, "field", annotation)
        return found


def check_fields(owner: type, guard: Guard) -> None:
    """Have a dataclass judge its fields after `__init__`, by one scope for all of them."""
    init = owner.__init__  # type: ignore[misc]  # the class's own, to be wrapped
    if hasattr(init, "__shapecheck_fields__") or "__init__" not in vars(owner):
        return
    contract = FieldContract(init, owner, guard.record.tally(init.__code__, short_name(owner)))

    @functools.wraps(init)
    def checked_init(self: Any, *args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        init(self, *args, **kwargs)
        if guard.enabled and type(self) is owner:
            _judge_fields(guard, contract, self)

    checked_init.__shapecheck_fields__ = contract  # type: ignore[attr-defined]  # our mark
    owner.__init__ = checked_init  # type: ignore[misc]  # see above


def _judge_fields(guard: Guard, contract: FieldContract, built: Any) -> None:
    __tracebackhide__ = True
    values = {n: getattr(built, n) for n in contract.declared if hasattr(built, n)}
    call = Call(contract, guard.explain, guard.record, values)
    contract.begin()
    contract.tally.place = contract.place
    for name, value in values.items():
        guard.judge(call, contract.declared[name], value)
