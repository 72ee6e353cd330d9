"""One call on the bench: its axes, and replays of it with one thing changed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from shapecheck.core.axis import role_of
from shapecheck.runtime.replay import Replayed, replay
from shapecheck.runtime.state.snapshot import Live, Snapshot
from shapecheck.runtime.trials.probed import Call, Leaf, Path, named_axes, positions
from shapecheck.runtime.watchdog import Watchdog


@dataclass(frozen=True)
class ProbeSettings:
    """What probing may cost. Sizes in bytes, times in seconds of the processor in one thread.

    A call is not probed where its state is larger than `most_bytes` or it takes longer than
    `most_seconds`; trials past `budget` for one kind of call are left out. A replay is ended after
    `longest`, and one that only waits some time later. `samples` is how many indices of an axis
    are tried at most, `matrix` how many a dependency matrix shows.
    """

    most_bytes: int = 256 << 20
    most_seconds: float = 0.05
    budget: float = 0.4
    longest: float = 2.0
    samples: int = 16
    matrix: int = 8


def limited_to(most_bytes: int, most_seconds: float) -> ProbeSettings:
    """Settings where a call may have so much state and take so long; the rest follows from it."""
    usual = ProbeSettings()
    longer = most_seconds / usual.most_seconds
    return replace(
        usual,
        most_bytes=most_bytes,
        most_seconds=most_seconds,
        budget=usual.budget * longer,
        longest=usual.longest * max(longer, 1),
    )


Change = Mapping[Path, Tensor]
_PATIENCE = 10  # on the wall, for calls that wait; a busy machine must not decide what is found


class Bench:
    """A snapshot with its declared axes. `mode` and `adjust` of `run` go to the replay."""

    def __init__(
        self, call: Call, snapshot: Snapshot, settings: ProbeSettings, watchdog: Watchdog
    ) -> None:
        self.call = call
        self.snapshot = snapshot
        self.settings = settings
        self.inputs = tuple(leaf for leaf in call.inputs if snapshot.has(leaf.path))
        self.spent = 0.0
        self.slowest = 0.0
        self._waited = 0.0
        self._watchdog = watchdog
        self._calm = any(_mixes_by_design(module) for module in snapshot.modules)

    @property
    def normalises(self) -> bool:
        """True where a BatchNorm would take its statistics from the batch (training mode)."""
        return self._calm

    def names(self) -> list[str]:
        """Every axis name the inputs carry, in order."""
        found: dict[str, None] = {}
        for leaf in self.inputs:
            found.update(dict.fromkeys(named_axes(leaf.spec, self.rank(leaf))))
        return [name for name in found if name]

    def rank(self, leaf: Leaf) -> int:
        """How many axes the argument has."""
        return self.snapshot.leaf(leaf.path).dim()

    def carriers(self, axis: str) -> dict[Path, tuple[int, ...]]:
        """The inputs that carry the axis, and where."""
        found = {leaf.path: positions(leaf.spec, self.rank(leaf), axis) for leaf in self.inputs}
        return {path: where for path, where in found.items() if where}

    def size(self, axis: str) -> int:
        """The size that the axis had."""
        path, where = next(iter(self.carriers(axis).items()))
        return self.snapshot.leaf(path).shape[where[0]]

    def other_sizes(self, axis: str) -> set[int]:
        """Every size of the call but this axis's own."""
        carriers = self.carriers(axis)
        return {
            size
            for leaf in self.inputs
            for i, size in enumerate(self.snapshot.leaf(leaf.path).shape)
            if i not in carriers.get(leaf.path, ())
        }

    def change(self, axis: str, make: Callable[[Tensor, int], Tensor], base: Change) -> Change:
        """`make(tensor, position)` for every input that carries the axis, upon `base`."""
        changed = dict(base)
        for path, where in self.carriers(axis).items():
            tensor = base.get(path, self.snapshot.leaf(path))
            for position in where:
                tensor = make(tensor, position)
            changed[path] = tensor
        return changed

    def numbers(self, axis: str, size: int) -> dict[str, int]:
        """Integer arguments that hold the size of the axis by name, moved to another size."""
        old, role = self.size(axis), role_of(axis)
        moved = {}
        for name, value in self.snapshot.arguments().items():
            hint = role_of(name)
            same = name == axis or (role and hint and role.role is hint.role)
            if type(value) is int and value == old and same:
                moved[name] = size
        return moved

    def run(
        self,
        change: Change | None = None,
        numbers: Mapping[str, int] | None = None,
        *,
        calm: bool = True,
        adjust: Callable[[Live], None] | None = None,
        mode: Callable[[Live], AbstractContextManager[Any]] | None = None,
        keep: bool = False,
        on_error: Callable[[BaseException], None] | None = None,
    ) -> Replayed:
        """Replay with the changed inputs. `calm` takes BatchNorm's mixing out of it."""

        def settle(live: Live) -> None:
            if calm:
                for module in live.modules:
                    if _mixes_by_design(module):
                        _calm(module)
            if adjust is not None:
                adjust(live)

        started = time.monotonic()
        done = replay(
            self.snapshot,
            self.call.outputs,
            self._watchdog,
            self.settings.longest,
            change,
            numbers,
            settle,
            mode,
            keep,
            on_error,
        )
        self.spent += done.seconds
        if mode is None:
            self.slowest = max(self.slowest, done.seconds)
        self._waited += time.monotonic() - started
        return done

    @property
    def exhausted(self) -> bool:
        """True where the time for this kind of call is spent."""
        budget = self.settings.budget
        return self.spent > budget or self._waited > _PATIENCE * budget


def _mixes_by_design(module: torch.nn.Module) -> bool:
    if not isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
        return False
    return module.training or module.running_mean is None


def _calm(module: Any) -> None:
    """Let a BatchNorm use fixed statistics, as it does once it is trained."""
    module.training = False
    module.track_running_stats = True
    if module.running_mean is None:
        weight = module.weight
        options = {"dtype": weight.dtype, "device": weight.device} if weight is not None else {}
        with torch.inference_mode(False):
            module.running_mean = torch.zeros(module.num_features, **options)
            module.running_var = torch.ones(module.num_features, **options)


def same(one: Tensor, other: Tensor) -> Tensor:
    """Elementwise: equal bits for our purposes; NaN equals NaN."""
    return (one == other) | ((one != one) & (other != other))


def tolerance(base: Tensor) -> float:
    """The largest difference that rounding may make in values of this size (0 for integers)."""
    if not (base.is_floating_point() or base.is_complex()):
        return 0.0
    finite = base[base.isfinite()].abs()
    scale = float(finite.max()) if finite.numel() else 0.0
    return min(1024 * torch.finfo(base.dtype).eps, 0.05) * scale


def differs(base: Tensor, other: Tensor, within: float) -> Tensor:
    """Elementwise: further apart than `within`."""
    if not (base.is_floating_point() or base.is_complex()):
        return ~same(base, other)
    far = (base - other).abs() > within
    return ~same(base, other) & (far | ~(base.isfinite() & other.isfinite()))


def product(sizes: tuple[int, ...]) -> int:
    """How many elements a shape has."""
    return math.prod(sizes)
