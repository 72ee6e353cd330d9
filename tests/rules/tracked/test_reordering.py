"""The exchange of axes that a reshape lacks: recovered from what its sizes name."""

from __future__ import annotations

from math import prod

from hypothesis import given
from hypothesis import strategies as st

from shapecheck.core.evidence import Place
from shapecheck.core.facts import Reshape
from shapecheck.core.tracked import AxisView, Operand
from shapecheck.rules._reordering import remedy, reordering

SIZES = (2, 3, 5, 7, 11)  # no two products of them are equal


@st.composite
def orders(draw: st.DrawFn) -> tuple[int, ...]:
    rank = draw(st.integers(2, len(SIZES)))
    return tuple(draw(st.permutations(range(rank))))


def wanting(order: tuple[int, ...], merged: int) -> Reshape:
    """A reshape whose sizes name axes in `order`; the last `merged` of them share one size."""
    axes = tuple(AxisView(size, identity=at + 1) for at, size in enumerate(SIZES[: len(order)]))
    turned = [axes[at] for at in order]
    whole, last = turned[: len(order) - merged], turned[len(order) - merged :]
    target = tuple(axis.size for axis in whole) + ((prod(a.size for a in last),) if last else ())
    none = AxisView(0)
    return Reshape(
        Place("x.py", 1),
        "view",
        Operand("x", tuple(axis.size for axis in axes), axes),
        target,
        tuple(map(str, target)),
        (none,) * len(target),
        (*whole, None) if last else tuple(whole),
    )


@given(orders())
def test_an_order_named_in_full_is_recovered(order: tuple[int, ...]) -> None:
    found = reordering(wanting(order, 0))
    assert found == (None if order == tuple(sorted(order)) else order)


@given(orders(), st.integers(2, 3))
def test_what_no_size_names_keeps_its_order(order: tuple[int, ...], merged: int) -> None:
    if merged >= len(order):
        return
    fact = wanting(order, merged)
    kept = (*order[:-merged], *sorted(order[-merged:]))
    found = reordering(fact)
    assert found == (None if kept == tuple(sorted(kept)) else kept)


def test_an_exchange_of_two_is_written_as_a_transpose() -> None:
    assert remedy(wanting((0, 2, 1), 0)) == "x.transpose(1, 2)"
    assert remedy(wanting((2, 0, 1), 0)) == "x.permute(2, 0, 1)"
    assert remedy(wanting((1, 0, 2), 2)) == "x.transpose(0, 1).reshape(3, 10)"
