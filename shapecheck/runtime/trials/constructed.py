"""What a module's constructor calls the sizes of its tensors and layers: `torch.ones(sensors)`.

The author who declares `batch time sensor` and makes a gain of `sensors` numbers has said which
axis the gain belongs to. A name counts where it is one of the constructor's own, in the class of
the method that was called, and matches a declared axis up to a plural or an `n_`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import lru_cache

from torch import nn

_SIZES = frozenset(("zeros", "ones", "randn", "rand", "empty"))
_READS = {
    "Linear": "in_features",
    "Conv1d": "in_channels",
    "Conv2d": "in_channels",
    "Conv3d": "in_channels",
}
_REGISTERS = frozenset(("register_buffer", "register_parameter"))
_SAME = frozenset(("to", "float", "double", "clone", "contiguous", "mul", "div", "add", "abs"))


def sizes_of(owner: nn.Module) -> dict[str, tuple[str, ...]]:
    """For each attribute, what its sizes are called: of a tensor each axis, of a layer what it
    reads. Layers inside an nn.Sequential go by `name.0`. "" for a size without a name."""
    return _sizes(type(owner).__init__)


@lru_cache(maxsize=256)
def _sizes(initialiser: Callable[..., None]) -> dict[str, tuple[str, ...]]:
    try:
        source = inspect.getsource(inspect.unwrap(initialiser))
        tree = ast.parse(textwrap.dedent(source))
    except (OSError, TypeError, SyntaxError):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name, value in _assigned(tree):
        for where, sizes in _read(name, value):
            known = found.setdefault(where, sizes)
            if known != sizes:  # made in two ways
                found[where] = ()
    return found


def _assigned(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What `self` is given: assignments, `register_buffer`, `register_parameter`."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((name, node.value) for t in targets if (name := _of_self(t)))
        elif isinstance(node, ast.Call) and _called(node) in _REGISTERS:
            given, value = (*node.args, None, None)[:2]
            if isinstance(given, ast.Constant) and value is not None:
                yield str(given.value), value


def _of_self(node: ast.expr | None) -> str:
    """The attribute's name, where it is one of `self`."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return ""
    return node.attr if node.value.id == "self" else ""


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _read(name: str, value: ast.expr) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(value, (ast.Call, ast.BinOp)):
        return
    called = _called(value) if isinstance(value, ast.Call) else ""
    if isinstance(value, ast.Call) and called == "Sequential":
        for i, layer in enumerate(value.args):
            yield from _read(f"{name}.{i}", layer)
    elif isinstance(value, ast.Call) and called in _READS:
        given = {k.arg: k.value for k in value.keywords}
        size = given.get(_READS[called], value.args[0] if value.args else None)
        yield name, (_word(size),)
    else:
        sizes = _made_with(value)
        if any(sizes):
            yield name, sizes


def _made_with(value: ast.expr) -> tuple[str, ...]:
    """The names of the sizes that a tensor is made with."""
    if isinstance(value, ast.BinOp):
        return _made_with(value.left) or _made_with(value.right)
    if not isinstance(value, ast.Call):
        return ()
    called, args = _called(value), value.args
    if called == "Parameter" and args:
        return _made_with(args[0])
    if called in _SAME and isinstance(value.func, ast.Attribute):
        return _made_with(value.func.value)
    if called in _SIZES or (called == "full" and args):
        listed = args[0] if args and isinstance(args[0], (ast.Tuple, ast.List)) else None
        sizes = listed.elts if listed else args[:1] if called == "full" else args
        return tuple(map(_word, sizes))
    if called == "linspace":
        steps = next((k.value for k in value.keywords if k.arg == "steps"), None)
        return (_word(steps or (args[2] if len(args) > 2 else None)),)
    return (_word(args[0]),) if called == "arange" and len(args) == 1 else ()


def _word(node: ast.expr | None) -> str:
    return node.id if isinstance(node, ast.Name) else _of_self(node)
