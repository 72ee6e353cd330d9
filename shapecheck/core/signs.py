"""Operations in a reader's words: `==` for `__eq__`, `add` as torch has it."""

from __future__ import annotations

_SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%",
    "pow": "**", "matmul": "@", "and": "&", "or": "|", "xor": "^",
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "getitem": "[]",
}  # fmt: skip
_PREFIXES = ("r", "i")  # reflected and in-place: __radd__, __iadd__


def spoken(operation: str) -> str:
    """What to call `operation` in a message: a sign for Python's own methods, else its name."""
    if not (operation.startswith("__") and operation.endswith("__")):
        return operation
    name = operation.strip("_")
    if name not in _SIGNS and name[:1] in _PREFIXES:
        name = name[1:]
    return _SIGNS.get(name, name)
