"""What masks of attention let through: the future where the past was meant, queries for keys."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from shapecheck.core.evidence import Trial
from shapecheck.runtime.replay import Replayed
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.disturbance import Disturbance
from shapecheck.runtime.trials.first_break import described
from shapecheck.runtime.trials.laws import law_of
from shapecheck.runtime.trials.recorder import Recording, Step

_TRIANGLES = frozenset(("tril", "triu", "tril_", "triu_"))
_ATTENTION = frozenset((
    "softmax", "scaled_dot_product_attention", "multi_head_attention_forward",
    "_native_multi_head_attention", "_transformer_encoder_layer_fwd",
))  # fmt: skip
_FILLS = frozenset(("masked_fill", "masked_fill_", "where"))
_CARRIES = frozenset((
    "masked_fill", "masked_fill_", "where", "add", "__add__", "__iadd__", "sub", "div",
    "__truediv__", "mul", "__mul__", "float", "to", "contiguous", "dropout", "type", "clone",
))  # fmt: skip
_PRODUCTS = frozenset(("matmul", "__matmul__", "bmm"))
_HIDES = _FILLS | {"mul", "__mul__"}
_FAR_BELOW = -1e3


def masking(bench: Bench, base: Replayed, recording: Recording) -> Iterator[Trial]:
    """One trial for each mask that hides the wrong thing, from one recorded replay."""
    yield from _backwards(bench, base, recording)
    for number, step in enumerate(recording.steps):
        if step.name in ("softmax", "_softmax") and not step.error:
            yield from _of_queries(bench, recording, number)


# The future in place of the past


def _backwards(bench: Bench, base: Replayed, recording: Recording) -> Iterator[Trial]:
    """Attention behind a triangular mask, in which no output sees an earlier input."""
    made = [n for n, step in enumerate(recording.steps) if _triangle(step)]
    attends = any(step.name in _ATTENTION for step in recording.steps)
    if not made or not attends or _says_backwards(bench):
        return
    sizes = {recording.steps[n].results[0].shape[-1] for n in made}
    for axis in bench.names():
        size = bench.size(axis)
        if size < 3 or size not in sizes or law_of(axis, bench.call.laws, confirmed=True):
            continue
        for trial in Disturbance(bench, axis, "", {}, {}, base, size).patterns():
            if trial.pattern == "anticausal":
                step = recording.steps[made[0]]
                yield _trial(bench, axis, step, trial)


def _triangle(step: Step) -> bool:
    shape = step.results[0].shape if step.results else ()
    return step.name in _TRIANGLES and len(shape) > 1 and shape[-1] == shape[-2]


def _says_backwards(bench: Bench) -> bool:
    name = bench.call.name.lower()
    return any(word in name for word in ("backward", "revers", "anticausal", "anti_causal"))


def _trial(bench: Bench, axis: str, step: Step, seen: Trial) -> Trial:
    call = bench.call
    return Trial(
        call.name, call.place, "dependency", axis, "causal", "broken",
        output=seen.output, output_axis=axis, declared=seen.declared, matrix=seen.matrix,
        pattern=seen.pattern, seen_sizes=seen.seen_sizes, before=seen.before,
        first_break=step.place, operation=described(step),
    )  # fmt: skip


# Queries in place of keys


def _of_queries(bench: Bench, recording: Recording, number: int) -> Iterator[Trial]:
    """Scores filled by a mask that does not vary along the axis of the softmax."""
    softmax = recording.steps[number]
    if not softmax.results or not softmax.shapes:
        return
    rank = len(softmax.shapes[0])
    dim = softmax.options.get("dim", next(iter(softmax.options.get("args", ())), None))
    if not isinstance(dim, int) or rank < 3:
        return
    over = dim % rank - rank  # counted from the right, as masks are
    if over not in (-1, -2):
        return
    to_itself = softmax.shapes[0][-1] == softmax.shapes[0][-2]
    if not to_itself and not _sums_over(recording, number, -3 - over):
        return  # no attention of a sequence to itself, and none of what was masked is added up
    fills = list(_fills_before(recording, softmax))
    masks = [(step, mask) for step, mask in fills if mask is not None]
    if not masks or len(masks) != len(fills):
        return
    query = -3 - over
    useless = [
        step
        for step, mask in masks
        if _constant(mask, over) and not _constant(mask, query) and bool(mask.any())
    ]
    if len(useless) == len(masks):
        call, step = bench.call, useless[0]
        yield Trial(
            call.name, call.place, "alignment", "", "", "broken",
            pattern="queries" if to_itself else "masked in vain",
            first_break=step.place, operation=described(step),
            detail=described(softmax), seen_sizes=(softmax.shapes[0][over],),
        )  # fmt: skip


def _sums_over(recording: Recording, number: int, axis: int) -> bool:
    """True where a product takes the weights as they are and sums over this axis of theirs.

    Weights that a mask meets after the softmax, or that are normalised again, are other weights;
    and values that were masked themselves need no weights that are.
    """
    mine = -1 - axis  # the left operand of a product is summed over its last axis
    for step in recording.steps[number + 1 :]:
        if step.name in _PRODUCTS and step.operands[mine : mine + 1] == ((number, 0),):
            other, _ = step.operands[1 - mine]
            return other < 0 or recording.steps[other].name not in _HIDES
    return False


def _fills_before(recording: Recording, softmax: Step) -> Iterator[tuple[Step, Tensor | None]]:
    """The steps that mask what a softmax takes, each with its mask where it is known."""
    todo, seen = list(softmax.parents), set[int]()
    shape = softmax.shapes[0]
    while todo:
        at = todo.pop()
        step = recording.steps[at]
        result = tuple(step.results[0].shape) if step.results else ()
        if at in seen or result != shape or step.name not in _CARRIES:
            continue
        seen.add(at)
        if step.name in _FILLS and _fills_far_below(recording, at):
            yield step, _mask_of(recording, at)
        elif step.name.strip("_") in ("add", "iadd") and _adds_a_mask(recording, at):
            yield step, None  # added: not read
        todo.extend(step.parents)


def _fills_far_below(recording: Recording, number: int) -> bool:
    step = recording.steps[number]
    given = (*step.options.get("args", ()), step.options.get("value"))
    if any(isinstance(v, (int, float)) and v <= _FAR_BELOW for v in given):
        return True
    values = [recording.operand(number, i) for i in range(len(step.operands))]
    return any(v is not None and v.numel() == 1 and float(v) <= _FAR_BELOW for v in values)


def _mask_of(recording: Recording, number: int) -> Tensor | None:
    step = recording.steps[number]
    operands = [recording.operand(number, i) for i in range(len(step.operands))]
    found = [t for t in operands if t is not None and t.dtype is torch.bool]
    return found[0] if len(found) == 1 else None


def _adds_a_mask(recording: Recording, number: int) -> bool:
    step = recording.steps[number]
    operands = [recording.operand(number, i) for i in range(len(step.operands))]
    return any(t is not None and bool((t <= _FAR_BELOW).any()) for t in operands)


def _constant(mask: Tensor, axis: int) -> bool:
    if -axis > mask.dim() or mask.shape[axis] == 1:
        return True
    return bool((mask == mask.narrow(axis, 0, 1)).all())
