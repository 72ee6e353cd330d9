"""What variables are said to mean beside their assignment, and which the code uses as sizes."""

from __future__ import annotations

import ast
import re

from shapecheck.core.comment_labels import WIDTHS
from shapecheck.source.statements import targets_of

# Calls whose integer arguments are sizes.
_SIZE_CALLS = frozenset(
    [
        *("zeros", "ones", "empty", "full", "rand", "randn", "randint", "normal", "eye"),
        *("view", "reshape", "expand", "repeat", "unflatten", "new_zeros", "new_ones", "resize_"),
        *("Linear", "LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell", "Embedding"),
        *("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "BatchNorm1d"),
        *("BatchNorm2d", "LayerNorm", "MultiheadAttention", "TransformerEncoderLayer"),
        *("Bilinear", "Parameter", "DataLoader", "TransformerDecoderLayer", "Transformer"),
    ]
)


def legend_beside(node: ast.stmt, text: str) -> tuple[tuple[str, str], ...]:
    """`B, T, D = 6, 8, 5  # batch, seq, features`: pairs of a variable and what it means.

    The words have to be as many as the variables, which are plain names of several sizes: a
    tuple that is assigned numbers, a shape or a size.
    """
    targets = targets_of(node)
    if len(targets) != 1 or not isinstance(targets[0], (ast.Tuple, ast.List)):
        return ()
    names = [e.id for e in targets[0].elts if isinstance(e, ast.Name)]
    if len(names) != len(targets[0].elts) or not isinstance(node, ast.Assign):
        return ()
    if not _gives_sizes(node.value):
        return ()
    words = text.translate(WIDTHS).lstrip("# ").strip()
    words = re.sub(r"(?<=\w)\s*\([^()]*\)", "", words).strip("()[]. ")
    meanings = [part.strip() for part in re.split(r"[,;]|\band\b", words) if part.strip()]
    if len(meanings) != len(names):
        return ()
    if not all(re.fullmatch(r"[^\W\d][\w .\-/*+]*(?:\s*[=:]\s*[\w .]+)?", m) for m in meanings):
        return ()
    stated = [re.sub(r"^\w+\s*[=:]\s*", "", meaning) for meaning in meanings]
    return tuple(zip(names, stated, strict=True))


def _gives_sizes(value: ast.expr) -> bool:
    match value:
        case ast.Tuple(elts=elements):
            return all(isinstance(e, (ast.Constant, ast.Name, ast.BinOp)) for e in elements)
        case ast.Attribute(attr="shape") | ast.Call(func=ast.Attribute(attr="size")):
            return True
    return False


def sized_names(tree: ast.Module) -> tuple[str, ...]:
    """Variables, attributes (`self.hidden_size`) and parameters that stand where sizes do."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            callee = node.func.attr if isinstance(node.func, ast.Attribute) else None
            callee = node.func.id if isinstance(node.func, ast.Name) else callee
            if callee in _SIZE_CALLS:
                for argument in [*node.args, *(k.value for k in node.keywords)]:
                    found.update(_names(argument))
        elif isinstance(node, ast.Assign) and _is_shape(node.value):
            for target in node.targets:
                found.update(_names(target))
    return tuple(sorted(found))


def multiples_in(tree: ast.Module) -> tuple[tuple[str, int], ...]:
    """The products that the code uses as sizes: `3 * embed_dim` gives (`embed_dim`, 3)."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(left=ast.Constant(value=int(factor)), op=ast.Mult(), right=name):
                pass
            case ast.BinOp(left=name, op=ast.Mult(), right=ast.Constant(value=int(factor))):
                pass
            case _:
                continue
        if isinstance(name, (ast.Name, ast.Attribute)) and factor > 1:
            found.add((ast.unparse(name).rsplit(".", 1)[-1], factor))
    return tuple(sorted(found))


def _is_shape(value: ast.expr) -> bool:
    match value:
        case ast.Attribute(attr="shape") | ast.Call(func=ast.Attribute(attr="size")):
            return True
        case ast.Subscript(value=inner):
            return _is_shape(inner)
    return False


def _names(node: ast.expr) -> set[str]:
    """The names and dotted names in an expression of sizes, not those inside further calls."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Attribute):
        return {ast.unparse(node)}
    if isinstance(node, (ast.Tuple, ast.List)):
        return {name for element in node.elts for name in _names(element)}
    if isinstance(node, ast.BinOp):
        return _names(node.left) | _names(node.right)
    return set()
