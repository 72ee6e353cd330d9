"""The probes themselves: what they see, what they leave alone, and what they keep alive."""

from __future__ import annotations

import ast
import builtins
import gc
import weakref
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

import numpy as np
import pytest

from shapecheck.runtime.arrays.listening import ArrayProbes
from shapecheck.runtime.arrays.names import ArrayNames
from shapecheck.runtime.arrays.points import FUNCTIONS, METHODS, ArrayPoint, value_of
from shapecheck.runtime.flow.numpy.numpy_words import WORDS

Seen = list[tuple[str, list[Any], Any]]


class Listening:
    """Keeps the name of each operation, the shapes that it met, and the shape that it made."""

    arrays: type = np.ndarray
    tensors: tuple[type, ...] = ()

    def __init__(self) -> None:
        self.seen: Seen = []

    def see(
        self, number: int, point: ArrayPoint, seen: Mapping[int, Any], made: Any, frame: FrameType
    ) -> None:
        met = [value_of(recipe, seen, lambda: "?") for recipe in point.args]
        self.seen.append((point.name, [shown(one) for one in met], shown(made)))

    def release(self, array: Any) -> None:
        """Nothing is kept."""


def shown(value: Any) -> Any:
    if isinstance(value, list):
        return [shown(one) for one in value]
    return value.shape if isinstance(value, np.ndarray) else value


@pytest.fixture
def probes() -> Iterator[ArrayProbes]:
    before = set(vars(builtins))
    yield ArrayProbes()
    for name in set(vars(builtins)) - before:
        delattr(builtins, name)


@pytest.fixture
def seen(probes: ArrayProbes) -> Callable[[str], Seen]:
    """``seen(code)``: the operations of the code, in their order; `a` is an array of (2, 3)."""

    def run(code: str) -> Seen:
        listening = Listening()
        tree = ast.parse(f"import numpy as np\na = np.ones((2, 3))\n{code}")
        probes.attach(tree)
        probes.listen(listening)
        try:
            exec(compile(tree, "<code>", "exec"), {})
        finally:
            probes.listen(None)
        assert probes.errors == []
        assert listening.seen[0] == ("ones", [], (2, 3))
        return listening.seen[1:]

    return run


CODE: dict[str, tuple[str, Seen]] = {
    "an operator": ("b = a - 1", [("__sub__", [(2, 3), 1], (2, 3))]),
    "a number of no known size": ("k = 2.5; b = k * a", [("__mul__", ["?", (2, 3)], (2, 3))]),
    "a method in an expression": (
        "b = a - a.mean(axis=0)",
        [("mean", [(2, 3)], (3,)), ("__sub__", [(2, 3), (3,)], (2, 3))],
    ),
    "sizes": ("n, m = a.shape; b = a.reshape(m, n)", [
        ("shape", [(2, 3)], (2, 3)), ("reshape", [(2, 3), 3, 2], (3, 2))
    ]),
    "an index": ("b = a[1:, None, -1]", [
        ("__getitem__", [(2, 3), (slice(1, None, None), None, -1)], (1, 1))
    ]),
    "a list that numpy is given": (
        "b = np.stack([a, a])", [("stack", [[(2, 3), (2, 3)]], (2, 2, 3))]
    ),
    "a change in place": ("a -= a[0]", [
        ("__getitem__", [(2, 3), 0], (3,)), ("__sub__", [(2, 3), (3,)], (2, 3))
    ]),
    "in a comprehension": ("b = [row * row for row in a]", [("__mul__", [(3,), (3,)], (3,))] * 2),
    "what is made of sizes": ("b = np.zeros((4, 1))", [("zeros", [], (4, 1))]),
}  # fmt: skip


@pytest.mark.parametrize(("code", "operations"), CODE.values(), ids=CODE.keys())
def test_operations_are_seen(code: str, operations: Seen, seen: Callable[[str], Seen]) -> None:
    assert seen(code) == operations


LEFT_ALONE = {
    "sums of numbers": "total = 0\nfor i in range(4):\n    total = total + i * i - [1, 2][0]",
    "arrays of a kind of their own": "b = np.ma.masked_array([1.0, 2.0]) + 1",
    "other threads": (
        "import threading\nt = threading.Thread(target=lambda: a * a)\nt.start(); t.join()"
    ),
    "what pauses": (
        "def f():\n    x = a * (yield)\ng = f(); next(g)\ntry: g.send(2)\n"
        "except StopIteration: pass"
    ),
}


@pytest.mark.parametrize("code", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_what_is_left_alone(code: str, seen: Callable[[str], Seen]) -> None:
    assert seen(code) == []


RAISING = """
def f(n, x):
    if n == 0:
        raise KeyError
    try:
        return x * 2 + f(n - 1, x + 0)
    except KeyError:
        return x - 1
b = f(2, a)
c = a * a
"""


def test_what_raised_halfway_is_not_mixed_up_with_what_comes_later(
    seen: Callable[[str], Seen],
) -> None:
    operations = seen(RAISING)
    assert [name.strip("_") for name, *_ in operations] == [
        "mul",
        "add",
        "mul",
        "add",
        "sub",
        "add",
        "mul",
    ]
    assert operations[-3:] == [
        ("__sub__", [(2, 3), 1], (2, 3)),
        ("__add__", [(2, 3), (2, 3)], (2, 3)),
        ("__mul__", [(2, 3), (2, 3)], (2, 3)),
    ]


def test_nothing_is_kept_alive(probes: ArrayProbes) -> None:
    tree = ast.parse("import numpy as np\nb = a * 2\nc = (b + a).mean(axis=0)\n")
    probes.attach(tree)
    probes.listen(Listening())
    array = np.ones((2, 3))
    names = {"a": array}
    exec(compile(tree, "<code>", "exec"), names)
    gone = [weakref.ref(array), weakref.ref(names["b"]), weakref.ref(names["c"])]
    del array, names
    gc.collect()
    assert [one() for one in gone] == [None, None, None]


def test_numbers_and_arrays_are_told_apart_by_what_the_code_does() -> None:
    tree = ast.parse("""
def scaled(x, factor):
    return x / x.std(axis=0) * factor
def count(a, b):
    return a + b
n = 0
for i in range(3):
    n += count(i, 2)
data = np.load("data.npy")
out = scaled(data, 2.0)
""")
    names = ArrayNames(tree, frozenset(("np",)))
    may = {
        name: names.may_be(ast.Name(name, ast.Load()))
        for name in ("x", "data", "out", "n", "i", "a")
    }
    assert may == {"x": True, "data": True, "out": True, "n": False, "i": False, "a": False}


def test_there_are_words_for_all_that_is_looked_at() -> None:
    looked_at = {name.rpartition(".")[2] for name in (*METHODS, *FUNCTIONS)}
    assert looked_at - set(WORDS) == set()
