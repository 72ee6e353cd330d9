"""No operation may claim an axis that is not there: checked against disturbance.

A claim is that an output axis (or a part of it) is a certain axis of an input. It holds if
disturbing index i of that input axis moves outputs at one index of the claimed axis at most,
another for each i.
"""

import itertools
import math
from collections.abc import Callable
from math import prod
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part
from shapecheck.runtime.flow.order.factoring import merge, refactor
from shapecheck.runtime.flow.register import known
from shapecheck.runtime.tracker import Tracker

Operation = Callable[..., Tensor]


def tracked(operation: Operation, inputs: list[Tensor]) -> tuple[Tracker, list[Axes], Tensor, Axes]:
    """Run an operation under a tracker: it, the inputs' axes, the result and its axes."""
    tracker = Tracker()
    before = [tracker.guarded(tracker.before, tensor) for tensor in inputs]
    for axes in before:
        for axis in axes.items:
            axis.single.names["x"] = None  # type: ignore[index,union-attr]  # reason: known on purpose
    with tracker:
        result = operation(*inputs)
    assert tracker.errors == []
    return tracker, before, result, tracker.guarded(tracker.before, result)


def root(identity: Identity) -> tuple[Identity, list[tuple[int, tuple[int, int]]]]:
    """The identity that this one is a piece of, and the digits that lead to it."""
    digits = []
    while identity.parent is not None:
        parent, index, sizes = identity.parent
        digits.insert(0, (index, sizes))
        identity = parent
    return identity, digits


def digit(index: int, digits: list[tuple[int, tuple[int, int]]]) -> int:
    """The index of a piece, of an index of the whole."""
    for which, (_, inner) in digits:
        index = index % inner if which else index // inner
    return index


def false_claims(operation: Operation, inputs: list[Tensor]) -> list[str]:
    """Every claim of the tracker about `operation` that the disturbance refutes."""
    _, before, result, after = tracked(operation, inputs)
    found = []
    for which, _tensor in enumerate(inputs):
        for at, axis in enumerate(before[which].items):
            for position, claimed in enumerate(after.items):
                for part_at, part in enumerate(claimed.parts):
                    source, digits = root(part.identity)
                    if source is not axis.single or part.size == 1:
                        continue
                    sizes = [p.size for p in claimed.parts]
                    inner = prod(sizes[part_at + 1 :])
                    if not _holds(
                        operation, inputs, which, at, result, (position, inner, part.size), digits
                    ):
                        found.append(f"{after} claims axis {at} of input {which} at {position}")
    return found


def _holds(
    operation: Operation,
    inputs: list[Tensor],
    which: int,
    at: int,
    result: Tensor,
    claim: tuple[int, int, int],
    digits: list[tuple[int, tuple[int, int]]],
) -> bool:
    position, inner, size = claim
    touched: dict[int, set[int]] = {}
    for index in range(inputs[which].shape[at]):
        other = [tensor.clone() for tensor in inputs]
        noise = torch.randn_like(other[which].select(at, index)) + 3
        other[which].select(at, index).copy_(noise)
        moved = (operation(*other) != result).nonzero()[:, position] // inner % size
        touched.setdefault(digit(index, digits), set()).update(moved.tolist())
    seen: set[int] = set()
    for indices in touched.values():
        if len(indices) > 1 or seen & indices:
            return False
        seen |= indices
    return True


def claims_of(operation: Operation, inputs: list[Tensor]) -> list[str]:
    """Each output axis as the input axes it is said to be: `0.1` is axis 1 of input 0."""
    _, before, _, after = tracked(operation, inputs)
    names = {
        axis.single: f"{which}.{at}"
        for which, axes in enumerate(before)
        for at, axis in enumerate(axes.items)
    }
    described = []
    for axis in after.items:
        parts = []
        for part in axis.parts:
            source, digits = root(part.identity)
            suffix = "".join("oi"[which] for which, _ in digits)
            parts.append(names.get(source, "?") + suffix)
        described.append("*".join(parts))
    return described


def factorings(total: int) -> list[tuple[int, ...]]:
    pairs = [(a, total // a) for a in range(1, total + 1) if total % a == 0]
    triples = [
        (a, b, c)
        for a, rest in pairs
        for b in range(1, rest + 1)
        for c in [rest // b]
        if rest % b == 0
    ]
    return [(total,), *pairs, *triples]


def steps(draw: st.DrawFn, shape: tuple[int, ...]) -> Callable[[Tensor], Tensor]:
    """One operation on views, joins or indices that fits a tensor of this shape."""
    rank = len(shape)
    axis = st.integers(0, rank - 1)
    a, b = draw(axis), draw(axis)
    order = draw(st.permutations(range(rank)))
    total = math.prod(shape)
    target = draw(st.sampled_from(factorings(total)))
    low = draw(st.integers(0, shape[a] - 1))
    choices: list[Callable[[Tensor], Tensor]] = [
        lambda x: x.transpose(a, b),
        lambda x: x.permute(*order),
        lambda x: x.permute(order),
        lambda x: x.movedim(a, b),
        lambda x: x.unsqueeze(a),
        lambda x: x.squeeze(),
        lambda x: x.squeeze(a),
        lambda x: x.flatten(min(a, b), max(a, b)),
        lambda x: x.reshape(target),
        lambda x: x.contiguous().view(*target),
        lambda x: x.reshape(-1),
        lambda x: x.narrow(a, low, shape[a] - low),
        lambda x: x.select(a, low),
        lambda x: x[low % shape[0]],
        lambda x: x[..., None],
        lambda x: x[None, ..., :1],
        lambda x: x[:, low % shape[1] :] if rank > 1 else x[low:],
        lambda x: x.flip(a),
        lambda x: x.roll(1, a),
        lambda x: x[torch.arange(shape[0] - 1, -1, -1)],
        lambda x: x[:, [0]] if rank > 1 else x,
        lambda x: x.expand(2, *x.shape),
        lambda x: x.repeat(2, *([1] * rank)),
        lambda x: x.repeat_interleave(2, a),
        lambda x: torch.cat([x, torch.ones(x.shape)], a),
        lambda x: torch.stack([x, x], b),
        lambda x: x.chunk(2, a)[0],
        lambda x: x.split(1, a)[-1],
        lambda x: x.unbind(a)[0],
        lambda x: x.unfold(a, shape[a], 1),
        lambda x: x.mT if rank > 1 else x,
        lambda x: x.amax(a),
        lambda x: x.amax(a, keepdim=True),
        lambda x: x.sum((a,)),
        lambda x: x.mean(a, True),
        lambda x: x.max(a)[0],
        lambda x: x + 1,
        lambda x: x.clone().mul_(2),
        lambda x: torch.where(x > 0, x, -x),
        lambda x: F.pad(x, (1, 0)),
        lambda x: x.diagonal(0, a, b) if a != b else x,
        lambda x: x.index_select(a, torch.tensor([low])),
    ]
    return draw(st.sampled_from(choices))


@st.composite
def chains(draw: st.DrawFn) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    shape = tuple(draw(st.lists(st.sampled_from([1, 2, 3, 4, 6]), min_size=1, max_size=3)))
    x = torch.randn(shape, generator=torch.Generator().manual_seed(draw(st.integers(0, 99))))
    done: list[Callable[[Tensor], Tensor]] = []
    at = x
    for _ in range(draw(st.integers(1, 4))):
        if at.dim() == 0 or at.numel() > 150:
            break
        step = steps(draw, tuple(at.shape))
        done.append(step)
        at = step(at)

    def run(x: Tensor) -> Tensor:
        for step in done:
            x = step(x)
        return x

    return x, run


@settings(max_examples=400, deadline=None)
@given(chains())
def test_no_chain_of_operations_claims_a_wrong_axis(
    case: tuple[Tensor, Callable[[Tensor], Tensor]],
) -> None:
    x, operation = case
    assert false_claims(operation, [x]) == []


A, B, C = torch.randn(2, 3, 4), torch.randn(2, 3, 4), torch.randn(2, 4, 5)
ROW, MATRIX = torch.randn(4), torch.randn(5, 4)

KEPT: list[tuple[str, Callable[..., Tensor], list[Tensor], list[str]]] = [
    ("transpose", lambda x: x.transpose(1, 2), [A], ["0.0", "0.2", "0.1"]),
    ("permute", lambda x: x.permute(2, 0, 1), [A], ["0.2", "0.0", "0.1"]),
    ("T", lambda x: x[0].T, [A], ["0.2", "0.1"]),
    ("mT", lambda x: x.mT, [A], ["0.0", "0.2", "0.1"]),
    ("movedim", lambda x: x.movedim(0, -1), [A], ["0.1", "0.2", "0.0"]),
    ("flatten", lambda x: x.flatten(1), [A], ["0.0", "0.1*0.2"]),
    ("and back", lambda x: x.flatten(1).view(2, 3, 4), [A], ["0.0", "0.1", "0.2"]),
    ("split", lambda x: x.view(2, 3, 2, 2), [A], ["0.0", "0.1", "0.2o", "0.2i"]),
    ("rolled, then split", lambda x: x.roll(1, 2).view(2, 3, 2, 2), [A], ["0.0", "0.1", "?", "?"]),
    ("split and back", lambda x: x.view(2, 3, 2, 2).flatten(2), [A], ["0.0", "0.1", "0.2"]),
    (
        "heads and back",
        lambda x: x.view(2, 3, 2, 2).transpose(1, 2).transpose(1, 2).reshape(2, 3, 4),
        [A],
        ["0.0", "0.1", "0.2"],
    ),
    ("unflatten", lambda x: x.unflatten(2, (2, -1)), [A], ["0.0", "0.1", "0.2o", "0.2i"]),
    ("crossed", lambda x: x[:, :, :3].reshape(3, 2, 3), [A], ["?", "?", "0.2"]),
    ("slices", lambda x: x[:, 1:, ::2], [A], ["0.0", "0.1", "0.2"]),
    ("index", lambda x: x[:, -1], [A], ["0.0", "0.2"]),
    ("none and ellipsis", lambda x: x[None, ..., 0], [A], ["?", "0.0", "0.1"]),
    ("mask", lambda x: x[torch.tensor([True, False])], [A], ["0.0", "0.1", "0.2"]),
    ("two tensors", lambda x: x[torch.arange(2), torch.tensor([0, 2])], [A], ["?", "0.2"]),
    ("gather", lambda x: x.gather(1, torch.zeros(2, 1, 4).long()), [A], ["0.0", "0.1", "0.2"]),
    ("add", lambda x, y: x + y, [A, ROW], ["0.0", "0.1", "0.2"]),
    ("grown", lambda x, y: x[:, :1] * y, [A, ROW[:1]], ["0.0", "0.1", "0.2"]),
    ("in place", lambda x: x.clone().add_(1), [A], ["0.0", "0.1", "0.2"]),
    ("turned in place", lambda x: x.clone().transpose_(1, 2), [A], ["0.0", "0.2", "0.1"]),
    ("matrix turned in place", lambda x: x.clone().t_(), [MATRIX], ["0.1", "0.0"]),
    ("grown in place", lambda x: x.clone().unsqueeze_(0), [A], ["?", "0.0", "0.1", "0.2"]),
    ("sum", lambda x: x.sum(1), [A], ["0.0", "0.2"]),
    ("max", lambda x: x.max(dim=-1).values, [A], ["0.0", "0.1"]),
    ("argmax", lambda x: x.argmax(-1), [A], ["0.0", "0.1"]),
    ("norm", lambda x: x.norm(dim=1), [A], ["0.0", "0.2"]),
    ("softmax", lambda x: F.softmax(x, dim=1), [A], ["0.0", "0.1", "0.2"]),
    ("matmul", lambda x, y: x @ y, [A, C], ["0.0", "0.1", "1.2"]),
    ("bmm", torch.bmm, [A, C], ["0.0", "0.1", "1.2"]),
    ("scores", lambda x, y: x @ y.transpose(-2, -1), [A, B], ["0.0", "0.1", "1.1"]),
    ("vector", lambda x, y: x @ y, [A, ROW], ["0.0", "0.1"]),
    ("linear", F.linear, [A, MATRIX], ["0.0", "0.1", "1.0"]),
    ("einsum", lambda x, y: torch.einsum("bij,bjk->bki", x, y), [A, C], ["0.0", "1.2", "0.1"]),
    ("outer", torch.outer, [ROW, MATRIX[:, 0]], ["0.0", "1.0"]),
    ("cdist", torch.cdist, [A, B], ["0.0", "0.1", "1.1"]),
    (
        "tensordot",
        lambda x, y: torch.tensordot(x, y, dims=([2], [1])),
        [A, MATRIX],
        ["0.0", "0.1", "1.0"],
    ),
    ("cat", lambda x, y: torch.cat([x, y], 1), [A, B], ["0.0", "?", "0.2"]),
    ("stack", lambda x, y: torch.stack([x, y], 1), [A, B], ["0.0", "?", "0.1", "0.2"]),
    ("chunk", lambda x: x.chunk(2, -1)[1], [A], ["0.0", "0.1", "0.2"]),
    ("unbind", lambda x: x.unbind(1)[0], [A], ["0.0", "0.2"]),
    ("iterate", lambda x: next(iter(x)), [A], ["0.1", "0.2"]),
    (
        "conv1d",
        lambda x, w: F.conv1d(x, w, padding=1),
        [A, torch.randn(5, 3, 3)],
        ["0.0", "1.0", "0.2"],
    ),
    ("layer norm", lambda x: F.layer_norm(x, (4,)), [A], ["0.0", "0.1", "0.2"]),
    ("embedding", lambda w: F.embedding(torch.tensor([[0, 1]]), w), [MATRIX], ["?", "?", "0.1"]),
    ("like", torch.zeros_like, [A], ["0.0", "0.1", "0.2"]),
    ("clone", lambda x: x.detach().clone().float().contiguous(), [A], ["0.0", "0.1", "0.2"]),
    (
        "attention",
        F.scaled_dot_product_attention,
        [A, B, torch.randn(2, 3, 5)],
        ["0.0", "0.1", "2.2"],
    ),
]


@pytest.mark.parametrize(
    ("name", "operation", "inputs", "claims"), KEPT, ids=[case[0] for case in KEPT]
)
def test_known_operations_keep_what_they_keep(
    name: str, operation: Callable[..., Tensor], inputs: list[Tensor], claims: list[str]
) -> None:
    assert claims_of(operation, inputs) == claims


# One function may stand on two axes (conv and cumsum smear along one), so these are exempt.
SMEARING = {"conv1d", "softmax", "layer norm", "attention", "norm"}


@pytest.mark.parametrize(
    ("name", "operation", "inputs", "claims"),
    [case for case in KEPT if case[0] not in SMEARING],
    ids=[case[0] for case in KEPT if case[0] not in SMEARING],
)
def test_what_they_keep_is_true(
    name: str, operation: Callable[..., Tensor], inputs: list[Tensor], claims: Any
) -> None:
    assert false_claims(operation, inputs) == []


def test_an_unknown_operation_ends_the_identities() -> None:
    assert "trapezoid" not in {name for names in known().values() for name in names}
    assert claims_of(lambda x: torch.trapezoid(x, dim=0), [A]) == ["?", "?"]


def axis(size: int) -> Axis:
    return Axis((Part(Identity(), size),))


@given(st.lists(st.sampled_from([1, 2, 3, 5]), min_size=1, max_size=4))
def test_a_flat_axis_comes_apart_again(sizes: list[int]) -> None:
    axes = tuple(axis(size) for size in sizes)
    for one in axes:
        assert one.single is not None
        one.single.names["named"] = None  # type: ignore[assignment]  # reason: any name will do
    flat = merge(axes)
    assert flat.size == math.prod(sizes)
    again, crossed = refactor((flat,), tuple(sizes))
    assert not crossed
    assert [a.parts for a in again if a.size > 1] == [a.parts for a in axes if a.size > 1]


@given(st.lists(st.integers(2, 5), min_size=2, max_size=3), st.data())
def test_a_reshape_is_crossed_where_the_products_form_no_chain(
    sizes: list[int], data: st.DataObject
) -> None:
    """The rule in words: every cumulative product of one divides or is divided by its neighbour."""
    total = math.prod(sizes)
    target = data.draw(st.sampled_from(factorings(total)))
    _, crossed = refactor(tuple(axis(s) for s in sizes), target)
    cuts = sorted(
        {math.prod(sizes[i:]) for i in range(len(sizes))}
        | {math.prod(target[i:]) for i in range(len(target))}
    )
    chain = all(high % low == 0 for low, high in itertools.pairwise(cuts))
    assert bool(crossed) == (not chain)


def test_ids_are_reused_and_never_believed() -> None:
    tracker, _, _, _ = tracked(lambda x: x + 1, [A])
    with tracker:
        for size in range(2, 40):
            x = torch.randn(size, 3)
            assert tracker.axes_of(x)[0].size == size
            del x
    assert tracker.errors == []
