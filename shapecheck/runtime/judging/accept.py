"""Annotations as straight-line Python that only accepts.

The code written here says yes where jaxtyping and typeguard would, and falls through in every
other case, so that the judge decides. It compares types, dtypes and sizes, and keeps the sizes
of named axes in local variables. What it cannot express raises NotExpressible.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from shapecheck.core.axis import AxisKind
from shapecheck.runtime.judging.accept_array import (
    ArrayCheck,
    ArrayReader,
    Names,
    NotExpressible,
    is_whole,
)
from shapecheck.runtime.judging.accept_plain import (
    ITEMS,
    UNION,
    fields_of,
    is_one_of,
    meant,
    plain_condition,
)
from shapecheck.runtime.judging.annotation import is_array, spec_of


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
        annotation = meant(annotation)
        if annotation is Any or annotation is object:
            return
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if is_array(annotation):
            self._array(annotation, value)
        elif origin in UNION:
            self._union(args, value)
        elif origin in ITEMS and args:
            self.when(is_one_of(value, [self.constant(t) for t in ITEMS[origin]]))
            self._contents(origin, args, value)
        elif fields := fields_of(annotation):
            self.when(self._is_record(annotation, value))
            self._fields(annotation, fields, value)
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
        shapes = dict(self.names.shapes)
        with self._not_straight():
            yield
        self.depth, self.names.shapes = depth, shapes
        self.names.certain.intersection_update(certain)
        self.optional.update(
            local
            for name, local in self.names.sizes.items()
            if name not in before or name not in certain
        )

    @contextmanager
    def _not_straight(self) -> Iterator[None]:
        before, self.names.straight = self.names.straight, False
        yield
        self.names.straight = before

    def _read(self, annotation: Any, value: str, *, unpacked: bool = False) -> ArrayCheck:
        reader = ArrayReader(self.names, self.constant, self.fresh, self._argument)
        return reader.read(annotation, value, unpacked=unpacked)

    def _array(self, annotation: Any, value: str) -> ArrayCheck:
        check = self._read(annotation, value, unpacked=True)
        if check.before:
            self.when(" and ".join([check.kind, *check.first]))
            for line in check.before:
                self.line(line)
            if check.conditions:
                self.when(" and ".join(check.conditions))
        else:
            self.when(" and ".join([check.kind, *check.first, *check.conditions]))
        self._bind(check)
        return check

    def _bind(self, check: ArrayCheck) -> None:
        self.names.shapes |= check.fixes
        self.names.grows = (self.names.grows | check.grows) - check.settles
        for name, size in check.binds.items():
            if name not in self.names.sizes and size.isidentifier() and not check.unless_one:
                self.names.sizes[name] = size
                self.names.certain.add(name)
                continue
            local = self.names.sizes.setdefault(name, f"__n{len(self.names.sizes)}")
            if name in check.unless_one:
                self.line(f"if {size} != 1: {local} = {size}")
                self.optional.add(local)
            else:
                self.line(f"{local} = {size}")
                self.names.certain.add(name)

    def _plain(self, annotation: Any, value: str) -> str:
        return plain_condition(annotation, value, self.constant, self._owner)

    def _is_record(self, annotation: Any, value: str) -> str:
        kind = annotation if issubclass(annotation, tuple) else dict
        return is_one_of(value, [self.constant(kind)])

    def _fields(self, annotation: Any, fields: dict[str, Any], value: str) -> None:
        """What a named tuple or a typed dict holds, once the value is known to be one."""
        read = f"{value}.{{}}" if issubclass(annotation, tuple) else f"{value}[{{!r}}]"
        if not issubclass(annotation, tuple):
            self.when(f"__len({value}) == {len(fields)}")
        for name, kind in fields.items():
            item = self.fresh("item")
            self.line(f"{item} = {read.format(name)}")
            self.check(kind, item)

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
        if all(meant(kind) is Any for kind in kinds):
            return
        alike = self._alike(meant(kinds[-1]))
        for kind in kinds[: -1 if alike else None]:
            for name in axis_names(kind):  # an item may meet what an earlier one has bound
                self.known(name)
        done = self.fresh("ok")
        names = [self.fresh("item") for _ in kinds]
        self.line(f"{done} = False")
        if alike:
            self.line(f"{alike} = None")
        with self._block():
            self.line(f"for {', '.join(names)} in {items}:")
            self.depth += 1
            with self._block():
                *keys, last = kinds
                for name, kind in zip(names, keys, strict=False):
                    self.check(kind, name)
                if alike:
                    self._first_or_alike(meant(last), names[-1], alike)
                else:
                    self.check(last, names[-1])
                self.line("continue")
            self.line("break")
        self.line("else:")
        self.line(f"    {done} = True")
        self.when(done)

    def _alike(self, annotation: Any) -> str:
        """A variable for the shape of the first item, where all items are to have that shape."""
        spec = spec_of(annotation) if is_array(annotation) else None
        return self.fresh("first") if spec is not None and is_whole(spec) else ""

    def _first_or_alike(self, annotation: Any, value: str, first: str) -> None:
        """Look at the first item as at any tensor; the others are of the same shape."""
        with self._block():
            self.when(f"{first} is None")
            check = self._array(annotation, value)
            self.line(f"{first} = {next(iter(check.fixes.values()), f'{value}.shape')}")
            self.line("continue")
        right = " and ".join([check.kind, *check.first])
        self.line(f"elif {right} and {value}.shape == {first}:")
        self.depth += 1

    def _union(self, members: tuple[Any, ...], value: str) -> None:
        """The first member that fits, as the judge takes it.

        A later member is tried only where the judge would certainly refuse the earlier ones; a
        doubtful value (a tensor of a subclass, a container that does not fit) is left to it.
        """
        done = self.fresh("ok")
        self.line(f"{done} = False")
        word = "if"
        for member in map(meant, members):
            with self._not_straight():
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
            condition = " and ".join([check.kind, *check.first, *check.conditions])
            return condition, doubt, lambda: self._bind(check)
        if origin in ITEMS and args:
            condition = is_one_of(value, [self.constant(t) for t in ITEMS[origin]])
            doubt = f"__isinstance({value}, {self.constant(origin)})"
            return condition, doubt, lambda: self._contents(origin, args, value)
        if fields := fields_of(member):
            kind = member if issubclass(member, tuple) else dict
            doubt = f"__isinstance({value}, {self.constant(kind)})"
            condition = self._is_record(member, value)
            return condition, doubt, lambda: self._fields(member, fields, value)
        if member is bytes or member is typing.Self or origin in UNION:
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


def axis_names(annotation: Any) -> list[str]:
    """The axis names of the tensor annotations inside an annotation, variadic ones as `*name`."""
    annotation = meant(annotation)
    if not is_array(annotation):
        parts = typing.get_args(annotation) or fields_of(annotation).values()
        names = [name for part in parts for name in axis_names(part)]
        return list(dict.fromkeys(names))
    spec = spec_of(annotation)
    names = [
        f"*{axis.name}" if axis.kind is AxisKind.VARIADIC else axis.name
        for axis in (spec.axes if spec is not None else ())
        if axis.kind in (AxisKind.NAMED, AxisKind.VARIADIC)
    ]
    return list(dict.fromkeys(names))
