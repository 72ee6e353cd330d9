"""How a step on the axes of an array is written, in torch and in numpy.

Each piece of code is appended to an expression: `x` + `.transpose(1, 2)`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

Shape = tuple[int, ...]


class Spelling(Protocol):
    """A library's way to write each step."""

    def exchange(self, a: int, b: int) -> str:
        """Two axes in each other's place."""
        ...

    def reorder(self, order: Sequence[int]) -> str:
        """Every axis at its new place."""
        ...

    def insert(self, position: int, rank: int) -> str:
        """A new axis of size 1; `rank` counts it."""
        ...

    def drop(self, position: int) -> str:
        """An axis of size 1 taken away."""
        ...

    def split(self, position: int, sizes: Shape, result: Shape) -> str:
        """One axis taken apart; `result` is the whole new shape."""
        ...

    def merge(self, first: int, last: int, result: Shape) -> str:
        """Neighbouring axes made one; `result` is the whole new shape."""
        ...


class Torch:
    """Methods of torch.Tensor."""

    def exchange(self, a: int, b: int) -> str:
        """`.transpose(1, 2)`"""
        return f".transpose({a}, {b})"

    def reorder(self, order: Sequence[int]) -> str:
        """`.permute(0, 3, 1, 2)`"""
        return f".permute({_listed(order)})"

    def insert(self, position: int, rank: int) -> str:
        """`.unsqueeze(0)`; the last axis is written -1, as people write it."""
        return f".unsqueeze({-1 if position == rank - 1 and position > 0 else position})"

    def drop(self, position: int) -> str:
        """`.squeeze(1)`"""
        return f".squeeze({position})"

    def split(self, position: int, sizes: Shape, result: Shape) -> str:
        """`.unflatten(0, (4, 10))`"""
        return f".unflatten({position}, {sizes})"

    def merge(self, first: int, last: int, result: Shape) -> str:
        """`.flatten(0, 1)`"""
        return f".flatten({first}, {last})"


class Numpy:
    """Methods and indices of numpy.ndarray."""

    def exchange(self, a: int, b: int) -> str:
        """`.swapaxes(1, 2)`"""
        return f".swapaxes({a}, {b})"

    def reorder(self, order: Sequence[int]) -> str:
        """`.transpose(0, 3, 1, 2)`"""
        return f".transpose({_listed(order)})"

    def insert(self, position: int, rank: int) -> str:
        """`[None]`, `[:, None]`, `[..., None]`"""
        if position == rank - 1 and position > 0:
            return "[..., None]"
        return f"[{_listed([*':' * position, 'None'])}]"

    def drop(self, position: int) -> str:
        """`.squeeze(1)`"""
        return f".squeeze({position})"

    def split(self, position: int, sizes: Shape, result: Shape) -> str:
        """`.reshape(4, 10, 7)`"""
        return f".reshape({_listed(result)})"

    def merge(self, first: int, last: int, result: Shape) -> str:
        """`.reshape(40, 7)`"""
        return f".reshape({_listed(result)})"


def _listed(items: Sequence[object]) -> str:
    return ", ".join(map(str, items))


_IN_NUMPY = (
    (re.compile(r"\bkeepdim="), "keepdims="),
    (re.compile(r"\bdim="), "axis="),
    (re.compile(r"\.transpose\((-?\d+), (-?\d+)\)"), r".swapaxes(\1, \2)"),
    (re.compile(r"\.permute\("), ".transpose("),
    (re.compile(r"\.unsqueeze\(0\)"), "[None]"),
    (re.compile(r"\.unsqueeze\(1\)"), "[:, None]"),
    (re.compile(r"\.unsqueeze\(-1\)"), "[..., None]"),
)


def in_numpy(text: str) -> str:
    """What was written for tensors, in numpy's words."""
    for torchs, numpys in _IN_NUMPY:
        text = torchs.sub(numpys, text)
    return text
