"""Samples that one word alone calls so: they may be the elements of one set, and meet on purpose.

`tile feature` may be independent tiles, or all tiles of one slide: a model that attends over them,
weighs them against each other or sets each against their mean is right about the latter. What
tells the two apart is whether something else could have been meant. Where the operation had no
other axis to run along, it runs along this one on purpose. Where it had (the words of a document,
the points of a cloud), it took the wrong one.
"""

from __future__ import annotations

import math

from torch import nn

from shapecheck.core.axis import Role, role_of
from shapecheck.core.samples import counts_samples, stem
from shapecheck.runtime.trials import arguments
from shapecheck.runtime.trials.bench import Change
from shapecheck.runtime.trials.disturbance import Disturbance
from shapecheck.runtime.trials.first_break import Break, recorded
from shapecheck.runtime.trials.insistence import UNORDERED
from shapecheck.runtime.trials.probed import named_axes
from shapecheck.runtime.trials.recorder import Recording, Shape, Step

# What a sequence or a picture is made of, where its name is no telling one for time.
_ELEMENTS = UNORDERED | frozenset((
    "step", "frame", "character", "char", "letter", "patch", "residue", "base", "node", "place",
    "turn", "sentence", "note", "beat", "event", "page", "agent", "player", "pedestrian", "car",
    "vehicle", "day", "hour", "minute", "month", "move", "line", "row", "column", "col", "pixel",
    "segment", "view", "region", "phoneme", "syllable", "item", "part", "joint", "landmark",
    "reading", "measurement", "visit", "subword", "timestep", "bar", "cell", "face", "limb",
))  # fmt: skip
_RECURRENT = frozenset(("lstm", "gru", "rnn_tanh", "rnn_relu"))
_MHA, _SDPA = "multi_head_attention_forward", "scaled_dot_product_attention"
_ALONG = {"conv1d": 1, "conv2d": 2, "conv3d": 3, "max_pool1d": 1, "avg_pool1d": 1}
_SHARES = frozenset((
    "softmax", "log_softmax", "softmin", "gumbel_softmax", "normalize",
))  # fmt: skip
_MOVES = frozenset((
    "view", "reshape", "flatten", "unflatten", "permute", "transpose", "t", "T", "mT", "swapaxes",
    "movedim", "expand", "repeat", "tile", "unfold", "stack",
))  # fmt: skip
_PRODUCTS = frozenset(("matmul", "__matmul__", "mm", "bmm", "einsum", "baddbmm", "tensordot"))
_JOINS = frozenset(("cat", "concat", "concatenate", "pad"))
_LAYS = frozenset(("view", "reshape", "unflatten"))
_ORDERS = frozenset(("sort", "argsort", "msort", "topk", "kthvalue"))
_DIVISIONS = frozenset(("div", "__truediv__", "true_divide", "divide", "div_", "__itruediv__"))

Positions = tuple[frozenset[int], ...]


class ByWord(Disturbance):
    """The law of samples that one word alone calls so: what is done with a set is excused."""

    def excuse(self, found: Break) -> str:
        ordered = "they are put in an order" if found.step.name in _ORDERS else ""
        return super().excuse(found) or ordered or as_one_set(self, found)


def as_one_set(law: Disturbance, found: Break) -> str:
    """Why the elements of one set would meet where a law breaks, in a few words, or ""."""
    return _OneSet(law, found).why()


class _OneSet:
    """One break of the law, looked at as something done with a set on purpose."""

    def __init__(self, law: Disturbance, found: Break) -> None:
        self._bench, self._axis, self._size = law.bench, law.axis, law.size
        self._start, self._numbers, self._found = law.start, law.numbers, found
        self._other = self._resized(law.axis, law.size)

    def why(self) -> str:
        """What is done with them that is done with a set, or ""."""
        step = self._found.step
        lie = self._samples(self._found.number)
        which = next((i for i, at in enumerate(lie) if at), None)
        if which is None:
            return ""
        shape, at = step.shapes[which], lie[which]
        apart = not self._carries_another()
        if len(at) > 1 or self._all_pairs():
            meant = apart and (len(at) > 1 or _paired(step))
            return "they are compared with each other, pair by pair" if meant else ""
        position = min(at)
        if position in _sequence(step, shape):
            wide = {i for i, size in enumerate(shape) if i != position and size > 1}
            alone = wide <= {len(shape) - 1}  # nothing else could be the batch
            on_purpose = apart or alone or self._in_turn(step)
            return f"they are given to {_layer(step)} as one sequence" if on_purpose else ""
        if shape[position] != self._size:
            return ""  # they are merged with something else
        return self._meant(shape, position, apart)

    def _meant(self, shape: Shape, position: int, apart: bool) -> str:
        """What an operation does with the samples at a position of what it takes, or ""."""
        step = self._found.step
        wide = [i for i, size in enumerate(shape) if i != position and size > 1]
        if step.name in _SHARES or self._divides():
            meant = not wide or self._summed_afterwards()
            return "they are weighed against each other" if meant else ""
        if not apart:
            return ""
        if step.name in _JOINS:
            return "they are joined with something else to one set"
        if step.name in _LAYS and _splits(step, position):
            return "they are laid out in rows and columns"
        if step.name in _MOVES or len(wide) > 1:
            return ""
        if self._others() and not _keeps(step, [shape[i] for i in wide]):
            return ""  # one number for all of them, where each has elements of its own
        return "they have no other axis along which anything could meet"

    # Which positions of an operation's tensors are the samples

    def _samples(self, number: int) -> Positions:
        """For each tensor that a step took, where the samples lie: what moves with their size."""
        mine = self._found.recording.steps[number]
        moved = _moved(mine, self._other, number)
        if moved is not None:
            return moved
        return tuple(
            frozenset(i for i, size in enumerate(shape) if size == self._size)
            for shape in mine.shapes
        )

    def _resized(self, axis: str, size: int) -> Recording:
        """The call recorded with an axis at another size; it may have raised on the way."""
        bench = self._bench
        new = arguments.other_size(size, bench.other_sizes(axis) | {size}) or size + 1
        change: Change = bench.change(
            axis, lambda tensor, at: arguments.resized(tensor, at, new), self._start
        )
        numbers = {**self._numbers, **bench.numbers(axis, new)}
        return recorded(bench, change, numbers)[1]

    def _carries_another(self) -> bool:
        """True where the step's tensors hold another axis along which elements may meet."""
        number, step = self._found.number, self._found.step
        for name in self._others():
            size = self._bench.size(name)
            moved = _moved(step, self._resized(name, size), number)
            if moved is not None:
                if any(moved):
                    return True
                continue
            held = zip(step.shapes, self._samples(number), strict=True)
            rest = (n for shape, at in held for i, n in enumerate(shape) if i not in at)
            if size > 1 and any(n % size == 0 for n in rest):
                return True
        return False

    def _others(self) -> list[str]:
        """The axes declared beside the samples that count steps, points, words or the like."""
        named = [named_axes(leaf.spec, self._bench.rank(leaf)) for leaf in self._bench.inputs]
        beside = dict.fromkeys(name for names in named if self._axis in names for name in names)
        return [name for name in beside if name and name != self._axis and _counts_elements(name)]

    # What is done

    def _in_turn(self, step: Step) -> bool:
        """Rows and columns in turn: attention of the same kind over another axis of the samples.

        Turned by hand in between, so that it is no matter of a flag.
        """
        for number, other in enumerate(self._found.recording.steps):
            alike = other.name == step.name and step.name in (_MHA, _SDPA)
            if not alike or _flag(other) is not _flag(step) or other.error or not other.shapes:
                continue
            at = self._samples(number)[0]
            if at and not at & set(_sequence(other, other.shapes[0])):
                return True
        return False

    def _all_pairs(self) -> bool:
        """The result has the samples twice: `q @ k.T`, `left[:, None] + right[None]`."""
        number, step = self._found.number, self._found.step
        if number >= len(self._other.steps) or not step.results:
            return False
        theirs = self._other.steps[number]
        if theirs.name != step.name or not theirs.results:
            return False
        return len(_differ(tuple(step.results[0].shape), tuple(theirs.results[0].shape))) > 1

    def _divides(self) -> bool:
        """What was taken from all samples divides them: a share of the whole, by hand."""
        step, steps = self._found.step, self._found.recording.steps
        derived = {self._found.number, *self._found.onward}
        return any(
            later.name in _DIVISIONS
            and len(later.operands) == 2
            and later.operands[1][0] in derived
            and later.shapes[0] == step.shapes[0]
            for later in (steps[n] for n in self._found.onward)
        )

    def _summed_afterwards(self) -> bool:
        """Something is summed over the samples with these shares; one number for all is no sum."""
        steps, reached = self._found.recording.steps, {self._found.number}
        for number in range(self._found.number + 1, len(steps)):
            step = steps[number]
            if not step.parents & reached:
                continue
            reached.add(number)
            theirs = self._other.steps[number] if number < len(self._other.steps) else None
            if theirs is None or theirs.name != step.name or not step.results:
                return False
            before = [tuple(result.shape) for result in step.results]
            if before == [tuple(result.shape) for result in theirs.results] and before[0]:
                return any(self._samples(number))
        return False


def _keeps(step: Step, sizes: list[int]) -> bool:
    """True where the result still has the axes of these sizes, of which there are some."""
    held = tuple(step.results[0].shape) if step.results else ()
    return bool(sizes) and all(size in held for size in sizes)


def _paired(step: Step) -> bool:
    """True for pairs made on purpose; (N, 1) meets (N,) by chance."""
    return step.name in _PRODUCTS or len({len(shape) for shape in step.shapes}) == 1


def _splits(step: Step, position: int) -> bool:
    """True where a reshape splits the axis at a position as written, and moves nothing across."""
    if not step.results or -1 in step.numbers:
        return False
    shape, result = step.shapes[0], tuple(step.results[0].shape)
    inner, cuts = math.prod(shape[position + 1 :]), {1}
    for size in reversed(result):
        cuts.add(max(cuts) * size)
    outer = inner * shape[position]
    return {inner, outer} <= cuts and any(inner < cut < outer for cut in cuts)


def _moved(mine: Step, other: Recording, number: int) -> Positions | None:
    """Where the shapes that a step took differ in another recording; None without such a step."""
    theirs = other.steps[number] if number < len(other.steps) else None
    if theirs is None or theirs.name != mine.name or len(theirs.shapes) != len(mine.shapes):
        return None
    pairs = list(zip(mine.shapes, theirs.shapes, strict=True))
    if any(len(one) != len(two) for one, two in pairs):
        return None
    return tuple(frozenset(_differ(one, two)) for one, two in pairs)


def _differ(one: tuple[int, ...], two: tuple[int, ...]) -> list[int]:
    if len(one) != len(two):
        return []
    return [i for i, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]


def _counts_elements(name: str) -> bool:
    """True for what elements are called of which each sample has several: points, words, steps."""
    hints = [role_of(name), role_of(f"{name}s")]
    spatial = (Role.TIME, Role.HEIGHT, Role.WIDTH)
    named = any(hint is not None and hint.role in spatial for hint in hints)
    return named or stem(name) in _ELEMENTS or counts_samples(name)


def _flag(step: Step) -> bool | None:
    flag = getattr(step.module, "batch_first", None)
    return flag if isinstance(flag, bool) else None


def _sequence(step: Step, shape: tuple[int, ...]) -> range:
    """The positions of a tensor along which a step reads a sequence; none where it reads none."""
    rank = len(shape)
    if step.name in _RECURRENT:
        at = 1 if _flag(step) and rank > 2 else 0
        return range(at, at + 1)
    if step.name == _MHA:
        return range(1)  # whatever the flag: its module has turned the tensor by then
    if step.name == _SDPA:
        return range(rank - 2, rank - 1)
    return range(rank - _ALONG.get(step.name, 0), rank)


def _layer(step: Step) -> str:
    return f"nn.{type(step.module).__name__}" if isinstance(step.module, nn.Module) else step.name
