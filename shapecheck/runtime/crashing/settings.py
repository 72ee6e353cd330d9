"""Changes of a layer: built for another size, for the other order of axes, for another rank."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from torch import nn

from shapecheck.core.tried import Tried
from shapecheck.runtime.crashing.bench import Bench
from shapecheck.runtime.crashing.operands import wrapped

# The settings of a layer that fix a size of what it reads.
_SIZES = (
    "in_features",
    "in_channels",
    "num_features",
    "input_size",
    "embed_dim",
    "d_model",
    "normalized_shape",
    "num_channels",
)
_BY_RANK = {
    nn.BatchNorm1d: nn.BatchNorm1d,
    nn.BatchNorm2d: nn.BatchNorm2d,
    nn.BatchNorm3d: nn.BatchNorm3d,
}
_RANKS: dict[int, type[nn.Module]] = {
    2: nn.BatchNorm1d,
    3: nn.BatchNorm1d,
    4: nn.BatchNorm2d,
    5: nn.BatchNorm3d,
}


def sized(bench: Bench) -> Iterator[Tried]:
    """The layer built for a size that its input has; also for what the input has when flattened."""
    module, slots = bench.operation.module, bench.operation.slots
    if module is None or not slots:
        return
    shape = slots[0].stand_in.shape
    for name in _SIZES:
        held = getattr(module, name, None)
        if held is None:
            continue
        if isinstance(held, tuple) and len(held) > 1:
            result = bench(settings={name: shape[-len(held) :]})
            if result is not None:
                code = f"{name}={shape[-len(held) :]}"
                yield Tried("setting", code, (), (), (), result, name)
            continue
        for size in dict.fromkeys(reversed(shape)):
            if held in (size, (size,)):
                continue
            result = bench(settings={name: size})
            if result is not None:
                yield _setting(name, size, result, held)
        if held in (shape[-1] / 2, (shape[-1] / 2,)):
            yield from _halved(bench, int(shape[-1]) // 2)
        flat = (shape[0], prod(shape[1:])) if len(shape) > 2 else ()
        if not flat or held in (flat[1], (flat[1],)):
            continue
        result = bench((slots[0],), lambda t: t.flatten(1), settings={name: flat[1]})
        if result is not None and module_reads_rows(module):
            axes = ((0,), tuple(range(1, len(shape))))
            code = f"{wrapped(slots[0].text)}.flatten(1)"
            second = _setting(name, flat[1], result, held)
            yield Tried("merged", code, (0,), flat, axes, result, second=second)
    yield from _reaching(bench, module)


def _halved(bench: Bench, half: int) -> Iterator[Tried]:
    """Either half of the last axis: two results that were made side by side."""
    slot = bench.operation.slots[0]
    shape = slot.stand_in.shape
    result = bench((slot,), lambda t: t.narrow(-1, 0, half))
    if result is not None:
        code = f"{wrapped(slot.text)}.chunk(2, dim=-1)"
        axes = tuple((i,) for i in range(len(shape)))
        yield Tried("sliced", code, (0,), (*shape[:-1], half), axes, result, "halves")


def module_reads_rows(module: nn.Module) -> bool:
    """True for a layer whose input is rows of features."""
    return isinstance(module, nn.Linear)


def _setting(name: str, size: int, result: tuple[int, ...], held: Any) -> Tried:
    built = held if isinstance(held, int) else 0
    return Tried("setting", f"{name}={size}", (), (), (), result, name, size, built)


def _reaching(bench: Bench, module: nn.Module) -> Iterator[Tried]:
    """A table with as many rows as the indices reach."""
    extent = bench.operation.slots[0].stand_in.extent
    if isinstance(module, nn.Embedding) and extent is not None and extent[0] >= 0:
        rows = extent[1] + 1
        if rows > module.num_embeddings:
            result = bench(settings={"num_embeddings": rows})
            if result is not None:
                yield _setting("num_embeddings", rows, result, module.num_embeddings)


def other_order(bench: Bench) -> Iterator[Tried]:
    """The layer with batch and sequence in the other order."""
    module = bench.operation.module
    held = _batch_first(module) if module is not None else None
    if held is None:
        return
    result = bench(settings={"batch_first": not held})
    if result is not None:
        code = f"batch_first={not held}"
        yield Tried("setting", code, (), (), (), result, "batch_first")


def _batch_first(module: nn.Module) -> Any:
    for one in module.modules():
        held = getattr(one, "batch_first", None)
        if isinstance(held, bool):
            return held
    return None


def of_other_rank(bench: Bench) -> Iterator[Tried]:
    """The same normalisation, for tensors with as many axes as this one has."""
    module, slots = bench.operation.module, bench.operation.slots
    if module is None or type(module) not in _BY_RANK or not slots:
        return
    kind = _RANKS.get(len(slots[0].stand_in.shape))
    if kind is None or isinstance(module, kind):
        return
    features = int(getattr(module, "num_features", 0))
    made = kind(features)
    result = bench(instead=made.forward)
    if result is not None:
        code = f"nn.{kind.__name__}({features})"
        yield Tried("instead", code, (), (), (), result, kind.__name__)
