"""Which output indices move with which input index, and what the pattern is called."""

from __future__ import annotations

from shapecheck.core.evidence import Matrix

PATTERNS = (
    "none",
    "diagonal",
    "one fixed index",
    "causal",
    "anticausal",
    "permutation",
    "full",
    "scrambled",
)


def pattern_of(matrix: Matrix) -> str:
    """The name of a dependency matrix; `matrix[o][i]`: output o moved with input i.

    *diagonal*: each index on itself alone; *one fixed index*: all on the same one (and perhaps on
    themselves); *causal*: none on a later one; *permutation*: each on one other; *scrambled*:
    none of these.
    """
    rows, columns = len(matrix), len(matrix[0]) if matrix else 0
    pairs = {(o, i) for o in range(rows) for i in range(columns) if matrix[o][i]}
    if not pairs:
        return "none"
    if rows != columns:
        return "full" if len(pairs) == rows * columns else _fixed(pairs, rows) or "scrambled"
    if all(o == i for o, i in pairs):
        return "diagonal"
    return _fixed(pairs, rows) or _ordered(pairs, rows) or "scrambled"


def _fixed(pairs: set[tuple[int, int]], rows: int) -> str:
    """One input index moves every output, and no other moves any but its own."""
    for index in {i for _, i in pairs}:
        beside = {(o, i) for o, i in pairs if i != index}
        reaches_all = all((o, index) in pairs for o in range(rows))
        if reaches_all and (not beside or (rows > 2 and all(o == i for o, i in beside))):
            return "one fixed index"
    return ""


def _ordered(pairs: set[tuple[int, int]], rows: int) -> str:
    if all(o >= i for o, i in pairs):
        return "causal"
    if all(o <= i for o, i in pairs):
        return "anticausal"
    if len(pairs) == rows and len({o for o, _ in pairs}) == len({i for _, i in pairs}) == rows:
        return "permutation"
    return "full" if len(pairs) == rows * rows else ""
