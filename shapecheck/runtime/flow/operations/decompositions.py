"""Decompositions of matrices: what their factors' axes are, though a square one shows no size.

Each factor has an axis of the matrix and one of components, which is new. `svd` gives V transposed
under one name (`linalg.svd`) and as it is under another (`torch.svd`): only identities tell.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import Tensor

from shapecheck.core.factored import FactorTurned
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part
from shapecheck.runtime.flow.call import Call, shape_of
from shapecheck.runtime.flow.marks import NONE, Factor
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.statistics.standards import data_of

FAMILY = "decompositions"
_TRIANGLE = "component of cholesky"
_MEANT = frozenset(("add", "__add__", "__radd__", "__iadd__"))


class _Factors:
    """The factors of one matrix: their axes of components are one."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._source = call.track(call.get(0, "A", call.get(0, "input")))
        self.rows, self.columns = self._source.items[-2:]
        self._new = Identity(f"component of {call.name}", call.place)

    def values(self, made: Tensor) -> Axes:
        """One number a component."""
        shape = shape_of(made)
        return self._call.new((*self._source.items[:-2], self._component(shape[-1])))

    def left(self, made: Tensor) -> Axes:
        """(rows, component)."""
        return self._factor(self.rows, (self.rows, self._component(shape_of(made)[-1])))

    def right(self, made: Tensor) -> Axes:
        """(component, columns)."""
        return self._factor(self.columns, (self._component(shape_of(made)[-2]), self.columns))

    def right_turned(self, made: Tensor) -> Axes:
        """(columns, component)."""
        return self._factor(self.columns, (self.columns, self._component(shape_of(made)[-1])))

    def _component(self, size: int) -> Axis:
        return Axis((Part(self._new, size),))

    def _factor(self, own: Axis, axes: tuple[Axis, Axis]) -> Axes:
        made = self._call.new((*self._source.items[:-2], *(axis.plain() for axis in axes)))
        if own.single is not None and not own.single.shared:
            factor = Factor(
                self._new, own.single, data_of(self._source), self._call.name, self._call.place
            )
            made.marks = replace(NONE, factor=factor)
        return made


@flows(FAMILY, "svd")
def svd(call: Call) -> Any:
    """U (rows, component), S, and Vh (component, columns) or V (columns, component)."""
    u, s, v = call.result
    factors = _Factors(call)
    last = factors.right(v) if hasattr(call.result, "Vh") else factors.right_turned(v)
    return (factors.left(u), factors.values(s), last)


@flows(FAMILY, "eigh eig")
def eigen(call: Call) -> Any:
    """Values and vectors: these stand in columns, (rows, component)."""
    values, vectors = call.result
    factors = _Factors(call)
    return (factors.values(values), factors.left(vectors))


@flows(FAMILY, "qr")
def qr(call: Call) -> Any:
    """Q (rows, component) and R (component, columns)."""
    q, r = call.result
    factors = _Factors(call)
    return (factors.left(q) if q.numel() else None, factors.right(r))


@flows(FAMILY, "cholesky")
def cholesky(call: Call) -> Axes:
    """The lower triangle (rows, component), or the upper one (component, columns)."""
    factors = _Factors(call)
    upper = call.kwargs.get("upper", call.get(1, "upper", False))
    return factors.right(call.result) if upper else factors.left(call.result)


@flows(FAMILY, "inv inverse pinv pinverse")
def inverse(call: Call) -> Axes:
    """What maps columns back to rows."""
    axes = call.axes(call.get(0, "A", call.get(0, "input")))
    return call.new((*axes[:-2], axes[-1].plain(), axes[-2].plain()))


@flows(FAMILY, "solve solve_triangular lstsq")
def solve(call: Call) -> Any:
    """X of A X = B: the columns of A by the columns of B."""
    first = call.result if isinstance(call.result, Tensor) else call.result[0]
    a, b = call.axes(call.get(0, "A", call.get(0, "input"))), call.get(1, "B")
    shape = shape_of(first)
    right = call.axes(b) if isinstance(b, Tensor) else ()
    from_left = call.kwargs.get("left", True) and len(a) >= 2
    axes = [call.fresh(size) for size in shape]
    if from_left and len(shape) == len(right) == len(a):
        axes[-2:] = [a[-1].plain(), right[-1].plain()]
    fits = tuple(axis.size for axis in axes) == shape
    made = call.new(axes) if fits else call.unknown(shape)
    if isinstance(call.result, Tensor):
        return made
    return (made, *(call.unknown(shape_of(one)) for one in call.result[1:]))


def contracted(call: Call, left: Axes, right: Axes, at: int, to: int) -> None:
    """A product sums the axis `at` of the left operand with `to` of the right one.

    A factor's components are summed with components, and what lies along the data with the data.
    Size variables name random numbers in the basis as they name the data, so only the data that was
    decomposed is known to lie along it; components are what they are wherever they come from.
    """
    for factor, (own, position), (other, where), texts in (
        (left.marks.factor, (left, at), (right, to), (0, 1)),
        (right.marks.factor, (right, to), (left, at), (1, 0)),
    ):
        if factor is None or own.root is other.root:
            continue
        met, mine = other.items[where].single, own.items[position].single
        data = met is factor.own and any(one in factor.data for one in data_of(other))
        turned = mine is factor.component and data
        if turned or (mine is factor.own and met is factor.component):
            component = [axis.single for axis in own.items].index(factor.component)
            _emit(call, factor, own, other, position % len(own.items), component, texts)


def _emit(
    call: Call,
    factor: Factor,
    own: Axes,
    other: Axes,
    position: int,
    component: int,
    texts: tuple[int, int],
) -> None:
    shift = int(call.name == "einsum")
    call.emit(
        FactorTurned(
            call.place,
            call.name,
            call.described(own, call.operand_text(texts[0] + shift)),
            call.described(other, call.operand_text(texts[1] + shift)),
            position,
            component,
            factor.by,
            factor.place,
        )
    )


def added(call: Call, left: Axes, right: Axes) -> None:
    """`mean + noise @ L`: the components of a triangle are laid along the data.

    L L^T is the covariance, so it is L that noise is multiplied with from the left. The mean is one
    of data, or what a layer gives: noise that is added to what was whitened lies along components.
    """
    for (one, at), (other, to) in (((left, 0), (right, 1)), ((right, 1), (left, 0))):
        if call.name not in _MEANT or not one.items or not other.items:
            continue
        component, own = one.items[-1].single, other.items[-1].single
        if component is None or own is None or one.items[-1].size != other.items[-1].size:
            continue
        triangle = component.origin == _TRIANGLE and own.serial in component.beside
        statistic = other.marks.statistic
        mean = (statistic is not None and not statistic.spread) or other.root.made_by == "linear"
        if triangle and mean:
            operands = (
                call.described(one, call.operand_text(at)),
                call.described(other, call.operand_text(to)),
            )
            last = len(one.items) - 1
            place = component.place or call.place
            call.emit(
                FactorTurned(
                    call.place, call.name, *operands, last, last, "cholesky", place, added=True
                )
            )
