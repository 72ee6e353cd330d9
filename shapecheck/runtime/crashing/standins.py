"""Stand-ins for the tensors of an operation: as large, laid out and typed as they, of no value.

The one thing kept of the values is how far whole numbers reach: an index is in range or is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.parameter import Parameter

_MOST_READ = 5_000_000  # numbers whose least and greatest are looked for
# A forked process has none of torch's threads, and more numbers at once would wait for them.
_ON_ONE_THREAD = 16_384
_PLAIN = (int, float, complex, str, bool, type(None), type(Ellipsis), torch.dtype, torch.device)
_NUMBERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)

Path = tuple[Any, ...]


class Unknown(Exception):
    """An argument that nothing can stand for."""


@dataclass(frozen=True)
class StandIn:
    """A tensor's sizes, strides and dtype. `extent` holds the least and the greatest index."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype
    extent: tuple[int, int] | None = None
    parameter: bool = False

    def tensor(self, device: str) -> Tensor:
        """A tensor like it: numbers between zero and one, indices that reach as far."""
        made = torch.empty_strided(self.shape, self.stride, dtype=self.dtype, device=device)
        if device == "meta" or not made.numel():
            return made
        if self.extent is not None:
            made.fill_(self.extent[0])
            made[(-1,) * made.dim()] = self.extent[1]
        elif self.dtype.is_floating_point or self.dtype.is_complex:
            made.fill_(0.5)
        else:
            made.zero_()
        return made

    @property
    def numbers(self) -> int:
        """How many it holds."""
        count = 1
        for size in self.shape:
            count *= size
        return count


def stand_in(value: Tensor, extents: bool = True) -> StandIn:
    """What can stand for a tensor. Raises Unknown where torch's own kinds end."""
    if type(value) not in (Tensor, Parameter) or value.layout is not torch.strided:
        raise Unknown
    if value.is_nested or value.is_quantized or not all(type(n) is int for n in value.shape):
        raise Unknown
    return StandIn(
        tuple(value.shape),
        tuple(value.stride()),
        value.dtype,
        _extent(value) if extents else None,
        isinstance(value, Parameter),
    )


def _extent(value: Tensor) -> tuple[int, int] | None:
    if value.dtype not in _NUMBERS or value.device.type != "cpu":
        return None
    if not 0 < value.numel() <= _MOST_READ:
        return None
    parts = [value]
    if value.numel() > _ON_ONE_THREAD:
        if not value.is_contiguous():
            return None
        parts = list(value.detach().view(-1).split(_ON_ONE_THREAD))
    try:
        found = [torch.aminmax(part.detach()) for part in parts]
        return min(int(one.min) for one in found), max(int(one.max) for one in found)
    except RuntimeError:  # under vmap a tensor stands for many, and has no number of its own
        return None


def plain(value: Any, extents: bool = True) -> Any:
    """An argument with stand-ins for its tensors. Raises Unknown for what is no plain value."""
    if isinstance(value, Tensor):
        return stand_in(value, extents)
    if type(value) in (tuple, list):
        return type(value)(plain(item, extents) for item in value)
    if type(value) is torch.Size:
        return tuple(value)
    if type(value) is dict:
        return {key: plain(item, extents) for key, item in value.items()}
    if type(value) is slice:
        return slice(*(plain(part, extents) for part in (value.start, value.stop, value.step)))
    if type(value) in _PLAIN:
        return value
    raise Unknown


def built(value: Any, device: str) -> Any:
    """An argument with a tensor for each stand-in."""
    if isinstance(value, StandIn):
        return value.tensor(device)
    if isinstance(value, (tuple, list)):
        return type(value)(built(item, device) for item in value)
    if isinstance(value, dict):
        return {key: built(item, device) for key, item in value.items()}
    return value


def stand_ins(value: Any, path: Path = ()) -> Iterator[tuple[Path, StandIn]]:
    """Every stand-in of an argument, with the way to it."""
    if isinstance(value, StandIn):
        yield path, value
    elif isinstance(value, (tuple, list)):
        for i, item in enumerate(value):
            yield from stand_ins(item, (*path, i))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from stand_ins(item, (*path, key))


def at(value: Any, path: Path) -> Any:
    """What stands at the end of a way."""
    for key in path:
        value = value[key]
    return value


def put(value: Any, path: Path, new: Any) -> Any:
    """The argument with something else at the end of a way; what is on the way is made anew."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    changed = put(value[key], rest, new)
    if isinstance(value, dict):
        return {**value, key: changed}
    items = list(value)
    items[key] = changed
    return type(value)(items)


def reaching(one: StandIn, least: int, greatest: int) -> StandIn:
    """The stand-in with indices that reach so far."""
    return replace(one, extent=(least, greatest))
