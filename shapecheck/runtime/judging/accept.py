"""Annotations as straight-line Python that only accepts.

The code written here says yes where jaxtyping and typeguard would, and falls through in every
other case, so that the judge decides. It compares types, dtypes and sizes, and keeps the sizes
of named axes in local variables. What it cannot express raises NotExpressible.
"""

from __future__ import annotations

import collections.abc
import functools
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NewType, TypeVar

import typeguard

from shapecheck.core.axis import AxisKind
from shapecheck.runtime.judging import judge as judging
from shapecheck.runtime.judging.accept_array import ArrayCheck, ArrayReader, Names, NotExpressible
from shapecheck.runtime.judging.annotation import is_array, spec_of
from shapecheck.runtime.judging.scope import Scope

_ITEMS: dict[Any, tuple[type, ...]] = {
    list: (list,),
    tuple: (tuple,),
    collections.abc.Sequence: (list, tuple),
    dict: (dict,),
    collections.abc.Mapping: (dict,),
    collections.abc.MutableMapping: (dict,),
}
_BARE = (list, tuple, dict, set, frozenset)
_LITERAL = (str, int, bool, bytes, type(None))
_UNION = (typing.Union, types.UnionType)


class Writer:
    """Writes lines of Python, each check one level deeper than the one before it.

    `argument` gives the expression of an argument of the call, for `{…}` in annotations, `owner`
    is the first parameter of a method. Locals in `optional` may stay unset and have to begin as
    None.
    """

    def __init__(self, argument: Callable[[str], str], owner: str = "") -> None:
        self.lines: list[str] = []
        self.depth = 0
        self.constants: dict[str, Any] = {}
        self.names = Names()
        self.optional: set[str] = set()
        self._owner = owner
        self._count = 0
        self._argument = argument

    def line(self, text: str) -> None:
        """One line at the current depth."""
        self.lines.append("    " * self.depth + text)

    def when(self, condition: str) -> None:
        """Everything that follows happens only under this condition."""
        self.line(f"if {condition}:")
        self.depth += 1

    def fresh(self, kind: str) -> str:
        """A local name that no parameter has."""
        self._count += 1
        return f"__{kind}{self._count}"

    def constant(self, value: Any) -> str:
        """A global name for a value that the code refers to."""
        name = f"__k{len(self.constants)}"
        self.constants[name] = value
        return name

    def known(self, name: str) -> str:
        """The local variable of an axis name that may be bound or not at this point."""
        local = self.names.sizes.setdefault(name, f"__n{len(self.names.sizes)}")
        self.optional.add(local)
        return local

    def check(self, annotation: Any, value: str) -> None:
        """Go on only where the value of the expression `value` satisfies the annotation."""
        annotation = _meant(annotation)
        if annotation is Any or annotation is object:
            return
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if is_array(annotation):
            self._array(annotation, value)
        elif origin in _UNION:
            self._union(args, value)
        elif origin in _ITEMS and args:
            self.when(_is_one_of(value, [self.constant(t) for t in _ITEMS[origin]]))
            self._contents(origin, args, value)
        else:
            self.when(self._plain(annotation, value))

    def again(self) -> list[str]:
        """Lines after which names that may be bound can be bound without changing what they were.

        What is written next stands under no condition of what was written before.
        """
        lines = []
        for name, local in self.names.sizes.items():
            if name not in self.names.certain:
                self.names.sizes[name] = self.fresh("again")
                lines.append(f"{self.names.sizes[name]} = {local}")
        return lines

    @contextmanager
    def either(self, condition: str) -> Iterator[None]:
        """Go on where the condition holds, or where what is checked in the block is right."""
        done = self.fresh("ok")
        self.line(f"{done} = {condition}")
        with self._block():
            self.when(f"not {done}")
            yield
            self.line(f"{done} = True")
        self.when(done)

    @contextmanager
    def _block(self) -> Iterator[None]:
        """Lines whose conditions end with the block; what they bind is not certain after it."""
        depth, certain, before = self.depth, set(self.names.certain), set(self.names.sizes)
        yield
        self.depth = depth
        self.names.certain.intersection_update(certain)
        self.optional.update(
            local
            for name, local in self.names.sizes.items()
            if name not in before or name not in certain
        )

    def _read(self, annotation: Any, value: str) -> ArrayCheck:
        reader = ArrayReader(self.names, self.constant, self.fresh, self._argument)
        return reader.read(annotation, value)

    def _array(self, annotation: Any, value: str) -> None:
        check = self._read(annotation, value)
        self.when(" and ".join([check.kind, *check.conditions]))
        self._bind(check)

    def _bind(self, check: ArrayCheck) -> None:
        for name, size in check.binds.items():
            local = self.names.sizes.setdefault(name, f"__n{len(self.names.sizes)}")
            if name in check.unless_one:
                self.line(f"if {size} != 1: {local} = {size}")
                self.optional.add(local)
            else:
                self.line(f"{local} = {size}")
                self.names.certain.add(name)

    def _plain(self, annotation: Any, value: str) -> str:
        """A condition for what is no tensor annotation and holds none."""
        if annotation is None or annotation is type(None):
            return f"{value} is None"
        if annotation is float:
            return f"__isinstance({value}, {self.constant((float, int))})"
        if annotation is complex:
            return f"__isinstance({value}, {self.constant((complex, float, int))})"
        if annotation is bytes:
            return f"__type({value}) is {self.constant(bytes)}"
        if annotation in _BARE:
            return f"__isinstance({value}, {self.constant(annotation)})"
        if annotation is collections.abc.Callable or annotation is typing.Callable:
            return f"__callable({value})"
        if annotation is typing.Self:
            return self._self(value)
        if typing.get_origin(annotation) is typing.Literal:
            return self._literal(typing.get_args(annotation), value)
        if is_simple_class(annotation):
            return f"__isinstance({value}, {self.constant(annotation)})"
        if not _binds_nothing(annotation):
            raise NotExpressible(repr(annotation))
        return f"{self.constant(functools.partial(_judged, annotation))}({value})"

    def _self(self, value: str) -> str:
        if self._owner == "cls":
            return f"__isinstance({value}, cls)"
        if self._owner == "self":
            kind = self.constant(type)
            return f"__type({value}) is __type(self) and not __isinstance(self, {kind})"
        raise NotExpressible("Self")

    def _literal(self, values: tuple[Any, ...], value: str) -> str:
        if not all(type(v) in _LITERAL for v in values):
            raise NotExpressible("Literal")
        either = self.constant(frozenset((type(v), v) for v in values))
        return f"(__type({value}), {value}) in {either}"

    def _contents(self, origin: Any, args: tuple[Any, ...], value: str) -> None:
        """What a list, tuple or dict holds, once the value is known to be one."""
        if origin is not tuple:
            self._items(args, value if len(args) == 1 else f"{value}.items()")
        elif Ellipsis in args:
            self._items(args[:1], value)
        elif args != ((),):
            self.when(f"__len({value}) == {len(args)}")
            for i, item in enumerate(args):
                name = self.fresh("item")
                self.line(f"{name} = {value}[{i}]")
                self.check(item, name)

    def _items(self, kinds: tuple[Any, ...], items: str) -> None:
        """Every item of a list; keys and values of a dict."""
        if all(_meant(kind) is Any for kind in kinds):
            return
        for kind in kinds:
            for name in axis_names(kind):  # an item may meet what an earlier one has bound
                self.known(name)
        done, fits = self.fresh("ok"), self.fresh("ok")
        names = [self.fresh("item") for _ in kinds]
        self.line(f"{done} = True")
        with self._block():
            self.line(f"for {', '.join(names)} in {items}:")
            self.depth += 1
            self.line(f"{fits} = False")
            with self._block():
                for name, kind in zip(names, kinds, strict=True):
                    self.check(kind, name)
                self.line(f"{fits} = True")
            self.line(f"if not {fits}:")
            self.line(f"    {done} = False")
            self.line("    break")
        self.when(done)

    def _union(self, members: tuple[Any, ...], value: str) -> None:
        """The first member that fits, as the judge takes it.

        A later member is tried only where the judge would certainly refuse the earlier ones; a
        doubtful value (a tensor of a subclass, a container that does not fit) is left to it.
        """
        done = self.fresh("ok")
        self.line(f"{done} = False")
        word = "if"
        for member in map(_meant, members):
            condition, doubt, inside = self._member(member, value)
            with self._block():
                self.line(f"{word} {condition}:")
                self.depth += 1
                inside()
                self.line(f"{done} = True")
            if doubt:
                self.line(f"elif {doubt}:")
                self.line("    pass")
            word = "elif"
        self.when(done)

    def _member(self, member: Any, value: str) -> tuple[str, str, Callable[[], None]]:
        """One member of a union: when it is the one, when that is in doubt, and what follows."""
        origin, args = typing.get_origin(member), typing.get_args(member)
        if is_array(member):
            check = self._read(member, value)
            doubt = self._doubt(member, check, value)
            condition = " and ".join([check.kind, *check.conditions])
            return condition, doubt, lambda: self._bind(check)
        if origin in _ITEMS and args:
            condition = _is_one_of(value, [self.constant(t) for t in _ITEMS[origin]])
            doubt = f"__isinstance({value}, {self.constant(origin)})"
            return condition, doubt, lambda: self._contents(origin, args, value)
        if member is bytes or member is typing.Self or origin in _UNION:
            raise NotExpressible(repr(member))
        anything = member is Any or member is object
        return "True" if anything else self._plain(member, value), "", lambda: None

    def _doubt(self, member: Any, check: ArrayCheck, value: str) -> str:
        """Where the judge may take a value that fails the check."""
        if member.array_type is Any:
            candidate = f"__hasattr({value}, 'shape')"
        else:
            candidate = f"__isinstance({value}, {self.constant(member.array_type)})"
        return f"{candidate} and not {check.kind}" if check.exact else candidate


def _judged(annotation: Any, value: object) -> bool:
    """The judge itself, on what no binding can change."""
    return judging.judge(value, annotation, Scope({}), judging.Names({}), "") is None


def _binds_nothing(annotation: Any) -> bool:
    """True for what holds no tensor annotation, and no name that only the judge can resolve."""
    origin = typing.get_origin(annotation)
    if annotation is Any or annotation is Ellipsis or annotation is None:
        return True
    if annotation in (float, complex, bytes, type, *_BARE) or is_simple_class(annotation):
        return True
    if origin is typing.Literal or origin is collections.abc.Callable or origin is type:
        return True
    known = origin in (*_UNION, *_ITEMS, set, frozenset, collections.abc.Set)
    return known and all(map(_binds_nothing, typing.get_args(annotation)))


def is_simple_class(annotation: Any) -> bool:
    """True for a class that typeguard checks with `isinstance` and nothing else."""
    if not isinstance(annotation, type) or typing.get_origin(annotation) is not None:
        return False
    return all(find(annotation, (), ()) is None for find in typeguard.checker_lookup_functions)


def _meant(annotation: Any) -> Any:
    """What stands behind `Annotated`, a NewType or a TypeVar, as typeguard reads them."""
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif isinstance(annotation, TypeVar):
            if annotation.__constraints__:
                raise NotExpressible("a TypeVar with constraints")
            annotation = Any if annotation.__bound__ is None else annotation.__bound__
        else:
            return annotation


def axis_names(annotation: Any) -> list[str]:
    """The axis names of the tensor annotations inside an annotation, variadic ones as `*name`."""
    annotation = _meant(annotation)
    if not is_array(annotation):
        names = [name for part in typing.get_args(annotation) for name in axis_names(part)]
        return list(dict.fromkeys(names))
    spec = spec_of(annotation)
    names = [
        f"*{axis.name}" if axis.kind is AxisKind.VARIADIC else axis.name
        for axis in (spec.axes if spec is not None else ())
        if axis.kind in (AxisKind.NAMED, AxisKind.VARIADIC)
    ]
    return list(dict.fromkeys(names))


def _is_one_of(value: str, kinds: list[str]) -> str:
    return "(" + " or ".join(f"__type({value}) is {kind}" for kind in kinds) + ")"
