"""What a list counts: the axis along which its items lie once they are put into one tensor.

`torch.stack([step(x[:, t]) for t in range(x.size(1))])` lies along the time of `x`;
`s, a, r = zip(*batch)` gives three lists that all lie along `batch`. Read from the source, as
the names of sizes are: a list that was filled in any other way says nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from shapecheck.core.axis import Role
from shapecheck.runtime.flow.axes import Axis, Identity, Part
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.wording.expressions import integer
from shapecheck.runtime.flow.wording.reading import Source
from shapecheck.runtime.flow.wording.records import Function, function_around

_Comprehension = ast.ListComp | ast.GeneratorExp
_WRAPPERS = frozenset(("list", "tuple", "array", "asarray", "stack", "tensor", "as_tensor"))


def along(call: Call, node: ast.expr | None, size: int) -> Axis | None:
    """The axis along which the items of this list lie, None where the source does not tell."""
    source = call.source
    if node is None or source is None or size < 2:
        return None
    loop = _loop(source, node)
    if loop is None:
        return None
    identity = _counted(call, source, loop, size)
    return None if identity is None else Axis((Part(identity, size),))


def repeated(call: Call, node: ast.expr | None) -> bool:
    """True for a list of one thing done several times: `[net(x) for _ in range(passes)]`."""
    source = call.source
    loop = _loop(source, node) if source is not None and node is not None else None
    if source is None or loop is None or not isinstance(loop[0], ast.Call):
        return False
    return _called(loop[0]) == "range" and not _uses(source, *loop)


def _loop(source: Source, node: ast.expr) -> tuple[ast.expr, ast.AST] | None:
    """What the items of a list were made from, one by one, and what was made of each."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and _called(node) in _WRAPPERS:
        return _loop(source, node.args[0])
    if isinstance(node, _Comprehension):
        return _iterated(node)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return _fields(source, node.value)
    return _filled(source, node) if isinstance(node, ast.Name) else None


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _iterated(node: _Comprehension) -> tuple[ast.expr, ast.AST] | None:
    first = node.generators[0]
    if len(node.generators) > 1 or first.ifs or first.is_async:
        return None
    return first.iter, node.elt


def _filled(source: Source, node: ast.Name) -> tuple[ast.expr, ast.AST] | None:
    """A variable that holds a comprehension, was appended to in a loop, or came of a `zip(*x)`."""
    records = _records_around(source, node)
    if records is not None:
        return records, node
    ways = _before(source, node)
    last = ways[-1] if ways else None
    if isinstance(last, _Comprehension):
        return _iterated(last)
    if isinstance(last, ast.For) and len(ways) > 1 and _empty(ways[-2]):
        once = _loops(source, ways[-2]) == _loops(source, last)
        return (last.iter, ast.Module(last.body, [])) if once else None
    transposed = _transposed(last) if isinstance(last, ast.expr) else None
    return None if transposed is None else (transposed, node)


def _before(source: Source, node: ast.Name) -> list[ast.AST]:
    """What a variable was given before this line, in a block around it: that is what it holds."""
    here = source.statement(node)
    around = {id(block) for block in _ancestors(source, node)}
    found = []
    for way, given in _lists(source, function_around(source, node)).get(node.id, []):
        if here is not None and given is not here and given.lineno < here.lineno:
            inside = id(source.parent(given)) in around or isinstance(way, ast.For)
            found.append(way if inside else ast.Pass())
    return found


def assigned(source: Source, name: ast.Name) -> ast.expr | None:
    """The expression that a variable was given last before this line."""
    ways = _before(source, name)
    return ways[-1] if ways and isinstance(ways[-1], ast.expr) else None


def _ancestors(source: Source, node: ast.AST) -> Iterator[ast.AST]:
    at = source.parent(node)
    while at is not None:
        yield at
        at = source.parent(at)


def _empty(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _called(node) == "list" and not node.args
    return isinstance(node, ast.List) and not node.elts


def _loops(source: Source, node: ast.AST) -> list[ast.AST]:
    """The loops around a node, within its function."""
    found: list[ast.AST] = []
    for at in _ancestors(source, node):
        if isinstance(at, Function):
            break
        if isinstance(at, (ast.For, ast.While)):
            found.append(at)
    return found


def _fields(source: Source, node: ast.Name) -> tuple[ast.expr, ast.AST] | None:
    """`batch.reward`, where `batch = Transition(*zip(*transitions))`."""
    ways = _before(source, node)
    made = ways[-1] if ways else None
    if isinstance(made, ast.Call) and len(made.args) == 1 and isinstance(made.args[0], ast.Starred):
        transposed = _transposed(made.args[0].value)
        return None if transposed is None else (transposed, node)
    return None


def _records_around(source: Source, node: ast.Name) -> ast.expr | None:
    """`[torch.stack(column) for column in zip(*batch)]`: each column lies along the batch."""
    at: ast.AST | None = node
    while at is not None and not isinstance(at, ast.stmt):
        if isinstance(at, _Comprehension):
            for generator in at.generators:
                if isinstance(generator.target, ast.Name) and generator.target.id == node.id:
                    return _transposed(generator.iter)
        at = source.parent(at)
    return None


def _transposed(node: ast.expr) -> ast.expr | None:
    """The list of records that `zip(*records)` turns into columns, through `map` and `list`."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    if _called(node) == "zip" and len(node.args) == 1 and isinstance(node.args[0], ast.Starred):
        return node.args[0].value
    if _called(node) in ("map", "list", "tuple"):
        return _transposed(node.args[-1])
    return None


# -- what a loop runs over --------------------------------------------------------------------


def _counted(
    call: Call, source: Source, loop: tuple[ast.expr, ast.AST], size: int
) -> Identity | None:
    over, made = loop
    if isinstance(over, ast.Call) and _called(over) in ("enumerate", "reversed", "tqdm", "zip"):
        return _counted(call, source, (over.args[0], made), size) if over.args else None
    if isinstance(over, ast.Call) and _called(over) == "range":
        return _ranged(call, source, over, made, size)
    if isinstance(over, ast.Name):
        file = call.frames[0].f_code.co_filename
        return call.tracker.sizes.records.axis(source, over, file, call.place, size)
    return None


def _ranged(
    call: Call, source: Source, over: ast.Call, made: ast.AST, size: int
) -> Identity | None:
    start = integer(over.args[0]) if len(over.args) == 2 else 0
    if start is None or len(over.args) not in (1, 2):
        return None
    stop, missing = over.args[-1], start
    if isinstance(stop, ast.BinOp) and isinstance(stop.op, ast.Sub):
        less = integer(stop.right)
        if less is None:
            return None
        stop, missing = stop.left, missing + less
    meant = call.tracker.sizes.speaks_of(stop, call.frames, size + missing)
    if meant is None:
        return None
    if meant.role()[0] is Role.BATCH and not _uses(source, over, made):
        return None  # the same thing done several times: an ensemble, samples of one input
    meant.sliced = meant.sliced or missing > 0
    return meant


def _uses(source: Source, over: ast.expr, made: ast.AST) -> bool:
    """True where what is made of each item depends on which one it is."""
    around = source.parent(over)
    if not isinstance(around, (ast.For, ast.comprehension)):
        return True
    names = {node.id for node in ast.walk(around.target) if isinstance(node, ast.Name)}
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(made))


# -- where lists come from --------------------------------------------------------------------


@lru_cache(maxsize=512)
def _lists(source: Source, scope: Function) -> dict[str, list[tuple[ast.AST, ast.stmt]]]:
    """What each variable of a scope was given: expressions, and loops that append to it.

    Each with its statement. Anything else that is done to it (`extend`, `+=`) is a `pass`.
    """
    found: dict[str, list[tuple[ast.AST, ast.stmt]]] = {}
    for node in _within(scope):
        for name, way in _ways(source, node):
            statement = source.statement(node)
            if statement is not None:
                found.setdefault(name, []).append((way, statement))
    return found


def _ways(source: Source, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            elements = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
            for element in elements:
                if isinstance(element, ast.Name):
                    yield element.id, _given(node.value, element, target)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For, ast.NamedExpr)):
        for name in ast.walk(node.target):
            if isinstance(name, ast.Name):
                yield name.id, ast.Pass()
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        base = node.func.value
        if isinstance(base, ast.Name) and node.func.attr in ("append", "extend", "insert"):
            yield base.id, _appending(source, node)


def _given(value: ast.expr, element: ast.expr, target: ast.expr) -> ast.AST:
    if (element is target) is not (_transposed(value) is not None):
        return value  # `columns = list(zip(*x))` is a list of columns, not one of them
    if isinstance(value, (ast.Tuple, ast.List)) and isinstance(target, (ast.Tuple, ast.List)):
        at = target.elts.index(element)
        if len(value.elts) == len(target.elts):
            return value.elts[at]
    return ast.Pass()


def _appending(source: Source, node: ast.Call) -> ast.AST:
    """The one loop around an `append`; a statement where it stands under a condition as well."""
    assert isinstance(node.func, ast.Attribute)
    at = source.parent(node)
    if node.func.attr != "append" or not isinstance(at, ast.Expr):
        return ast.Pass()
    around = source.parent(at)
    if not isinstance(around, ast.For):
        return ast.Pass()
    return around


def _within(scope: Function) -> Iterator[ast.AST]:
    """The nodes of a scope, in order, without those of functions inside it."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        yield child
        yield from _nested(child)


def _nested(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        yield child
        yield from _nested(child)
