"""How much a call would have to have copied, and what most of it is: said where it is too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn


def weighed(arguments: Mapping[str, Any]) -> str:
    """What arguments hold: `313 MiB, most of it self.table.weight (80000, 1024)`; "" for little.

    Gradients count, memory that is shared counts once. Only what the arguments lead to at once:
    modules, tensors, lists and dicts of these.
    """
    seen: set[int] = set()
    sizes: dict[str, int] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, tensor in _held(arguments):
        if type(tensor) is Tensor or isinstance(tensor, nn.Parameter):
            where = _block(tensor)
            if where not in seen:
                seen.add(where)
                sizes[name] = _bytes(tensor)
                shapes[name] = tuple(tensor.shape)
    total = sum(sizes.values())
    if total < 1 << 20:
        return ""
    most = max(sizes, key=lambda name: sizes[name])
    return f"{_mebibytes(total)}, most of it {most} {shapes[most]}"


def state_of(arguments: Mapping[str, Any], why: str) -> str:
    """The words for a state that costs too much: `its state (313 MiB, …) is larger than …`."""
    what = weighed(arguments)
    return f"its state ({what}) {why}" if what else f"its state {why}"


def _mebibytes(size: int) -> str:
    mebibytes = size / 2**20
    return f"{mebibytes:.0f} MiB" if mebibytes >= 10 else f"{mebibytes:.1f} MiB"


def _held(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
    for name, value in arguments.items():
        yield from _tensors(name, value)


def _tensors(name: str, value: Any, depth: int = 3) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield name, value
        if value.is_leaf and value.grad is not None:
            yield f"{name}.grad", value.grad
    elif isinstance(value, nn.Module):
        for kept in (value.named_parameters(), value.named_buffers()):
            for path, tensor in kept:
                yield from _tensors(f"{name}.{path}", tensor)
    elif depth and isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from _tensors(f"{name}[{i}]", item, depth - 1)
    elif depth and isinstance(value, dict):
        for key, item in value.items():
            yield from _tensors(f"{name}[{key!r}]", item, depth - 1)


def _block(tensor: Tensor) -> int:
    try:
        return tensor.untyped_storage().data_ptr() or id(tensor)
    except (RuntimeError, NotImplementedError):  # sparse tensors have no storage
        return id(tensor)


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()
