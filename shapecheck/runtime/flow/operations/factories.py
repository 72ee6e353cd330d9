"""Factories: new tensors, whose axes are named by the variables that gave their sizes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from torch import Tensor

from shapecheck.core.axis import says_batch
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import PRODUCT, Axes, Axis, Identity, Part, given, learn
from shapecheck.runtime.flow.call import Call, shape_of
from shapecheck.runtime.flow.numpy.arrays import reshaped
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.wording.counting import along
from shapecheck.runtime.flow.wording.definitions import definitions_of, unconverted
from shapecheck.runtime.flow.wording.expressions import dotted
from shapecheck.runtime.flow.wording.meaning import from_name, from_order, from_words
from shapecheck.runtime.flow.wording.reading import Source, counts_in, legend, shape_comment

_STEPS = frozenset(("token", "tokens", "length", "steps"))
FAMILY = "factories"


@flows(
    FAMILY,
    "zeros! ones! rand randn empty new_zeros new_ones new_empty randint full new_full normal!",
    source=True,
    varies=True,
)
def sized(call: Call) -> Axes:
    """Sizes given one by one or as a sequence."""
    shape = call.shape
    frame = call.frames[0] if call.frames else None
    node = call.written
    if frame is None or node is None:
        return commented(call, call.unknown(shape))
    given = _given(call, node)
    whole = call.tracker.sizes.whole(_unstarred(given[0]), frame) if len(given) == 1 else None
    if whole is not None and whole.shape == shape:
        return call.new(axis.plain() for axis in whole.items)
    if len(given) == 1 and isinstance(given[0], (ast.Tuple, ast.List)):
        given = list(given[0].elts)
    if len(given) != len(shape) or any(isinstance(g, ast.Starred) for g in given):
        return commented(call, call.unknown(shape))
    return commented(call, call.new(named(call, given, shape)))


def _unstarred(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node


def _given(call: Call, node: ast.Call) -> list[ast.expr]:
    """The expressions of the sizes, as far as the call is written in a usual way."""
    named_sizes = [k.value for k in node.keywords if k.arg == "size"]
    if named_sizes:
        return named_sizes
    if call.name in ("randint", "normal", "full", "new_full"):
        sequences: list[ast.expr] = [a for a in node.args if isinstance(a, (ast.Tuple, ast.List))]
        if len(sequences) == 1:
            return sequences
        at = {"randint": -1, "normal": -1, "full": 0, "new_full": 0}[call.name]
        return [node.args[at]] if node.args else []
    return list(node.args)


def named(call: Call, nodes: Sequence[ast.expr], shape: tuple[int, ...]) -> list[Axis]:
    """An axis for each size expression: the one it speaks of, or a new one."""
    axes = []
    for node, size in zip(nodes, shape, strict=True):
        meant = call.tracker.sizes.speaks_of(node, call.frames, size)
        if meant is None:
            grown = "written" if isinstance(node, ast.Constant) and size == 1 else ""
            product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
            fresh = Axis((Part(Identity(PRODUCT, call.place), size),)) if product else None
            axes.append(fresh or call.fresh(size, grown=grown))
        else:
            axes.append(Axis((Part(meant, size),)))
    singles = [axis.single for axis in axes]
    names = [dotted(node) or ast.unparse(node) for node in nodes]
    learn(singles, from_order(names, call.place))
    for identity in singles:
        if identity is not None and singles.count(identity) > 1:
            identity.shared = True
    return axes


def commented(call: Call, axes: Axes) -> Axes:
    """Names from a shape comment at the end of the line, where it fits the result's rank."""
    given(axes)
    node, source = call.expression, call.source
    if node is None or source is None or not isinstance(node, ast.expr):
        return axes
    statement = source.statement(node)
    if not isinstance(statement, ast.Assign) or statement.value is not node:
        return axes
    names = _said(source, statement, axes.shape)
    for axis, name in zip(axes.items, names, strict=False):
        if axis.single is not None and name and not name.isdigit():
            witness = from_words(name, call.place)
            if witness is not None:
                axis.single.witness(witness)
            elif len(name) > 3:
                axis.single.word = name
    return axes


def _said(source: Source, statement: ast.stmt, shape: tuple[int, ...]) -> tuple[str, ...]:
    """The words for each axis in the comment beside a statement, or alone on the line above."""
    rank = len(shape)
    beside = source.comment(statement.end_lineno or 0)
    above = statement.lineno - 1
    alone = 0 < above <= len(source.lines) and source.lines[above - 1].lstrip().startswith("#")
    for text in (beside, source.comment(above) if alone else ""):
        names = shape_comment(text, rank) or (legend(text, rank) if rank > 2 else ())
        names = names or counts_in(text, shape)
        if names:
            return names
    return ()


@flows(FAMILY, "zeros_like ones_like rand_like randn_like empty_like full_like randint_like")
def like(call: Call) -> Axes:
    """The axes of the pattern."""
    source = call.track(call.get(0, "input"))
    return call.new(axis.plain() for axis in source.items)


@flows(FAMILY, "arange range linspace logspace randperm hann_window", source=True, varies=True)
def counted(call: Call) -> Axes:
    """One axis, named by the variable that says how many."""
    shape = call.shape
    node = call.written
    if node is None:
        return call.unknown(shape)
    positions = {"linspace": 2, "logspace": 2}
    at = positions.get(call.name, len(list(node.args)) - 1 if len(node.args) < 3 else 1)
    steps = next((k.value for k in node.keywords if k.arg in ("steps", "end")), None)
    if steps is None and 0 <= at < len(node.args):
        steps = node.args[at]
    first = node.args[0] if len(node.args) > 1 and call.name in ("arange", "range") else None
    if first is not None and not (isinstance(first, ast.Constant) and first.value == 0):
        return call.unknown(shape)
    if len(node.args) > 2 and call.name in ("arange", "range"):
        return call.unknown(shape)
    meant = call.tracker.sizes.speaks_of(steps, call.frames, shape[0])
    return call.unknown(shape) if meant is None else call.new([Axis((Part(meant, shape[0]),))])


@flows(FAMILY, "eye", source=True, varies=True)
def eye(call: Call) -> Axes:
    """Two axes, each with an identity of its own."""
    return call.unknown(call.shape)


@flows(FAMILY, "tensor scalar_tensor from_numpy new_tensor", source=True, varies=True)
def literal(call: Call) -> Axes | None:
    """Values written out or brought in: new axes, named by a comment at most."""
    if not isinstance(call.result, Tensor):
        return None
    shape = shape_of(call.result)
    node = call.written
    given_as = node.args[0] if node is not None and node.args else None
    reshaped(call, call.get(1 if call.name == "new_tensor" else 0, "data"), given_as)
    known = _behind(call, node.args[0], shape) if node is not None and node.args else None
    return commented(call, call.unknown(shape) if known is None else call.new(known))


def brought_in(call: Call, tensor: Tensor) -> Axes | None:
    """The axes of a tensor that was never met, where its line or variable shows an array.

    `torch.from_numpy(x)` is no operation that tracking sees: the tensor is met when it is used.
    """
    shape, node = shape_of(tensor), call.expression
    if not isinstance(node, ast.Call) or unconverted(node) is node:
        variables = _variables(call)
        name = next((n for n, value in variables.items() if value is tensor), None)
        node = ast.Name(name) if name is not None else None
    known = _behind(call, node, shape) if isinstance(node, ast.expr) and shape else None
    return None if known is None else Axes(known)


def _variables(call: Call) -> dict[str, Any]:
    """The variables of a module's own code. Those of a function are left alone: looking at them
    would keep what they hold alive."""
    frame = call.frames[0] if call.frames else None
    if frame is None or frame.f_code.co_name != "<module>":
        return {}
    return dict(frame.f_globals)


def _behind(call: Call, node: ast.expr, shape: tuple[int, ...]) -> list[Axis] | None:
    if call.source is None or not call.frames:
        return None
    code = call.frames[0].f_code
    scope = 0 if code.co_name == "<module>" else code.co_firstlineno
    sizes = definitions_of(call.source, code.co_filename).behind(node, scope)
    if not sizes and shape:
        items = along(call, unconverted(node), shape[0])
        return None if items is None else [items, *map(call.fresh, shape[1:])]
    if len(sizes) != len(shape) or not all(map(partial(_agrees, call), sizes, shape)):
        return None
    return named(call, sizes, shape)


def _agrees(call: Call, node: ast.expr, size: int) -> bool:
    """True where a size expression has this value now: a number, or a variable that holds it."""
    if isinstance(node, ast.Constant):
        return node.value == size
    if not isinstance(node, ast.Name):
        return True
    value = _variables(call).get(node.id)
    return type(value) is not int or value == size


def declare(axes: Axes, names: Iterable[str], place: Place) -> None:
    """Give axes the names that a declaration states, and what these names say.

    Tokens may be a set, and a length one of anything; right behind the batch they are time.
    """
    names = list(names)
    for at, (axis, name) in enumerate(zip(axes.items, names, strict=True)):
        identity = axis.single
        if identity is None or not name.isidentifier():
            continue
        identity.names.setdefault(name, place)
        hint = from_name(name, place)
        if hint is not None:
            weak = hint.weak and not (at == 1 and name in _STEPS and says_batch(names[0]))
            said = f"it is declared as {name}"
            identity.witness(replace(hint, kind="declared", text=said, weak=weak))
