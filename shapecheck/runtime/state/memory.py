"""Copies of tensors and arrays that keep what they share: views, tied weights, from_numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

_WINDOW = 1 << 20  # bytes; of a larger storage only the part that a tensor spans is copied


class NoCopyError(Exception):
    """Something that is not provably copied; the message says what, in a few words."""


class TooLargeError(NoCopyError):
    """More memory than may be copied."""


class LazyError(NoCopyError):
    """A parameter that gets its shape at the first call: another call can be copied."""


class Memory:
    """Copies blocks of memory, each once, up to `most` bytes in all."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bytes = 0
        self._blocks: dict[tuple[str, int, int], torch.UntypedStorage] = {}
        self._windows: list[tuple[str, int, int]] = []

    def tensor(self, original: Tensor, values: Tensor | None = None) -> Tensor:
        """A copy with the same class, memory layout and place in autograd (leaf or not).

        With `values` the copy holds those, in a block of its own. Gradients, hooks and Python
        attributes are left to the caller.
        """
        _refuse(original)
        with torch.inference_mode(False), torch.no_grad():
            copy = self._detached(original if values is None else values, alone=values is not None)
        if not original.requires_grad:
            return _as(type(original), copy, False)
        if original.is_leaf:
            return _as(type(original), copy, True)
        with torch.inference_mode(False), torch.enable_grad():
            # Writing a source that needs a gradient makes the copy a non-leaf, bits unchanged:
            # a leaf would refuse the in-place operations that the original allows.
            return copy.copy_(copy.detach().clone().requires_grad_())

    def _detached(self, tensor: Tensor, alone: bool) -> Tensor:
        if tensor.layout is not torch.strided or tensor.is_conj() or tensor.is_neg() or alone:
            self._count(tensor.numel() * tensor.element_size())
            return tensor.detach().clone()
        storage, offset = self._block(tensor)
        empty = torch.empty(0, dtype=tensor.dtype, device=tensor.device)
        return empty.set_(storage, offset, tensor.size(), tensor.stride())

    def _block(self, tensor: Tensor) -> tuple[torch.UntypedStorage, int]:
        """The copied storage that a tensor lies in, and its offset there."""
        storage, size = tensor.untyped_storage(), tensor.element_size()
        offset = int(tensor.storage_offset())
        if storage.nbytes() <= _WINDOW or tensor.numel() == 0:
            start, end = 0, storage.nbytes()
        else:
            strides = zip(tensor.shape, tensor.stride(), strict=True)
            last = sum((n - 1) * int(s) for n, s in strides)
            start, end = offset * size, (offset + last + 1) * size
        block = self._copy(str(tensor.device), storage.data_ptr(), start, end, storage)
        return block, offset - start // size

    def _copy(
        self, device: str, base: int, start: int, end: int, storage: torch.UntypedStorage
    ) -> torch.UntypedStorage:
        key = (device, base + start, base + end)
        if key in self._blocks and end > start:
            return self._blocks[key]
        if end - start < storage.nbytes():
            for where, first, last in self._windows:
                if where == device and first < base + end and base + start < last:
                    raise NoCopyError("views that overlap in a large tensor")
            self._windows.append(key)
        self._count(end - start)
        part = torch.empty(0, dtype=torch.uint8, device=storage.device)
        part.set_(storage, start, (end - start,), (1,))
        block: torch.UntypedStorage = part.clone().untyped_storage()
        self._blocks[key] = block
        return block

    def array(self, original: np.ndarray[Any, Any], item: Callable[[Any], Any]) -> Any:
        """A copy of an array, in the same block as tensors and arrays it shares memory with.

        Items of object arrays are copied by `item`.
        """
        if type(original) is not np.ndarray:
            raise NoCopyError(f"an array of type {type(original).__name__}")
        if original.dtype.hasobject:
            copied = np.empty_like(original)
            for index in np.ndindex(original.shape):
                copied[index] = item(original[index])
            return copied
        owner: Any = original
        while type(owner) is np.ndarray and owner.base is not None:
            owner = owner.base
        if isinstance(owner, Tensor):
            owner = owner.numpy()
        if type(owner) is not np.ndarray:
            if isinstance(owner, (bytes, bytearray)):
                return original.copy()
            raise NoCopyError(f"an array over a {type(owner).__name__}")
        if original.nbytes == 0 or not owner.flags.writeable:
            return original.copy()
        flat = torch.from_numpy(owner.reshape(-1, order="A").view(np.uint8))
        if flat.data_ptr() != owner.ctypes.data:  # not contiguous, so reshape made a copy
            return original.copy()
        block = self._copy("cpu", flat.data_ptr(), 0, owner.nbytes, flat.untyped_storage())
        whole = torch.empty(0, dtype=torch.uint8).set_(block)
        array: np.ndarray[Any, Any] = np.ndarray(
            original.shape,
            original.dtype,
            buffer=whole.numpy(),
            offset=original.ctypes.data - owner.ctypes.data,
            strides=original.strides,
        )
        array.flags.writeable = original.flags.writeable
        return array

    def _count(self, size: int) -> None:
        self.bytes += size
        if self.bytes > self.most:
            raise TooLargeError(f"state larger than {self.most / 2**20:g} MiB")


def _as(kind: type[Tensor], tensor: Tensor, needs_grad: bool) -> Tensor:
    if kind is Tensor:
        return tensor.requires_grad_(needs_grad)
    return Tensor._make_subclass(kind, tensor, needs_grad)


def _refuse(tensor: Tensor) -> None:
    """Raise NoCopyError for a tensor that is more than its values and its place in memory."""
    kind = type(tensor)
    if torch.nn.parameter.is_lazy(tensor):
        raise LazyError("a lazy parameter without a shape")
    if kind is not Tensor and not issubclass(kind, torch.nn.Parameter):
        raise NoCopyError(f"a tensor of type {kind.__name__}")
    if tensor.is_quantized or tensor.is_nested or tensor.is_mkldnn or tensor.device.type == "meta":
        raise NoCopyError("a quantized, nested or meta tensor")
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        raise NoCopyError("a tensor inside a functorch transform")
    if tensor.layout is torch.strided and tensor.storage_offset() < 0:
        raise NoCopyError("a tensor without a storage of its own")
