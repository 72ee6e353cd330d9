"""Mixing that may well be meant where nobody declared that samples are independent.

An annotation `batch` is a promise; a DataLoader is none. So beside what every trial excuses, what
code does to its samples on purpose (orders them, picks them by an index, fits something to all of
them) is left alone here, and functions, unlike models, may compare their samples as they like.
"""

from __future__ import annotations

import torch
from torch import nn

from shapecheck.runtime.trials.excuses import excuse_for
from shapecheck.runtime.trials.first_break import Break
from shapecheck.runtime.trials.recorder import Step

_ORDERS = frozenset((
    "roll", "flip", "flipud", "fliplr", "sort", "argsort", "topk", "kthvalue", "msort", "unique",
    "unique_consecutive", "randperm", "searchsorted", "bucketize", "cumsum", "cumprod", "cummax",
    "cummin", "logcumsumexp", "diff", "trapezoid",
))  # fmt: skip
_PICKS = frozenset((
    "__getitem__", "index_select", "gather", "take", "take_along_dim", "masked_select", "index_add",
    "index_add_", "index_put", "index_put_", "index_copy", "index_copy_", "scatter", "scatter_",
    "scatter_add", "scatter_add_", "scatter_reduce", "scatter_reduce_", "__setitem__", "nonzero",
    "where", "repeat_interleave", "embedding", "one_hot",
))  # fmt: skip
_PRODUCTS = frozenset((
    "matmul", "mm", "__matmul__", "bmm", "einsum", "tensordot", "addmm", "outer", "inner", "dot",
    "mv", "cdist", "baddbmm",
))  # fmt: skip
_MOVES = frozenset((
    "view", "reshape", "flatten", "unflatten", "permute", "transpose", "t", "swapaxes", "expand",
    "repeat", "tile", "unfold", "movedim",
))  # fmt: skip


_STATISTICS = frozenset((
    "mean", "median", "nanmean", "nanmedian", "sum", "min", "max", "amin", "amax", "aminmax",
    "quantile", "mode", "norm", "linalg_norm", "linalg_vector_norm", "logsumexp",
))  # fmt: skip
_RELATES = frozenset((
    "sub", "__sub__", "__rsub__", "subtract", "div", "__truediv__", "true_divide", "divide",
))  # fmt: skip


def may_be_meant(found: Break, size: int, within: str) -> str:
    """Why the mixing of `size` samples that starts here may be meant, in a few words, or ""."""
    return (
        excuse_for(found, size)
        or on_purpose(found.step, size)
        or _relates(found)
        or _as_one_sequence(found.step)
        or _of_functions(found, within)
    )


def _relates(found: Break) -> str:
    """`x - average`, however the average came about: samples told relative to all of them."""
    step, steps = found.step, found.recording.steps
    if step.name not in _STATISTICS or not step.shapes:
        return ""
    onward = (steps[n] for n in found.onward)
    related = any(later.name in _RELATES and step.shapes[0] in later.shapes for later in onward)
    return "the samples are seen relative to statistics of theirs" if related else ""


def _as_one_sequence(step: Step) -> str:
    """A layer that reads sequences is given one: `x.unsqueeze(1)`, all samples as its steps."""
    if step.module is None or not step.shapes or len(step.shapes[0]) != 3:
        return ""
    return "the samples are given as one sequence" if 1 in step.shapes[0][:2] else ""


def on_purpose(step: Step, size: int) -> str:
    """Why what one operation does to `size` samples is meant, whatever the rest, or ""."""
    if step.name in _ORDERS:
        return "the samples are put in an order"
    if step.name in _PICKS and not _one_index(step):
        return "the samples are picked by an index"
    if step.results and all(result.numel() == 1 for result in step.results):
        return "one number is taken from all samples"
    if step.name in _PRODUCTS and _summed_over(step, size):
        return "something is fitted to all samples"
    if any(not _floating(result) for result in step.results):
        return "the samples are counted"
    return ""


def _one_index(step: Step) -> bool:
    """`x[-1]`, `x[:, 0]`: an index written down, and no tensor of indices."""
    return step.name == "__getitem__" and len(step.shapes) == 1 and bool(step.numbers)


def _summed_over(step: Step, size: int) -> bool:
    """Two factors with an axis of this size whose product has none."""
    carrying = [shape for shape in step.shapes if size in shape]
    return len(carrying) > 1 and not any(size in result.shape for result in step.results)


def _floating(result: torch.Tensor) -> bool:
    return result.is_floating_point() or result.is_complex()


def _of_functions(found: Break, within: str) -> str:
    step = found.step
    layer = isinstance(step.module, (nn.RNNBase, nn.MultiheadAttention, nn.Transformer))
    layer = layer or type(step.module).__name__.startswith("Transformer")
    if within == "module" or layer or step.name in _MOVES:
        return ""
    return "a function may compare its samples"
