"""Mixing that is the point: recognised by what the code does, and named.

Each excuse reads the operations from the first one that mixed to the output. None of them makes
a finding go away in silence: the trial carries the excuse, and the report shows it as a note.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterator

from shapecheck.runtime.trials.first_break import Break
from shapecheck.runtime.trials.recorder import Step

_NORMS = frozenset((
    "batch_norm", "native_batch_norm", "sync_batch_norm",
))  # fmt: skip
CENTRES = frozenset((
    "mean", "median", "nanmean", "nanmedian", "min", "amin", "quantile", "nanquantile",
    "mode",
))  # fmt: skip
SPREADS = frozenset((
    "std", "var", "max", "amax", "aminmax", "quantile", "nanquantile",
))  # fmt: skip
_MOMENTS = frozenset(("mean", "std", "var", "nanmean"))
_BOTH = frozenset((
    "var_mean", "std_mean", "aminmax",
))  # fmt: skip
_CARRY = frozenset((
    "sqrt", "rsqrt", "add", "clamp", "clamp_min", "unsqueeze", "expand", "expand_as",
    "view", "reshape", "keepdim", "sub", "pow", "detach", "to", "float", "double",
    "__getitem__", "values", "__add__", "__sub__", "__pow__", "maximum", "mul", "__mul__",
    "where", "masked_fill", "squeeze", "abs",
))  # fmt: skip
_SUBTRACTIONS = frozenset((
    "sub", "__sub__", "subtract", "sub_", "__isub__", "__rsub__",
))  # fmt: skip
_DIVISIONS = frozenset((
    "div", "__truediv__", "true_divide", "divide", "div_", "__itruediv__",
))  # fmt: skip
_FITS = frozenset((
    "linalg_svd", "svd", "linalg_svdvals", "linalg_lstsq", "lstsq", "linalg_solve", "solve",
    "linalg_inv", "inverse", "linalg_pinv", "pinverse", "linalg_eigh", "linalg_eig",
    "linalg_qr", "qr", "linalg_cholesky", "cholesky", "pca_lowrank", "svd_lowrank", "cov",
    "corrcoef", "cholesky_solve",
))  # fmt: skip
_PAIRWISE = frozenset((
    "sub", "add", "mul", "div", "eq", "ne", "lt", "gt", "le", "ge", "minimum", "maximum",
    "__sub__", "__add__", "__mul__", "__truediv__", "__eq__", "__ne__", "__lt__", "__gt__",
    "bitwise_and", "logical_and", "__and__", "cosine_similarity", "pairwise_distance",
))  # fmt: skip
_PARTNERS = re.compile(r"\[\s*\w*(?:perm|order|shuffl|partner|mix|swap)\w*\s*\]", re.IGNORECASE)
_NORMS_PAIRED = frozenset(("add", "mul", "truediv", "div", "maximum", "minimum"))
# Nobody takes these over the batch by a slip of `dim` and has it fit: they are statistics.
_SPREAD_OR_COUNT = frozenset((
    "std", "var", "std_mean", "var_mean", "bincount", "histc", "unique", "_unique2",
))  # fmt: skip
_REJECTS = frozenset((
    "poisson", "binomial", "_standard_gamma", "_sample_dirichlet", "standard_gamma",
))  # fmt: skip
_NEW_AXIS = frozenset({"unsqueeze", "__getitem__"})
_DESCRIBED = "the samples are described by statistics of their own"
_SCALED = "the samples are scaled by statistics of their own"
OWN_STATISTICS = frozenset((_DESCRIBED, _SCALED))


def excuse_for(found: Break, size: int) -> str:
    """Why the mixing that starts here is meant, in a few words, or ""."""
    steps = found.recording.steps
    path = [steps[n] for n in (found.number, *found.onward)]
    if any(step.name in _NORMS for step in path[:1]):
        return "batch normalisation takes its statistics from the batch"
    if found.step.name in _REJECTS:
        return "how much is drawn at random depends on the data"
    if any(_pairs(step, found, size) for step in path):
        return "the samples are compared with each other, pair by pair"
    if _kept(found):
        return "the object keeps statistics of all samples"
    if _balanced(path):
        return "rows and columns are scaled in turn, to balance both"
    if any(step.name in _FITS for step in path):
        return "the call fits something to all samples"
    if _random_partner(found.step, found):
        return "each sample is given a partner at random"
    if _at_odds(found):
        return ""
    if found.step.name in _SPREAD_OR_COUNT or _ranks(found.step):
        return _DESCRIBED
    if _own_statistics(found):
        return _SCALED
    return ""


def _kept(found: Break) -> bool:
    """Sums or means of all samples that a buffer of a module takes in: `self.total += x.sum(0)`."""
    recording = found.recording
    if found.step.name not in CENTRES | SPREADS | _BOTH | {"sum", "nansum"}:
        return False
    buffers = (b for module in recording.modules for b in module._buffers.values())
    held = {recording.producer.get(id(buffer), -1) for buffer in buffers if buffer is not None}
    return bool(held & {found.number, *found.onward})


def _balanced(path: list[Step]) -> bool:
    """Sinkhorn's iteration: sums over one axis, then over the other, of tensors of one shape."""
    if path[0].name not in ("sum", "logsumexp"):
        return False
    sums = [(step.shapes[0], summed(step)) for step in path if step.name == path[0].name]
    alone = [(shape, dims) for shape, dims in sums if dims is not None and len(dims) == 1]
    same = {dims for shape, dims in alone if shape == path[0].shapes[0] and len(shape) > 1}
    return len(same) > 1 and len(alone) > 2


def _ranks(step: Step) -> bool:
    """Numbers, one for each sample, sorted: their ranks."""
    return step.name in ("sort", "argsort") and all(len(shape) == 1 for shape in step.shapes)


def _random_partner(step: Step, found: Break) -> bool:
    """Indexed by `torch.randperm`, or what is called so: mixup, negatives from the same batch."""
    steps = found.recording.steps
    indexed = step.name == "__getitem__" and [len(shape) for shape in step.shapes[1:]] == [1]
    if indexed and _PARTNERS.search(linecache.getline(step.place.file, step.place.line)):
        return True
    return step.name in ("__getitem__", "index_select", "take_along_dim") and any(
        steps[p].name == "randperm" for p in _up(found, step)
    )


def _up(found: Break, step: Step, depth: int = 3) -> Iterator[int]:
    for parent in step.parents:
        yield parent
        if depth:
            yield from _up(found, found.recording.steps[parent], depth - 1)


def _pairs(step: Step, found: Break, size: int) -> bool:
    """All pairs of samples, written out: `cdist`, `x[:, None] - x[None]`, `x @ x.T`."""
    if step.name == "cdist":
        return True
    steps = found.recording.steps
    if len(step.shapes) < 2:
        return False
    if step.name in ("matmul", "mm", "__matmul__"):
        flat = [len(shape) == 2 for shape in step.shapes]
        crossed = any(steps[p].name in ("t", "T", "mT", "transpose", "H") for p in step.parents)
        made = [tuple(r.shape) for r in step.results]
        return all(flat) and crossed and bool(made) and made[0] == (size, size)
    if step.name not in _PAIRWISE or not step.results:
        return False
    result, one, other = tuple(step.results[0].shape), *step.shapes[:2]
    kept = {one, other} == {(size, 1), (size,)} and result == (size, size)
    if kept and step.name.strip("_") in _NORMS_PAIRED:
        return True  # |x|² + |y|², one of them kept as a column
    if kept and _meets_a_table(found, size):
        return True
    grows = len(result) and result != one and result != other
    written = {n for n in step.parents if steps[n].name in _NEW_AXIS}
    return bool(grows) and len(written) == 2 and _adds_axes([steps[n] for n in written])


def _meets_a_table(found: Break, size: int) -> bool:
    """A table of pairs that meets another: `labels.view(-1, 1) == labels` beside `x @ x.T`.

    An accident is averaged or counted as it stands.
    """
    table, derived = (size, size), {found.number, *found.onward}
    later = (found.recording.steps[at] for at in found.onward)
    return any(
        step.shapes[:2] == (table, table) and step.parents & derived and step.parents - derived
        for step in later
    )


def _adds_axes(steps: list[Step]) -> bool:
    return all(len(s.results[0].shape) == len(s.shapes[0]) + 1 for s in steps if s.shapes)


def _own_statistics(found: Break) -> bool:
    """`x - x.mean(0)`, `x / x.std(0)`, `(x - x.min(0)) / …`: centred or scaled by itself."""
    name = found.step.name
    if name not in CENTRES | SPREADS | _BOTH:
        return False
    steps, source = found.recording.steps, found.step.sources[:1]
    carried = {found.number}
    for at in found.onward:
        step = steps[at]
        if not step.parents & carried:
            continue
        own = bool(set(step.sources) & set(source)) or _of_same_origin(found, step, carried)
        if step.name in _SUBTRACTIONS and name in CENTRES | _BOTH and (own or _effect(found, step)):
            return True
        if own and name in SPREADS | _BOTH and step.name in _DIVISIONS:
            return True
        if step.name in _CARRY:
            carried.add(at)
        else:
            return False
    return False


def _effect(found: Break, step: Step) -> bool:
    """`x.mean(1) - x.mean((0, 1))`: the mean of each, less that of all."""
    steps, mine = found.recording.steps, over(found.step)
    made = [steps[at] for at, _ in step.operands if at not in (-1, found.number)]
    each = [over(one) for one in made if one.sources[:1] == found.step.sources[:1]]
    return mine is not None and any(dims is not None and dims < mine for dims in each)


def _at_odds(found: Break) -> bool:
    """One tensor centred by statistics over some axes and scaled by those over others.

    `(x - x.mean(0)) / x.std(1)`: whichever is meant, the other is not. Axes that contain the
    others are fine: centred for each feature, scaled as a whole.
    """
    steps, mine = found.recording.steps, over(found.step)
    if mine is None or not found.step.sources or found.step.name not in _MOMENTS:
        return False
    for step in steps:
        theirs = over(step) if step.name in _MOMENTS else None
        same = theirs is not None and step.sources[:1] == found.step.sources[:1]
        other_kind = (step.name in CENTRES) != (found.step.name in CENTRES)
        if same and other_kind and theirs is not None and not (mine <= theirs or theirs <= mine):
            return True
    return False


def over(step: Step) -> frozenset[int] | None:
    """The axes that a statistic is taken over; None for what is none."""
    return summed(step) if step.name in CENTRES | SPREADS and len(step.shapes) == 1 else None


def summed(step: Step) -> frozenset[int] | None:
    """The axes that a reduction runs over."""
    plain = step.options.get("args") or (None,)
    dims = step.options.get("dim", plain[0])
    rank = len(step.shapes[0])
    if isinstance(dims, bool) or not isinstance(dims, (int, tuple, list)):
        return frozenset(range(rank))
    several = dims if isinstance(dims, (tuple, list)) else (dims,)
    return frozenset(d % rank for d in several if isinstance(d, int) and rank)


def _of_same_origin(found: Break, step: Step, carried: set[int]) -> bool:
    """The other operand has the shape of what the statistic was taken from."""
    wanted = found.step.shapes[:1]
    return any(shape == wanted[0] for shape in step.shapes) if wanted else False
