"""A remedy is code that was tried: applied to the tensor, jaxtyping accepts what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import Shaped, jaxtyped

from shapecheck.core.grammar import parse_shape
from shapecheck.core.match import Bindings
from shapecheck.core.remedy import Remedy, remedies
from shapecheck.core.spelling import Numpy

elements = st.sampled_from(["a", "b", "c", "d", "1", "3", "#a", "_", "n=4", "a*b", "*v", "..."])
shapes = st.lists(st.sampled_from([1, 2, 3, 4, 5, 6, 12]), max_size=4).map(tuple)


def bound(bindings: Bindings) -> None:
    """Give names their sizes in jaxtyping's own context."""
    for name, size in bindings.items():
        assert isinstance(size, int)
        assert isinstance(np.zeros(size), Shaped[np.ndarray, name])


@settings(max_examples=400, deadline=None)
@given(
    st.lists(elements, min_size=1, max_size=4).map(" ".join),
    shapes,
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(1, 6)),
    st.booleans(),
)
def test_every_remedy_runs_and_satisfies_the_declaration(
    text: str, shape: tuple[int, ...], sizes: dict[str, int], in_numpy: bool
) -> None:
    if text.count("*v") + text.count("...") > 1:
        return
    x: Any = np.zeros(shape) if in_numpy else torch.zeros(shape)
    spelling = Numpy() if in_numpy else None
    for remedy in remedies(shape, parse_shape(text), sizes, spelling=spelling):
        mended = eval(f"x{remedy.code}", {"x": x})
        assert tuple(mended.shape) == remedy.shape
        if "a*b" in text and not {"a", "b"} <= set(sizes):
            continue  # jaxtyping will not judge a product of names that are not bound
        with jaxtyped("context"):
            bound(sizes)
            assert isinstance(mended, Shaped[type(x), text]), (remedy, text, shape)


def of(text: str, shape: tuple[int, ...], bindings: Bindings) -> list[tuple[str, str]]:
    return [(r.code, r.fault) for r in remedies(shape, parse_shape(text), bindings)]


@pytest.mark.parametrize(
    ("text", "shape", "bindings", "expected"),
    [
        ("batch seq f", (10, 4, 7), {"batch": 4}, [(".transpose(0, 1)", "order")]),
        ("layers=1 batch h", (4, 1, 20), {"batch": 4}, [(".transpose(0, 1)", "order")]),
        # Channels last: moving one axis keeps height before width.
        ("batch 3 h w", (8, 32, 48, 3), {}, [(".permute(0, 3, 1, 2)", "order")]),
        ("batch 3 h w", (8, 32, 32, 3), {}, [(".permute(0, 3, 1, 2)", "order")]),
        # Axes of one size keep their order.
        ("3 3 4 5", (5, 4, 3, 3), {}, [(".permute(2, 3, 1, 0)", "order")]),
        ("batch seq", (10,), {"seq": 10}, [(".unsqueeze(0)", "missing")]),
        ("batch 1", (10,), {"batch": 10}, [(".unsqueeze(-1)", "missing")]),
        ("batch seq", (10,), {}, [(".unsqueeze(0)", "missing"), (".unsqueeze(-1)", "missing")]),
        ("1 seq 1", (10,), {"seq": 10}, [(".unsqueeze(0).unsqueeze(-1)", "missing")]),
        ("batch", (10, 1), {}, [(".squeeze(1)", "extra")]),
        ("*v 3", (5, 3, 1), {}, [(".transpose(1, 2)", "order")]),
        ("*v 3", (5, 3, 1), {"*v": (5,)}, [(".squeeze(2)", "extra")]),
        ("a b f", (40, 7), {"a": 4, "b": 10}, [(".unflatten(0, (4, 10))", "flattened")]),
        ("batch heads=4 d", (5, 64), {}, [(".unflatten(1, (4, 16))", "flattened")]),
        ("batch 784", (5, 28, 28), {}, [(".flatten(1, 2)", "split")]),
        ("batch seq", (10, 1, 4), {"batch": 4}, [(".squeeze(1).transpose(0, 1)", "extra")]),
    ],
)
def test_the_likeliest_step_comes_first(
    text: str,
    shape: tuple[int, ...],
    bindings: Bindings,
    expected: list[tuple[str, str]],
) -> None:
    assert of(text, shape, bindings) == expected


@pytest.mark.parametrize(
    ("text", "shape", "bindings"),
    [
        ("batch seq", (4, 10), {"batch": 4}),  # it fits already
        ("batch seq f", (10, 7), {"batch": 4}),  # no axis of size 1 makes four samples
        ("batch seq f", (10, 7), {"batch": 2}),  # that 2 divides 10 proves no merging
        ("batch f", (4, 10, 7), {"batch": 4}),  # any product would do for a name that is free
        ("batch seq", (3, 11), {"batch": 4, "seq": 10}),
        ("a b c d e f g", (2, 3, 4, 5, 6, 7, 8, 9), {}),  # too many axes to be of help
    ],
)
def test_no_remedy_is_guessed(text: str, shape: tuple[int, ...], bindings: Bindings) -> None:
    assert of(text, shape, bindings) == []


def test_a_remedy_names_the_axis_and_the_shape_it_gives() -> None:
    assert remedies((10,), parse_shape("batch seq"), {"seq": 10}) == (
        Remedy(".unsqueeze(0)", "missing", (1, 10), "batch"),
    )
    (split,) = remedies((40,), parse_shape("batch seq"), {"batch": 4, "seq": 10})
    assert (split.axis, split.shape) == ("40 = batch*seq", (4, 10))


def test_numpy_is_written_as_numpy() -> None:
    def codes(text: str, shape: tuple[int, ...], **sizes: int) -> list[str]:
        return [r.code for r in remedies(shape, parse_shape(text), sizes, spelling=Numpy())]

    assert codes("a b f", (10, 4, 7), a=4) == [".swapaxes(0, 1)"]
    assert codes("n 3 h w", (8, 32, 48, 3)) == [".transpose(0, 3, 1, 2)"]
    assert codes("a b", (10,)) == ["[None]", "[..., None]"]
    assert codes("a 1 b", (3, 5)) == ["[:, None]"]
    assert codes("a b", (40,), a=4, b=10) == [".reshape(4, 10)"]
    assert codes("n 784", (5, 28, 28)) == [".reshape(5, 784)"]
    assert codes("n", (5, 1)) == [".squeeze(1)"]
