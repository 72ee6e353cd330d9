"""The axes of tensors, held beside them: by identity, and only as long as the tensors live."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn import Parameter

from shapecheck.runtime.flow.axes import Axes

_MOST_RECENT = 64


class _Held(weakref.ref[Tensor]):
    """A tensor's axes, for as long as the tensor lives. Ids are reused, so ask `held() is t`."""

    __slots__ = ("axes", "key")
    axes: Axes
    key: int


class Recent:
    """The axes of what was made last, by where it lies in memory."""

    def __init__(self) -> None:
        self._all: dict[int, Axes] = {}

    def note(self, made: Tensor, axes: Axes) -> None:
        """An operation has made this."""
        try:
            address = made.data_ptr()
        except RuntimeError:  # a tensor without storage: inside vmap, on the meta device, sparse
            return
        self._all[address] = axes
        if len(self._all) > _MOST_RECENT:
            del self._all[next(iter(self._all))]

    def of(self, tensor: Tensor) -> Axes | None:
        """The axes of what lies where this does (a Parameter shares the memory of its data)."""
        if type(tensor) not in (Tensor, Parameter):  # a kind of its own may have no memory
            return None
        axes = self._all.get(tensor.data_ptr())
        return axes if axes is not None and axes.shape == tuple(tensor.shape) else None


class Holding:
    """Which tensor has which axes. Tensors compare elementwise, so they are known by identity."""

    def __init__(self) -> None:
        self._all: dict[int, _Held] = {}
        self._forgets = _forgetting(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def of(self, tensor: Tensor) -> Axes | None:
        """The axes held for a tensor; None where it was never met."""
        held = self._all.get(id(tensor))
        return held.axes if held is not None and held() is tensor else None

    def hold(self, tensor: Tensor, axes: Axes) -> None:
        """Keep the axes of a tensor, in the place of those it had."""
        key = id(tensor)
        held = self._all.get(key)
        if held is None or held() is not tensor:
            held = self._all[key] = _Held(tensor, self._forgets)
            held.key = key
        held.axes = axes

    def living_with(self, axes: Axes) -> bool:
        """True where some tensor that lives has these very axes."""
        return any(held.axes is axes and held() is not None for held in list(self._all.values()))


def _forgetting(all_held: dict[int, _Held]) -> Callable[[Any], None]:
    """What takes a tensor out when it dies. It keeps nothing alive but the table."""

    def forget(held: _Held) -> None:
        if all_held.get(held.key) is held:
            del all_held[held.key]

    return forget
