"""Contractions: matmul and its kin, einsum, distances. The contracted axes must be the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import Normalised
from shapecheck.runtime.flow.asking import fed
from shapecheck.runtime.flow.attention import likeness, scales, together
from shapecheck.runtime.flow.attention.hiding import from_first_key, given, weighs
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call, positive, shape_of
from shapecheck.runtime.flow.contracts import directions
from shapecheck.runtime.flow.marks import NONE
from shapecheck.runtime.flow.meeting import both, differing, meet
from shapecheck.runtime.flow.operations import decompositions
from shapecheck.runtime.flow.operations.reduce import record_weighted_sum
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.statistics import covariances, lengths, shares
from shapecheck.runtime.flow.statistics.normalised import contracted, distances
from shapecheck.runtime.flow.statistics.pooled import classified
from shapecheck.runtime.flow.statistics.standards import data_of

FAMILY = "contractions"


def product(call: Call, left: Tensor, right: Tensor) -> tuple[Axis, ...]:
    """The axes of `left @ right`, with facts about the contracted pair."""
    a, b = call.axes(left), call.axes(right)
    row, column = len(a) > 1, len(b) > 1
    if not a or not b:
        return ()
    differing(call, (left, -1), (right, -2 if column else -1))
    contracted(call, call.track(left), call.track(right))
    if len(b) > 1:
        decompositions.contracted(call, call.track(left), call.track(right), -1, -2)
        lengths.compared(call, call.track(left), call.track(right), -1, -2)
    weighs(call, call.track(left))
    batch = meet(call, a[:-2], b[:-2])
    square = len(a) > 3 and a[-2].size == a[-1].size  # scores of a sequence to itself, by heads
    for i, axis in enumerate(a[:-2]):
        if axis.normalised and not a[-1].normalised:
            alike = square or _of_the_values(a, call.track(right), right, i)
            record_weighted_sum(call, axis, a[-1], alike=alike)
    result = [axis.plain() for axis in batch]
    if row:
        if a[-2].normalised and not a[-1].normalised:
            attended = likeness.weigh(call, call.track(left), a[-2], a[-1])
            where = (len(a) - 2, len(a) - 1) if attended else None
            record_weighted_sum(call, a[-2], a[-1], attended=where)
        result.append(a[-2].plain())
    if row and column and likeness.from_the_right(call, call.track(left), call.track(right)):
        record_weighted_sum(call, b[-1], b[-2], attended=(len(b) - 1, len(b) - 2))
    if column:
        result.append(b[-1].plain())
    return tuple(result)


def _of_the_values(weights: tuple[Axis, ...], values: Axes, tensor: Tensor, at: int) -> bool:
    """True where weights (samples, 1, steps) were normalised over the samples of the values.

    Soft assignments to clusters weigh values that are the same for each cluster; here each index of
    the axis has values of its own.
    """
    long = [i for i, axis in enumerate(weights) if axis.size > 1]
    if long != [at, len(weights) - 1] or len(values.items) != len(weights):
        return False
    own, summed = values.items[at].single, weights[-1].single
    copied = own is None or own.origin in _COPIES or values.root.made_by in _COPIES
    copied = copied or (tensor.layout is torch.strided and tensor.stride(at) == 0)
    by_samples = summed is not None and summed.role()[0] is Role.BATCH
    return not (copied or by_samples or values.shape[at] == 1)


_COPIES = ("repeat", "tile", "stack")


@flows(FAMILY, "matmul __matmul__ __rmatmul__ mm bmm mv dot inner vdot chain_matmul")
def matmul(call: Call) -> Axes:
    """Rows of the one, columns of the other."""
    left, right = call.args[0], call.get(1, "other", call.kwargs.get("mat2"))
    if call.name == "__rmatmul__":
        left, right = right, left
    if call.name == "inner" or not isinstance(right, Tensor):
        return call.unknown(call.shape)
    made = call.new(product(call, left, right))
    one, other = call.track(left), call.track(right)
    again = one.marks.gram or other.marks.gram  # no chain of all that ever was
    if not again and set(data_of(one)) & set(data_of(other)):
        made.marks = replace(NONE, gram=tuple(dict.fromkeys((*data_of(one), *data_of(other)))))
        if one.shape and len(one.shape) == len(other.shape) == 2:
            covariances.multiplied(call, one, other, -1, -2, made)
    if len(one.items) > 2 and len(other.items) > 2:
        common = [(i, i) for i in range(-len(one.items), -2)]
        common = common if len(one.items) == len(other.items) else []
        scales.contracted(call, one, other, -1, -2, made, common)
    likeness.multiplied(call, made)
    shares.multiplied(call, left, right, made)
    together.scored(call, one, other)
    return made


@flows(FAMILY, "addmm addmv baddbmm addbmm")
def addmm(call: Call) -> Axes:
    """A product added to a first operand."""
    shape = call.shape
    left, right = call.args[1], call.args[2]
    axes = product(call, left, right)
    if call.name == "addbmm":
        axes = axes[1:]
    return call.new(axes) if len(axes) == len(shape) else call.unknown(shape)


@flows(FAMILY, "linear")
def linear(call: Call) -> Axes:
    """The last axis becomes the weight's out axis."""
    x, weight = call.get(0, "input"), call.get(1, "weight")
    a, w = call.axes(x), call.axes(weight)
    differing(call, (x, -1), (weight, -1))
    fed(call, x, weight)
    contracted(call, call.track(x), call.track(weight), -1, -1)
    result = call.new((*(axis.plain() for axis in a[:-1]), *w[:-1]))
    result.lost = call.track(x).lost
    classified(call, call.track(x))
    directions.classified(call, call.track(x), result)
    shares.read(call, call.track(x))
    together.carried(call.track(x), result)
    return result


@flows(FAMILY, "bilinear")
def bilinear(call: Call) -> Axes:
    """(out, in1, in2) with two operands: the out axis last."""
    a, b, w = call.axes(call.args[0]), call.axes(call.args[1]), call.axes(call.args[2])
    return call.new((*meet(call, a[:-1], b[:-1]), w[0]))


@flows(FAMILY, "outer ger")
def outer(call: Call) -> Axes:
    """Each axis from one operand."""
    return call.new((*call.axes(call.args[0]), *call.axes(call.args[1])))


@flows(FAMILY, "cdist")
def cdist(call: Call) -> Axes:
    """Distances between the rows of two operands."""
    a, b = call.axes(call.args[0]), call.axes(call.args[1])
    distances(call, call.track(call.args[0]), call.track(call.args[1]))
    return call.new((*meet(call, a[:-2], b[:-2]), a[-2], b[-2]))


@flows(FAMILY, "cosine_similarity pairwise_distance", scalars=True)
def similarity(call: Call) -> Axes:
    """Two operands met, then one axis gone."""
    axes = list(meet(call, call.axes(call.get(0, "x1")), call.axes(call.get(1, "x2"))))
    dim = call.get(2, "dim", 1) if call.name == "cosine_similarity" else -1
    if call.name == "pairwise_distance":
        distances(call, call.track(call.get(0, "x1")), call.track(call.get(1, "x2")))
    if not axes or call.kwargs.get("keepdim"):
        return call.unknown(call.shape)
    if call.name == "cosine_similarity" and len(axes) > 1:
        at = positive(dim, len(axes))
        operand = call.described(call.new(axes), call.operand_text(0))
        call.emit(Normalised(call.place, call.name, operand, at))
    del axes[positive(dim, len(axes))]
    return call.new(axes)


@flows(FAMILY, "tensordot")
def tensordot(call: Call) -> Axes:
    """What is not contracted, in order."""
    a, b = call.axes(call.args[0]), call.axes(call.args[1])
    dims = call.get(2, "dims", 2)
    if isinstance(dims, int):
        return call.new((*a[: len(a) - dims], *b[dims:]))
    if isinstance(dims, Tensor):
        return call.unknown(call.shape)
    left = {positive(d, len(a)) for d in dims[0]}
    right = {positive(d, len(b)) for d in dims[1]}
    return call.new(
        [x for i, x in enumerate(a) if i not in left]
        + [x for i, x in enumerate(b) if i not in right]
    )


@flows(FAMILY, "einsum")
def einsum(call: Call) -> Axes:
    """Axes go by their letters; a letter on two operands makes their axes meet."""
    equation = call.args[0]
    operands = call.args[1:]
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = operands[0]
    shape = shape_of(call.result)
    if not isinstance(equation, str) or not all(isinstance(o, Tensor) for o in operands):
        return call.unknown(shape)
    inputs, _, output = equation.replace(" ", "").partition("->")
    if "." in equation or "->" not in equation:
        return call.unknown(shape)
    found: dict[str, Axis] = {}
    owners: dict[str, tuple[Tensor, int, int]] = {}
    for place, (letters, operand) in enumerate(zip(inputs.split(","), operands, strict=True)):
        for i, (letter, axis) in enumerate(zip(letters, call.axes(operand), strict=True)):
            _letter(call, found, owners, letter, axis, (operand, i, place))
        if letters and letters[-1] not in output:
            weighs(call, call.track(operand))
    _sums(call, inputs.split(","), operands, found, output)
    made = call.new(found[letter].plain() for letter in output)
    _products(call, inputs.split(","), operands, output, made)
    return made


def _letter(
    call: Call,
    found: dict[str, Axis],
    owners: dict[str, tuple[Tensor, int, int]],
    letter: str,
    axis: Axis,
    owner: tuple[Tensor, int, int],
) -> None:
    if letter in found:
        other = owners[letter]
        differing(call, (other[0], other[1]), (owner[0], owner[1]), (other[2] + 1, owner[2] + 1))
        found[letter] = both(found[letter], axis)
    else:
        found[letter] = axis
        owners[letter] = owner


def _sums(
    call: Call,
    inputs: list[str],
    operands: Sequence[Tensor],
    found: dict[str, Axis],
    output: str,
) -> None:
    summed = [letter for letter in found if letter not in output]
    if len(call.args) < 3 or len(summed) != 1:
        return
    for letter in output:
        if found[letter].normalised and not found[summed[0]].normalised:
            at = None
            for letters, operand in zip(inputs, operands, strict=True):
                weights = call.track(operand)
                if {letter, summed[0]} <= set(letters) and likeness.weigh(
                    call, weights, found[letter], found[summed[0]]
                ):
                    at = letters.index(letter), letters.index(summed[0])
            record_weighted_sum(call, found[letter], found[summed[0]], attended=at)


def _products(
    call: Call, inputs: list[str], operands: Sequence[Tensor], output: str, made: Axes
) -> None:
    """One letter that two operands have and the output lacks is what is summed."""
    summed = set("".join(inputs)) - set(output)
    if len(inputs) == 2 and len(summed) == 1 and all(summed < set(letters) for letters in inputs):
        (letter,) = summed
        if inputs[0].endswith(letter):
            shares.multiplied(call, operands[0], operands[1], made)
        left, right = (call.track(operand) for operand in operands)
        at, to = inputs[0].index(letter), inputs[1].index(letter)
        contracted(call, left, right, at, to)
        decompositions.contracted(call, left, right, at, to)
        lengths.compared(call, left, right, at, to)
        first, second = inputs
        common = [(first.index(x), second.index(x)) for x in output if x in first and x in second]
        scales.contracted(call, left, right, at, to, made, common)
        likeness.multiplied(call, made)


@flows(FAMILY, "scaled_dot_product_attention")
def attention(call: Call) -> Axes:
    """(…, L, E) with keys and values (…, S, E), (…, S, V): (…, L, V)."""
    query, key = call.get(0, "query"), call.get(1, "key")
    q, v = call.axes(query), call.axes(call.get(2, "value"))
    given(call, call.get(3, "attn_mask"), query, true_hides=False)
    if call.get(5, "is_causal", False) is True:
        from_first_key(call, query, key)
    together.scored(call, call.track(query), call.track(key))
    return call.new((*meet(call, q[:-2], v[:-2]), q[-2], v[-1]))


@flows(FAMILY, "multi_head_attention_forward")
def multi_head_attention(call: Call) -> tuple[Axes, Axes | None]:
    """(L, batch, E) or (L, E): the query's axes but the last; weights as nothing is known of."""
    out, weights = call.result
    made = call.unknown(shape_of(out))
    query = call.axes(call.get(0, "query"))
    if len(query) == len(made.items):
        made = call.new((*(axis.plain() for axis in query[:-1]), made.items[-1]))
    return made, call.unknown(shape_of(weights)) if isinstance(weights, Tensor) else None
