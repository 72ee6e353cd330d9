"""One tensor annotation as conditions of straight-line Python, and the names that it binds.

Each condition says what jaxtyping's check says, in its order: type, dtype, rank, the axes before
a variadic one, those after it, the variadic one itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from shapecheck.core.axis import Axis, AxisKind
from shapecheck.core.spec import Spec
from shapecheck.runtime.judging.annotation import spec_of

_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)
_TORCH_DTYPES = sorted({d for d in vars(torch).values() if isinstance(d, torch.dtype)}, key=str)
_LIKELY = (torch.float32, torch.int64, torch.bool)
_NUMPY_DTYPES = [np.dtype(code) for code in "?bBhHiIlLqQefdgFDG"]
_KINDS = {Tensor: (Tensor, torch.nn.Parameter), torch.nn.Parameter: (torch.nn.Parameter,)}


class NotExpressible(Exception):
    """An annotation that has no straight-line form."""


@dataclass
class Names:
    """The axis names met so far, by their name; a variadic one is written `*name`.

    `sizes` maps each to the local variable that holds its size. `certain` are bound on every path
    that leads here, the variables of the others may be None. `shapes` maps axes, as they are
    written, to a variable with the one shape that they stand for from here on. `grows` are the
    variadic names (`*#name`) that a longer shape may still broadcast; the judge alone grows them.
    They are followed only where the code is `straight`: run at each call, once.
    """

    sizes: dict[str, str] = field(default_factory=dict)
    certain: set[str] = field(default_factory=set)
    shapes: dict[str, str] = field(default_factory=dict)
    grows: set[str] = field(default_factory=set)
    straight: bool = True


@dataclass
class ArrayCheck:
    """What one tensor has to satisfy, in order, and what it binds where it does.

    `binds` maps names to expressions; those in `unless_one` are bound only where the size is not
    1. `exact` says that the judge refuses whatever fails a condition. `before` are lines between
    the conditions on type and dtype (`first`) and the others; they raise for another rank. `fixes`
    is the shape's variable by the axes that stand for it. Names in `grows` may be broadcast by what
    comes later, those in `settles` no longer.
    """

    kind: str
    first: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    fixes: dict[str, str] = field(default_factory=dict)
    grows: set[str] = field(default_factory=set)
    settles: set[str] = field(default_factory=set)
    binds: dict[str, str] = field(default_factory=dict)
    unless_one: set[str] = field(default_factory=set)
    exact: bool = True


class ArrayReader:
    """Reads tensor annotations into checks.

    `constant` gives a value a name in the written code, `fresh` makes a local name, `argument`
    gives the expression of a call's argument (or raises NotExpressible).
    """

    def __init__(
        self,
        names: Names,
        constant: Callable[[Any], str],
        fresh: Callable[[str], str],
        argument: Callable[[str], str],
    ) -> None:
        self._names = names
        self._constant = constant
        self._fresh = fresh
        self._argument = argument

    def read(self, annotation: Any, value: str, *, unpacked: bool = False) -> ArrayCheck:
        """The check of the expression `value` against the annotation.

        With `unpacked` it may have lines `before` its conditions, and be so much faster.
        """
        spec = spec_of(annotation)
        if spec is None:
            raise NotExpressible(annotation.dim_str)
        check = ArrayCheck(*self._kind(annotation, value))
        axes = " ".join(axis.text for axis in spec.axes)
        if axes in self._names.shapes:
            check.conditions.append(f"{value}.shape == {self._names.shapes[axes]}")
            return check
        shape = self._fresh("shape")
        if is_whole(spec):
            check.fixes[axes] = shape
        for axis, size in self._sizes(spec, value, shape, check, unpacked):
            check.conditions += self._axis(axis, size, check)
        return check

    def _sizes(
        self, spec: Spec, value: str, shape: str, check: ArrayCheck, unpacked: bool
    ) -> Iterator[tuple[Axis, str]]:
        """Each axis with the expression of its size, once the rank is known to be right."""
        if not unpacked or not spec.rank:
            check.conditions.append(_rank(spec, value, shape))
            return _laid(spec, shape)
        sizes = [self._fresh("size") for _ in spec.axes]
        check.before += [f"{shape} = {value}.shape", f"{', '.join(sizes)}, = {shape}"]
        return zip(spec.axes, sizes, strict=True)

    def _kind(self, annotation: Any, value: str) -> tuple[str, list[str]]:
        """The condition on the type, and those on the dtype."""
        wanted = annotation.array_type
        if wanted is np.ndarray:
            kind = f"(__type({value}) is {self._constant(np.ndarray)})"
            numbers = self._constant(_numpy_dtypes(_wanted(annotation)))
            return kind, [f"{value}.dtype.num in {numbers}"]
        types = _KINDS.get(Tensor if wanted is Any else wanted)
        if types is None:
            raise NotExpressible(repr(wanted))
        kind = " or ".join(f"__type({value}) is {self._constant(t)}" for t in types)
        return f"({kind})", self._torch_dtype(annotation, value)

    def _torch_dtype(self, annotation: Any, value: str) -> list[str]:
        dtypes = _torch_dtypes(_wanted(annotation))
        if len(dtypes) == len(_TORCH_DTYPES):
            return []
        likely = next((d for d in _LIKELY if d in dtypes), None)
        every = self._constant(dtypes)
        if likely is None:
            return [f"{value}.dtype in {every}"]
        if len(dtypes) == 1:
            return [f"{value}.dtype is {self._constant(likely)}"]
        name = self._fresh("dtype")
        return [f"(({name} := {value}.dtype) is {self._constant(likely)} or {name} in {every})"]

    def _axis(self, axis: Axis, size: str, check: ArrayCheck) -> list[str]:
        if axis.kind in (AxisKind.ANONYMOUS, AxisKind.ELLIPSIS):
            return []
        if axis.kind in (AxisKind.NAMED, AxisKind.VARIADIC):
            return self._named(axis, size, check)
        needed: list[str] = []
        if axis.kind is AxisKind.FIXED:
            wanted = str(axis.size)
        else:
            check.exact = False
            needed, wanted = self._symbolic(axis.expression, check)
        equal = " and ".join([*needed, f"{size} == {wanted}"])
        return [f"({size} == 1 or ({equal}))" if axis.broadcastable else equal]

    def _named(self, axis: Axis, size: str, check: ArrayCheck) -> list[str]:
        if axis.kind is AxisKind.VARIADIC and (
            axis.broadcastable or f"*{axis.name}" in self._names.grows
        ):
            return self._growing(axis, size, check)
        variadic = axis.kind is AxisKind.VARIADIC
        name = f"*{axis.name}" if variadic else axis.name
        one = f"{size} == 1 or " if axis.broadcastable else ""
        if name in check.unless_one:
            raise NotExpressible(f"{axis.text} twice in one shape")
        if name in check.binds:
            return [f"({one}{size} == {check.binds[name]})"]
        local = self._names.sizes.get(name)
        if name in self._names.certain:
            return [f"({one}{size} == {local})"]
        check.binds[name] = size
        if axis.broadcastable:
            check.unless_one.add(name)
        return [f"({one}{local} is None or {size} == {local})"] if local else []

    def _growing(self, axis: Axis, size: str, check: ArrayCheck) -> list[str]:
        """Sizes equal to those before: the others may be right, and bind anew what they bound."""
        name = f"*{axis.name}"
        known = name in self._names.certain
        if not self._names.straight or (name in self._names.sizes and not known):
            raise NotExpressible(axis.text)
        if not axis.broadcastable:
            check.settles.add(name)
        if known:
            return [f"({size} == {self._names.sizes[name]})"]
        check.binds[name] = size
        check.grows.add(name)
        return []

    def _symbolic(self, text: str, check: ArrayCheck) -> tuple[list[str], str]:
        """A symbolic axis: what must hold for it to be evaluated here, and its expression.

        jaxtyping formats `{…}` into the text and evaluates what comes out with the bindings. Here
        each `{…}` is a variable: the same, as long as it is a whole number and stands alone.
        """
        if set(text) & set("'\"\\"):
            raise NotExpressible(text)
        fields: dict[str, str] = {}
        try:
            parts = ast.parse(f"f{text!r}", mode="eval").body
            plain = "".join(self._part(p, fields) for p in getattr(parts, "values", [parts]))
            tree = ast.parse(plain, mode="eval").body
        except SyntaxError as error:
            raise NotExpressible(text) from error
        needed = [f"__type({n} := {v}) is __int and {n} >= 0" for n, v in fields.items()]
        return needed, f"({self._arithmetic(tree, fields, check, needed)})"

    def _part(self, part: ast.expr, fields: dict[str, str]) -> str:
        if isinstance(part, ast.Constant):
            return str(part.value)
        if not isinstance(part, ast.FormattedValue):
            raise NotExpressible(ast.unparse(part))
        if part.conversion != -1 or part.format_spec is not None:
            raise NotExpressible("a conversion or format")
        name = f"{self._fresh('field')}_"  # no digit that stands beside it can make it another
        fields[name] = self._field(part.value)
        return name

    def _field(self, node: ast.expr) -> str:
        """A parameter or an attribute of one (`self.hidden`); None where it does not exist."""
        if isinstance(node, ast.Attribute):
            return f"__getattr({self._field(node.value)}, {node.attr!r}, None)"
        if not isinstance(node, ast.Name):
            raise NotExpressible(ast.unparse(node))
        return self._argument(node.id)

    def _arithmetic(
        self, node: ast.expr, fields: dict[str, str], check: ArrayCheck, needed: list[str]
    ) -> str:
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return str(node.value)
        if isinstance(node, ast.Name):
            return self._size(node.id, fields, check, needed)
        if isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC):
            left = self._arithmetic(node.left, fields, check, needed)
            right = self._arithmetic(node.right, fields, check, needed)
            if isinstance(node.op, (ast.FloorDiv, ast.Mod)) and not right.isdigit():
                raise NotExpressible("a division that may be by zero")
            symbol = ast.unparse(ast.BinOp(ast.Name("a"), node.op, ast.Name("b")))[2:-2]
            return f"({left} {symbol} {right})"
        raise NotExpressible(ast.unparse(node))

    def _size(self, name: str, fields: dict[str, str], check: ArrayCheck, needed: list[str]) -> str:
        if name in fields:
            return name
        local = self._names.sizes.get(name)
        if local and name in self._names.certain:
            return local
        if name in check.binds and name not in check.unless_one:
            return check.binds[name]
        if local:
            needed.append(f"{local} is not None")
            return local
        raise NotExpressible(f"{name} is not bound")


def is_whole(spec: Spec) -> bool:
    """True where the axes stand for one shape once all their names are bound."""
    kinds = (AxisKind.NAMED, AxisKind.VARIADIC, AxisKind.FIXED)
    return all(axis.kind in kinds and not axis.broadcastable for axis in spec.axes)


def _rank(spec: Spec, value: str, shape: str) -> str:
    read = f"__len({shape} := {value}.shape)"
    return f"{read} == {spec.rank}" if spec.rank is not None else f"{read} >= {len(spec.axes) - 1}"


def _laid(spec: Spec, shape: str) -> Iterator[tuple[Axis, str]]:
    """Each axis with the expression of its size; those after a variadic one count from the end."""
    at = spec.variadic_at
    if at is None:
        for i, axis in enumerate(spec.axes):
            yield axis, f"{shape}[{i}]"
        return
    after = len(spec.axes) - at - 1
    for i, axis in enumerate(spec.axes[:at]):
        yield axis, f"{shape}[{i}]"
    for i, axis in enumerate(spec.axes[at + 1 :]):
        yield axis, f"{shape}[{i - after}]"
    yield spec.axes[at], f"{shape}[{at}:{f'__len({shape}) - {after}' if after else ''}]"


def _wanted(annotation: Any) -> tuple[Any, ...] | None:
    """The dtypes of jaxtyping's dtype class, as names and patterns; None for any."""
    dtypes = annotation.dtypes
    return tuple(dtypes) if isinstance(dtypes, (tuple, list)) else None


@cache
def _torch_dtypes(wanted: tuple[Any, ...] | None) -> frozenset[torch.dtype]:
    return frozenset(d for d in _TORCH_DTYPES if _takes(wanted, str(d).removeprefix("torch.")))


@cache
def _numpy_dtypes(wanted: tuple[Any, ...] | None) -> frozenset[int]:
    return frozenset(d.num for d in _NUMPY_DTYPES if _takes(wanted, d.type.__name__))


def _takes(wanted: tuple[Any, ...] | None, dtype: str) -> bool:
    if wanted is None:
        return True
    return any(d == dtype if isinstance(d, str) else bool(d.match(dtype)) for d in wanted)
