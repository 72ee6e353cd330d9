"""What a call finds around it: random number generators, gradient mode, autocast, defaults."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class Randomness:
    """The state of every global generator: torch on each device in use, numpy, random."""

    cpu: torch.Tensor
    devices: tuple[tuple[str, tuple[torch.Tensor, ...]], ...]
    numpy: Any
    python: Any

    @classmethod
    def now(cls) -> Randomness:
        """The states as they are."""
        used = [(name, tuple(get())) for name, used, get, _ in _DEVICES if used()]
        return cls(torch.get_rng_state(), tuple(used), np.random.get_state(), random.getstate())

    def restore(self) -> None:
        """Set every generator back."""
        torch.set_rng_state(self.cpu)
        for name, states in self.devices:
            next(put for known, _, _, put in _DEVICES if known == name)(list(states))
        np.random.set_state(self.numpy)
        random.setstate(self.python)

    def same_as(self, other: Randomness) -> bool:
        """True where nothing was drawn between the two."""
        mine, theirs = self.numpy, other.numpy
        return (
            torch.equal(self.cpu, other.cpu)
            and self._devices_as(other)
            and self.python == other.python
            and mine[0] == theirs[0]
            and bool((mine[1] == theirs[1]).all())
            and mine[2:] == theirs[2:]
        )

    def _devices_as(self, other: Randomness) -> bool:
        mine, theirs = dict(self.devices), dict(other.devices)
        return mine.keys() == theirs.keys() and all(
            torch.equal(a, b)
            for name, states in mine.items()
            for a, b in zip(states, theirs[name], strict=True)
        )


# By name: whether its generators have been used, and how their states are read and set. Asked for
# by name each time: a device that is not there has a module all the same.
_DEVICES: tuple[tuple[str, Callable[[], bool], Callable[[], Any], Callable[[Any], None]], ...] = (
    (
        "cuda",
        lambda: torch.cuda.is_initialized(),
        lambda: torch.cuda.get_rng_state_all(),
        lambda states: torch.cuda.set_rng_state_all(states),
    ),
    (
        "xpu",
        lambda: torch.xpu.is_initialized(),
        lambda: torch.xpu.get_rng_state_all(),
        lambda states: torch.xpu.set_rng_state_all(states),
    ),
    (
        "mps",
        lambda: torch.backends.mps.is_available(),
        lambda: [torch.mps.get_rng_state()],
        lambda states: torch.mps.set_rng_state(*states),
    ),
)


@dataclass(frozen=True)
class Modes:
    """Torch's switches that change what a call computes."""

    grad: bool
    inference: bool
    default_dtype: torch.dtype
    deterministic: tuple[bool, bool]
    precision: str
    anomaly: tuple[bool, bool]
    autocast: tuple[tuple[str, bool, torch.dtype], ...]

    @classmethod
    def now(cls) -> Modes:
        """The switches as they are."""
        devices = ("cpu", "cuda") if torch.cuda.is_initialized() else ("cpu",)
        return cls(
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.get_default_dtype(),
            (
                torch.are_deterministic_algorithms_enabled(),
                torch.is_deterministic_algorithms_warn_only_enabled(),
            ),
            torch.get_float32_matmul_precision(),
            (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
            tuple((d, torch.is_autocast_enabled(d), torch.get_autocast_dtype(d)) for d in devices),
        )

    def _set(self) -> None:
        now = Modes.now()
        if now.default_dtype != self.default_dtype:
            torch.set_default_dtype(self.default_dtype)
        if now.deterministic != self.deterministic:
            on, warn = self.deterministic
            torch.use_deterministic_algorithms(on, warn_only=warn)
        if now.precision != self.precision:
            torch.set_float32_matmul_precision(self.precision)
        if now.anomaly != self.anomaly:
            torch.autograd.set_detect_anomaly(*self.anomaly)
        if now.grad != self.grad:
            torch.set_grad_enabled(self.grad)

    @contextlib.contextmanager
    def again(self) -> Iterator[None]:
        """Run the body under these switches; set everything back after it."""
        before = Modes.now()
        with contextlib.ExitStack() as stack:
            stack.enter_context(torch.inference_mode(self.inference))
            for device, on, dtype in self.autocast:
                if on or torch.is_autocast_enabled(device):
                    stack.enter_context(torch.autocast(device, dtype=dtype, enabled=on))
            try:
                self._set()
                yield
            finally:
                before._set()


@dataclass(frozen=True)
class Surroundings:
    """Randomness and modes, as a call found them."""

    randomness: Randomness
    modes: Modes

    @classmethod
    def now(cls) -> Surroundings:
        """Both as they are."""
        return cls(Randomness.now(), Modes.now())

    @contextlib.contextmanager
    def again(self) -> Iterator[None]:
        """Run the body as if in these surroundings; set everything back after it."""
        before = Randomness.now()
        queued: list[Any] = torch.cuda._queued_calls  # `manual_seed` appends to it without CUDA
        calls = list(queued)
        try:
            with self.modes.again():
                self.randomness.restore()
                yield
        finally:
            before.restore()
            queued[:] = calls


def why_not_here(arguments: list[Any]) -> str:
    """Why a call made here and now cannot be replayed, or ""."""
    if torch.compiler.is_compiling():
        return "inside torch.compile"
    if torch._C._get_tracing_state() is not None:
        return "inside TorchScript"
    if torch._C._functorch.peek_interpreter_stack() is not None:
        return "inside a functorch transform (vmap, grad)"
    if torch._C._len_torch_dispatch_stack() or torch._C._len_torch_function_stack():
        return "under a torch function or dispatch mode"
    from torch.nn.modules import module

    if module._global_forward_hooks or module._global_forward_pre_hooks:
        return "under a global module hook"
    for value in arguments:
        if isinstance(value, torch.Tensor) and not _ordinary(value):
            meta = type(value) is torch.Tensor and "tensor without values"
            return f"called with a {meta or type(value).__name__}"
    return ""


def _ordinary(tensor: torch.Tensor) -> bool:
    return type(tensor) in (torch.Tensor, torch.nn.Parameter) and tensor.device.type != "meta"
