"""Disturbances: what is kept is kept, what is replaced comes from the data."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from shapecheck.runtime.trials import arguments

sizes = st.integers(2, 40)


@given(sizes, st.data())
def test_only_the_kept_rows_stand_where_they_stood(size: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, size - 1))
    orders = {
        "towards": ([k], arguments.towards(size, k)),
        "crowd": ([k], arguments.crowd(size, k)),
        "after": (range(k + 1), arguments.after(size, k)),
        "before": (range(k, size), arguments.before(size, k)),
        "alone": ([i for i in range(size) if i != k], arguments.alone(size, k)),
    }
    for name, (kept, rows) in orders.items():
        assert min(rows) >= 0, name
        assert max(rows) < size, name
        still = [i for i, row in enumerate(rows) if i == row]
        expected = set(kept)
        if name == "crowd":
            expected.add((k + 1) % size)
        assert set(still) == expected, name


@given(st.lists(st.integers(1, 9), min_size=2, max_size=9), st.data())
def test_neighbours_keep_lengths_sorted(lengths: list[int], data: st.DataObject) -> None:
    lengths.sort(reverse=True)
    k = data.draw(st.integers(0, len(lengths) - 1))
    moved = [lengths[i] for i in arguments.towards(len(lengths), k)]
    assert moved == sorted(moved, reverse=True)


@given(sizes)
def test_a_rotation_leaves_no_row_in_place(size: int) -> None:
    rows = arguments.rotated(size)
    assert sorted(rows) == list(range(size))
    assert all(i != row for i, row in enumerate(rows))


@given(st.integers(1, 500), st.integers(2, 30))
def test_a_spread_has_the_first_the_middle_and_the_last(size: int, most: int) -> None:
    chosen = arguments.spread(size, most)
    assert {0, size // 2, size - 1} <= set(chosen) or size <= most
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= most + 1
    assert len(chosen) == size or size > most


@given(st.integers(1, 64), st.sets(st.integers(1, 64), max_size=5))
def test_another_size_is_another_size(size: int, others: set[int]) -> None:
    found = arguments.other_size(size, others | {size})
    assert found != size
    if found not in (None, 2, 3):
        assert all(math.gcd(found, other) == 1 for other in others)


def test_rows_that_are_equal_are_moved_by_noise_where_they_are_replaced() -> None:
    moved = arguments.taken(torch.zeros(3, 2), 0, arguments.towards(3, 1))
    assert moved[1].tolist() == [0, 0]
    assert (moved[0] != 0).all()
    assert (moved[2] != 0).all()


def test_rows_that_differ_are_only_taken() -> None:
    x = torch.arange(6.0).view(3, 2)
    assert torch.equal(arguments.taken(x, 0, [1, 1, 1]), x[[1, 1, 1]])


def test_integers_are_never_moved_by_noise() -> None:
    x = torch.ones(3, 2, dtype=torch.long)
    assert torch.equal(arguments.taken(x, 0, arguments.towards(3, 1)), x)


def test_a_batch_of_one_is_enlarged_by_its_own_values() -> None:
    x = torch.arange(5.0).view(1, 5)
    grown = arguments.enlarged(x, 0, 3)
    assert torch.equal(grown[0], x[0])
    assert all(sorted(row.tolist()) == [0, 1, 2, 3, 4] for row in grown)
    assert len({tuple(row.tolist()) for row in grown}) == 3


def test_a_constant_batch_of_one_is_enlarged_by_noise() -> None:
    grown = arguments.enlarged(torch.zeros(1, 1, 4), 1, 3)
    assert grown.shape == (1, 3, 4)
    assert grown[0, 0].tolist() == [0, 0, 0, 0]
    assert (grown[0, 1:] != 0).all()
