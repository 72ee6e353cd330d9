"""Layers that read an axis as time: `batch_first`, `bidirectional`, `num_layers`; and `(h, c)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapecheck.core.site import SiteKind
from shapecheck.source.sites.operation import Draft, Edit, integer, swapped
from shapecheck.source.sites.scope import Scope

_LAYERS = ("RNN", "LSTM", "GRU")
_STATES = {"h", "c", "hx", "cx", "hidden", "cell"}
_TAKE_BATCH_FIRST = (
    *_LAYERS,
    "MultiheadAttention",
    "TransformerEncoderLayer",
    "TransformerDecoderLayer",
    "Transformer",
    "pad_sequence",
    "pack_padded_sequence",
    "pad_packed_sequence",
)


def find(node: ast.expr, scope: Scope) -> Iterator[Draft]:
    """The sites that a node is, if it is one of these."""
    if not isinstance(node, ast.Call):
        return
    dotted = scope.dotted(node.func)
    name = dotted.rpartition(".")[2] if dotted.startswith("torch.") else ""
    yield from _batch_first(node, name)
    for keyword in node.keywords:
        if keyword.arg == "bidirectional":
            flipped = [("flag flipped", _with_keyword(node, keyword, _flipped(keyword.value)))]
            yield Draft(SiteKind.BIDIRECTIONAL, node, [*flipped])
    if name in _LAYERS:
        yield from _num_layers(node)
    yield from _states_in(node)


def find_targets(node: ast.stmt) -> Iterator[Draft]:
    """`r_out, (h, c) = …` and `h, c = cell(x, (h, c))`: the order in which states come back."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        return
    for target in node.targets:
        pair = _state_pair(target, node.value)
        if pair is not None:
            turned = ast.Tuple(swapped(pair.elts, 0, 1), ast.Store())
            yield Draft(SiteKind.STATE, pair, [("order of the states swapped", turned)])


def _batch_first(node: ast.Call, name: str) -> Iterator[Draft]:
    given = next((k for k in node.keywords if k.arg == "batch_first"), None)
    starred = any(k.arg is None for k in node.keywords)
    if given is not None:
        edits: list[Edit] = [("flag flipped", _with_keyword(node, given, _flipped(given.value)))]
        if isinstance(given.value, ast.Constant) and given.value.value is True:
            rest = [k for k in node.keywords if k is not given]
            edits = [("batch_first left out", ast.Call(node.func, node.args, rest))]
        yield Draft(SiteKind.BATCH_FIRST, node, edits)
    elif name in _TAKE_BATCH_FIRST and not starred and len(node.args) < 5:
        added = [*node.keywords, ast.keyword("batch_first", ast.Constant(True))]
        edits = [("batch_first added", ast.Call(node.func, node.args, added))]
        yield Draft(SiteKind.BATCH_FIRST, node, edits)


def _num_layers(node: ast.Call) -> Iterator[Draft]:
    keyword = next((k for k in node.keywords if k.arg == "num_layers"), None)
    given = keyword.value if keyword else node.args[2] if len(node.args) > 2 else None
    if given is None:
        return
    edits: list[Edit] = []
    for change, new in _other_counts(given):
        if keyword:
            edits.append((change, _with_keyword(node, keyword, new)))
        else:
            args = [*node.args[:2], new, *node.args[3:]]
            edits.append((change, ast.Call(node.func, args, node.keywords)))
    yield Draft(SiteKind.NUM_LAYERS, node, edits)


def _other_counts(given: ast.expr) -> Iterator[Edit]:
    value = integer(given)
    if value is None:
        yield "one layer more", ast.BinOp(given, ast.Add(), ast.Constant(1))
        return
    yield f"num_layers {value} → {value + 1}", ast.Constant(value + 1)
    if value > 1:
        yield f"num_layers {value} → {value - 1}", ast.Constant(value - 1)


def _flipped(flag: ast.expr) -> ast.expr:
    if isinstance(flag, ast.Constant) and isinstance(flag.value, bool):
        return ast.Constant(not flag.value)
    return ast.UnaryOp(ast.Not(), flag)


def _with_keyword(node: ast.Call, old: ast.keyword, value: ast.expr) -> ast.Call:
    new = ast.keyword(old.arg, value)
    return ast.Call(node.func, node.args, [new if k is old else k for k in node.keywords])


def _states_in(node: ast.Call) -> Iterator[Draft]:
    """`lstm(x, (h, c))`: the pair of states that goes in."""
    for argument in node.args[1:2]:
        if isinstance(argument, ast.Tuple) and _names_states(argument):
            turned = ast.Tuple(swapped(argument.elts, 0, 1), ast.Load())
            yield Draft(SiteKind.STATE, argument, [("order of the states swapped", turned)])


def _state_pair(target: ast.expr, call: ast.Call) -> ast.Tuple | None:
    """The pair of states that a target unpacks, or None."""
    if not isinstance(target, ast.Tuple) or len(target.elts) != 2:
        return None
    inner = target.elts[1]
    if isinstance(inner, ast.Tuple) and len(inner.elts) == 2:
        return inner if _names_states(inner) else None
    state_given = any(isinstance(a, ast.Tuple) and _names_states(a) for a in call.args)
    return target if state_given and _names_states(target) else None


def _names_states(pair: ast.Tuple) -> bool:
    """Whether a pair reads `h…, c…` by its names, as states do; `_` leaves one of them out."""
    if len(pair.elts) != 2:
        return False
    names = [_last_name(element).lower() for element in pair.elts]
    telling = [name for name in names if _STATES & set(_parts(name))]
    return names[0] != names[1] and (len(telling) == 2 or (len(telling) == 1 and "_" in names))


def _parts(name: str) -> list[str]:
    bare = name.rstrip("0123456789")
    return [bare, *name.split("_"), *(p.rstrip("0123456789tn") for p in name.split("_"))]


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=ast.Attribute(value=value)) | ast.Subscript(value=value):
            return _last_name(value)
    return ""
