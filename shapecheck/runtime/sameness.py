"""Two expressions on one tensor, compared at many sizes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch

SUBJECT = "__subject__"
_SIZES = (1, 2, 3, 5)
_MOST = 256


@dataclass(frozen=True)
class Difference:
    """A size at which two expressions give different results. Shapes are None where one raises."""

    subject: tuple[int, ...]
    before: tuple[int, ...] | None
    after: tuple[int, ...] | None


@dataclass(frozen=True)
class Comparison:
    """What comparing came to. `tried` counts the sizes at which at least one gave a result."""

    tried: int
    difference: Difference | None = None

    @property
    def same(self) -> bool:
        """Equal, bit for bit and in shape, at every size tried."""
        return self.tried > 0 and self.difference is None


def arrays_among(names: Iterable[str], namespace: Mapping[str, Any]) -> dict[str, Any] | None:
    """The modules of arrays that the names stand for; None if one stands for anything else.

    An expression that uses nothing but these (and its subject) can be evaluated anywhere.
    """
    found = {name: namespace.get(name) for name in names}
    for value in found.values():
        module = getattr(value, "__name__", "") if isinstance(value, ModuleType) else ""
        if module.split(".")[0] not in ("torch", "numpy"):
            return None
    return found


def compare(
    before: str, after: str, names: Mapping[str, Any], shapes: Iterable[tuple[int, ...]]
) -> Comparison:
    """Evaluate both at the shapes and at every combination of small sizes of their ranks.

    Both are code in which the tensor is called `SUBJECT`. A difference in shape is preferred
    to one in values, and one near the shapes that were seen to one far away.
    """
    one = eval(f"lambda {SUBJECT}: ({before}\n)", dict(names))
    other = eval(f"lambda {SUBJECT}: ({after}\n)", dict(names))
    tried, found = 0, None
    for shape in _shapes(list(shapes)):
        first, second = _result(one, shape), _result(other, shape)
        if first is None and second is None:
            continue
        tried += 1
        if first is None:
            continue  # not a tensor that the code as it stands can take
        difference = Difference(shape, _shape(first), _shape(second))
        if difference.before != difference.after:
            return Comparison(tried, difference)
        if found is None and not _equal(first, second):
            found = difference
    return Comparison(tried, found)


def _shapes(seen: list[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    for shape in seen:
        yield shape
        for axis, size in enumerate(shape):  # one size changed: the nearest that a test could be
            for new in (1, 3) if size != 1 else (3,):
                yield (*shape[:axis], new, *shape[axis + 1 :])
    for rank in sorted({len(shape) for shape in seen}):
        yield from itertools.islice(itertools.product(_SIZES, repeat=rank), _MOST)


def _result(function: Callable[[torch.Tensor], Any], shape: tuple[int, ...]) -> Any:
    generator = torch.Generator().manual_seed(0)
    try:
        with torch.no_grad():
            return function(torch.rand(shape, generator=generator))
    except Exception:
        return None


def _shape(value: Any) -> tuple[int, ...] | None:
    shape = getattr(value, "shape", None)
    return tuple(shape) if shape is not None else None


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.shape == other.shape and torch.equal(one.nan_to_num(), other.nan_to_num())
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one is not None and other is not None and one == other)
