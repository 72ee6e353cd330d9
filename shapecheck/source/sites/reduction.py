"""Over which axis values are summed, averaged, normalised; and whether that axis is kept."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapecheck.core.site import SiteKind
from shapecheck.source.sites.operation import (
    Draft,
    Edit,
    Operation,
    integer,
    number,
    operation,
    other_dims,
)
from shapecheck.source.sites.scope import Scope, Value

_REDUCING = """sum nansum mean nanmean prod std var amax amin argmax argmin logsumexp all any max
    min median mode count_nonzero std_mean var_mean aminmax"""
_RUNNING = """softmax log_softmax softmin cumsum cumprod logcumsumexp cummax cummin argsort sort
    glu flip"""
# Where dim stands among the arguments after the tensor.
_REDUCE = {**dict.fromkeys(_REDUCING.split(), 0), "norm": 1, "vector_norm": 1, "quantile": 1}
_ALONG = {
    **dict.fromkeys(_RUNNING.split(), 0),
    **dict.fromkeys(("normalize", "topk", "kthvalue", "diff", "roll", "cosine_similarity"), 1),
    "gumbel_softmax": 3,
}
_MODULES = ("Softmax", "LogSoftmax", "Softmin", "GLU", "CosineSimilarity")
_WHOLE = (
    "sum",
    "mean",
    "prod",
    "std",
    "var",
    "max",
    "min",
    "norm",
    "argmax",
    "argmin",
    "logsumexp",
)
_DIM = ("dim", "axis", "dims")
_LEFT_OUT = (0, -1)


def find(node: ast.expr, scope: Scope) -> Iterator[Draft]:
    """The site that a node is, if it is one of these."""
    module = _module(node, scope)
    if module is not None:
        yield module
    call = operation(node, scope)
    if call is None or call.subject is None:
        return
    if call.name in _REDUCE:
        edits = list(_reduction(call, scope))
    elif call.name in _ALONG and _means_an_axis(call):
        edits = list(_along(call))
    else:
        return
    if edits:
        yield Draft(SiteKind.REDUCTION, node, edits, call.subject)


def _module(node: ast.expr, scope: Scope) -> Draft | None:
    """`nn.Softmax(dim=1)`: the dim is chosen where the layer is made."""
    if not isinstance(node, ast.Call):
        return None
    dotted = scope.dotted(node.func)
    if not dotted.startswith("torch.nn.") or dotted.rpartition(".")[2] not in _MODULES:
        return None
    call = Operation(node, "", None, node.args, node.keywords, True, True)
    dim = call.given(0, "dim")
    if dim is None:
        return None
    edits: list[Edit] = []
    for change, other in other_dims(dim):
        keyword = any(k.arg == "dim" for k in node.keywords)
        args = node.args if keyword else [other, *node.args[1:]]
        keywords = [ast.keyword("dim", other) if k.arg == "dim" else k for k in node.keywords]
        edits.append((change, ast.Call(node.func, args, keywords)))
    return Draft(SiteKind.REDUCTION, node, edits)


def _means_an_axis(call: Operation) -> bool:
    """`rows.sort(key=…)`, `a.flip()` of something that no text shows to be a tensor."""
    common = call.name in ("sort", "flip", "roll", "diff", "normalize", "topk")
    return call.sure or not common or any(k.arg in _DIM for k in call.keywords)


def _reduction(call: Operation, scope: Scope) -> Iterator[Edit]:
    position = _REDUCE[call.name]
    dim = call.given(position, *_DIM)
    if call.name in ("max", "min") and dim is not None and not _is_dim(dim, scope):
        return  # max(a, b) compares two tensors
    if dim is None or (isinstance(dim, ast.Constant) and dim.value is None):
        if call.name in _WHOLE and len(call.args) <= position:
            yield from _of_everything(call, position)
        return
    yield from _another(call, dim, position)
    yield from _keepdim(call)


def _is_dim(dim: ast.expr, scope: Scope) -> bool:
    number_like = integer(dim) is not None or scope.value(dim) is Value.OTHER
    return number_like or isinstance(dim, ast.Tuple)


def _of_everything(call: Operation, position: int) -> Iterator[Edit]:
    name = {"max": "amax", "min": "amin"}.get(call.name, call.name)
    for dim in _LEFT_OUT:
        new = call.giving(number(dim), -1, "dim")
        if isinstance(new.func, ast.Attribute) and name != call.name:
            new = ast.Call(ast.Attribute(new.func.value, name, ast.Load()), new.args, new.keywords)
        yield f"all axes → {dim}", new


def _another(call: Operation, dim: ast.expr, position: int) -> Iterator[Edit]:
    if isinstance(dim, (ast.Tuple, ast.List)):
        for i in range(len(dim.elts)):
            fewer = [e for j, e in enumerate(dim.elts) if j != i]
            new = fewer[0] if len(fewer) == 1 else ast.Tuple(fewer, ast.Load())
            if fewer:
                yield "one dim less", call.giving(new, position, *_DIM)
        return
    for change, other in other_dims(dim):
        yield change, call.giving(other, position, *_DIM)


def _keepdim(call: Operation) -> Iterator[Edit]:
    for keyword in call.keywords:
        if keyword.arg in ("keepdim", "keepdims"):
            off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
            flag: ast.expr = ast.UnaryOp(ast.Not(), keyword.value)
            if isinstance(keyword.value, ast.Constant):
                flag = ast.Constant(off)
            yield "keepdim flipped", call.giving(flag, -1, keyword.arg)
            return
    word = "keepdims" if any(k.arg == "axis" for k in call.keywords) else "keepdim"
    if call.name != "count_nonzero" and len(call.args) <= _REDUCE[call.name] + 1:
        yield "keepdim flipped", call.giving(ast.Constant(True), -1, word)


def _along(call: Operation) -> Iterator[Edit]:
    position = _ALONG[call.name]
    dim = call.given(position, *_DIM)
    if dim is not None:
        yield from _another(call, dim, position)
    elif call.name in ("argsort", "sort", "topk", "kthvalue"):
        yield "dim left out → 0", call.giving(number(0), -1, "dim")
    elif call.name in ("normalize", "cosine_similarity"):
        yield "dim left out → 0", call.giving(number(0), -1, "dim")
        yield "dim left out → -1", call.giving(number(-1), -1, "dim")
