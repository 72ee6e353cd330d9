"""Arguments changed on purpose: other samples replaced, an axis given another size or order.

Values come from the data itself wherever it offers any: a replaced row is a neighbouring row, so
that lengths stay sorted, indices stay in range and probabilities stay probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def towards(size: int, kept: int) -> list[int]:
    """Which row stands where: row `kept` stays, every other gives way to its neighbour."""
    return [i + 1 if i < kept else i - 1 if i > kept else i for i in range(size)]


def crowd(size: int, kept: int) -> list[int]:
    """Which row stands where: row `kept` stays, one other row takes every other place."""
    return [i if i == kept else (kept + 1) % size for i in range(size)]


def after(size: int, last: int) -> list[int]:
    """Rows up to `last` stay; every later one gives way to the one before it."""
    return [i if i <= last else i - 1 for i in range(size)]


def before(size: int, first: int) -> list[int]:
    """Rows from `first` on stay; every earlier one gives way to the one after it."""
    return [i if i >= first else i + 1 for i in range(size)]


def alone(size: int, moved: int) -> list[int]:
    """Every row stays but `moved`, which gives way to a neighbour."""
    return [(i + 1 if i + 1 < size else i - 1) if i == moved else i for i in range(size)]


def rotated(size: int) -> list[int]:
    """Every row in another place: the last comes first."""
    return [size - 1, *range(size - 1)]


def taken(tensor: Tensor, axis: int, rows: Sequence[int], salt: int = 0) -> Tensor:
    """The rows of the tensor as listed; replaced rows of constant data get noise instead.

    Where all rows are equal (a state of zeros) there is nothing to take, so floating-point rows
    that are not in their own place are moved by normal noise; others stay as they are.
    """
    tensor = tensor.detach()
    index = torch.tensor(rows, device=tensor.device)
    result = tensor.index_select(axis, index)
    moved = [i for i, row in enumerate(rows) if i != row]
    if not moved or not tensor.is_floating_point() or not _constant(tensor, axis):
        return result
    where = torch.tensor(moved, device=tensor.device)
    part = result.index_select(axis, where)
    return result.index_copy(axis, where, part + _noise(part, salt))


def shaken(tensor: Tensor, axis: int, rows: Sequence[int]) -> Tensor:
    """The rows as listed; floating-point rows not in their own place are moved by noise as well."""
    result = taken(tensor, axis, rows)
    moved = [i for i, row in enumerate(rows) if i != row]
    if not moved or not tensor.is_floating_point():
        return result
    where = torch.tensor(moved, device=tensor.device)
    part = result.index_select(axis, where)
    return result.index_copy(axis, where, part + _noise(part, 1))


def resized(tensor: Tensor, axis: int, size: int) -> Tensor:
    """The axis at another size: rows cut off, or repeated from the start."""
    index = torch.arange(size, device=tensor.device) % tensor.shape[axis]
    return tensor.detach().index_select(axis, index)


def enlarged(tensor: Tensor, axis: int, size: int) -> Tensor:
    """An axis of size 1 made of `size` rows that differ: the values of the one, rolled onwards.

    Row 0 is the original. Where rolling changes nothing, floating-point rows get noise.
    """
    tensor = tensor.detach()
    others = [a for a in range(tensor.dim()) if a != axis and tensor.shape[a] > 1]
    along = max(others, key=lambda a: tensor.shape[a]) if others else None
    rows = [tensor if along is None else tensor.roll(i, along) for i in range(size)]
    if tensor.is_floating_point():
        rows[1:] = [
            row + _noise(row, i) if torch.equal(row, tensor) else row
            for i, row in enumerate(rows[1:], 1)
        ]
    return torch.cat(rows, axis)


def other_size(size: int, taken_sizes: set[int], most: int | None = None) -> int | None:
    """A small prime from 3 on, co-prime to `size` and to every other size of the call."""
    for prime in (3, 5, 7, 11, 13, 17, 19, 23, 2):
        if most is not None and prime >= most:
            continue
        if prime != size and all(math.gcd(prime, t) == 1 for t in taken_sizes if t > 1):
            return prime
    return next((n for n in (3, 2) if n != size and (most is None or n < most)), None)


def spread(size: int, most: int) -> list[int]:
    """All indices, or `most` of them, evenly spread, with the first, the middle and the last."""
    if size <= most:
        return list(range(size))
    steps = {round(i * (size - 1) / (most - 1)) for i in range(most)}
    return sorted(steps | {0, size // 2, size - 1})


def _constant(tensor: Tensor, axis: int) -> bool:
    first = tensor.narrow(axis, 0, 1)
    return bool(((tensor == first) | ((tensor != tensor) & (first != first))).all())


def _noise(like: Tensor, salt: int) -> Tensor:
    generator = torch.Generator().manual_seed(2_147_483_647 - salt)
    noise = torch.randn(like.shape, generator=generator).to(like.device, like.dtype)
    largest = like.abs().amax().clamp(min=1) if like.numel() else 1
    return noise * torch.as_tensor(largest, device=like.device, dtype=like.dtype)
