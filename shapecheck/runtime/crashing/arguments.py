"""Changes of the other arguments: the dim, the sizes of a view, the indices, the letters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import permutations
from math import prod
from typing import Any

from torch import Tensor

from shapecheck.core.tried import Tried
from shapecheck.runtime.crashing.bench import Bench
from shapecheck.runtime.crashing.operands import wrapped
from shapecheck.runtime.crashing.standins import at, put

_ONE_DIM = (
    "cat concat concatenate stack softmax log_softmax sum mean argmax argmin max min cumsum prod "
    "std var norm logsumexp unbind squeeze flip any all topk sort gather index_select"
)
# Where `dim` stands among the arguments.
_DIMS = {
    **dict.fromkeys(_ONE_DIM.split(), 1),
    **dict.fromkeys(("split", "chunk", "normalize", "cosine_similarity"), 2),
}
_LAYOUTS = ("view", "reshape")
_MOST_LETTERS = 5


def dims(bench: Bench) -> Iterator[Tried]:
    """The operation along another axis."""
    operation = bench.operation
    if operation.name not in _DIMS or not operation.slots:
        return
    position = _DIMS[operation.name]
    path: tuple[Any, ...] = ("kwargs", "dim")
    if "dim" not in operation.given["kwargs"]:
        path = ("args", position)
    try:
        held = at(operation.given, path)
    except (IndexError, KeyError):
        return
    if type(held) is not int:
        return
    rank = len(operation.slots[0].stand_in.shape)
    for dim in (-1, *range(rank)):
        if dim in (held, held - rank) or (dim == -1 and rank < 1) or dim == rank - 1:
            continue
        result = bench(given=put(operation.given, path, dim))
        if result is not None:
            yield Tried("argument", f"dim={dim}", (), (), (), result, "dim", dim)


def laid_out(bench: Bench) -> Iterator[Tried]:
    """A view with one of its sizes left to torch, or as a reshape."""
    operation = bench.operation
    if operation.name not in _LAYOUTS or not operation.slots:
        return
    source = operation.slots[0]
    if operation.name == "view":
        result = bench(instead=Tensor.reshape)
        if result is not None:
            code = f"{wrapped(source.text)}.reshape({_listed(_written_sizes(bench))})"
            yield Tried("instead", code, (0,), result, (), result, "reshape")
    path, sizes = _sizes(operation.given["args"])
    shape = source.stand_in.shape
    if not sizes:
        return
    texts = _written_sizes(bench)
    for i in range(len(sizes)):
        if -1 in sizes:
            break
        new = (*sizes[:i], -1, *sizes[i + 1 :])
        result = bench(given=_with_sizes(operation.given, path, new))
        if result is not None and len(texts) == len(sizes):
            said = [*texts[:i], "-1", *texts[i + 1 :]]
            code = f"{wrapped(source.text)}.{operation.name}({_listed(said)})"
            yield Tried("argument", code, (0,), result, (), result, "size", i)
    if len(sizes) == 2 and sizes[0] == -1 and len(shape) > 2:
        flat = (shape[0], prod(shape[1:]))
        code = f"{wrapped(source.text)}.flatten(1)"
        axes = ((0,), tuple(range(1, len(shape))))
        yield Tried("merged", code, (0,), flat, axes, flat)


def _sizes(args: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """The way to the sizes among the arguments, and the sizes."""
    rest = args[1:]
    if len(rest) == 1 and isinstance(rest[0], (tuple, list)):
        rest = tuple(rest[0])
        return ("args", 1), rest if all(type(n) is int for n in rest) else ()
    return (), rest if rest and all(type(n) is int for n in rest) else ()


def _with_sizes(given: dict[str, Any], path: tuple[Any, ...], sizes: tuple[int, ...]) -> Any:
    if path:
        return put(given, path, sizes)
    return {**given, "args": (given["args"][0], *sizes)}


def _written_sizes(bench: Bench) -> list[str]:
    """The sizes as the user wrote them."""
    node = bench.operation.expression
    if not isinstance(node, ast.Call):
        return []
    given = list(node.args)
    if len(given) > 1 and ast.unparse(given[0]) == bench.operation.slots[0].text:
        given = given[1:]
    if len(given) == 1 and isinstance(given[0], (ast.Tuple, ast.List)):
        given = given[0].elts
    return [ast.unparse(one) for one in given]


def _listed(texts: list[str]) -> str:
    return ", ".join(texts)


def indices(bench: Bench) -> Iterator[Tried]:
    """Brackets with one `:` less."""
    operation = bench.operation
    node = operation.expression
    if operation.name not in ("__getitem__", "getitem") or not isinstance(node, ast.Subscript):
        return
    key = operation.given["args"][1]
    written = node.slice.elts if isinstance(node.slice, ast.Tuple) else []
    if type(key) is not tuple or len(written) != len(key) or len(key) < 2:
        return
    for i in reversed(range(1, len(key))):
        if key[i] != slice(None):
            continue
        fewer = (*key[:i], *key[i + 1 :])
        result = bench(given=put(operation.given, ("args", 1), fewer))
        if result is not None:
            said = [ast.unparse(one) for k, one in enumerate(written) if k != i]
            code = f"{ast.unparse(node.value)}[{_listed(said)}]"
            yield Tried("picked", code, (0,), result, (), result, "index")


def letters(bench: Bench) -> Iterator[Tried]:
    """An einsum with the letters of one operand in another order, or with axes let through."""
    operation = bench.operation
    args = operation.given["args"]
    equation = args[0] if args and isinstance(args[0], str) else ""
    left, arrow, right = equation.replace(" ", "").partition("->")
    parts = left.split(",")
    if operation.name != "einsum" or not arrow or len(parts) != len(operation.slots):
        return
    for i, part in enumerate(parts):
        if len(part) > _MOST_LETTERS or "." in part:
            continue
        for order in permutations(part):
            if "".join(order) == part:
                continue
            new = ",".join([*parts[:i], "".join(order), *parts[i + 1 :]])
            yield from _equation(bench, f"{new}->{right}", (i,))
    first = {part[0] for part in parts}
    if right and first == {right[0]}:
        through = [*(f"...{part[1:]}" for part in parts)]
        yield from _equation(bench, f"{','.join(through)}->...{right[1:]}", ())


def _equation(bench: Bench, text: str, operands: tuple[int, ...]) -> Iterator[Tried]:
    result = bench(given=put(bench.operation.given, ("args", 0), text))
    if result is not None:
        yield Tried("argument", f'"{text}"', operands, (), (), result, "equation")
