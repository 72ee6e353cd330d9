"""Which shape strings are read, and as what: jaxtyping decides, our reading follows."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jaxtyping import Shaped
from torch import Tensor

from shapecheck.core.axis import Axis, AxisKind
from shapecheck.core.grammar import GrammarError, parse_shape

# Pieces that make and break elements; `?` is jaxtyping's PyTree, which we leave out.
_PIECES = [
    "a",
    "b1",
    "batch",
    "4",
    "-1",
    "#",
    "*",
    "_",
    "=",
    "...",
    "+",
    "-1",
    "{x}",
    ",",
    "(",
    ")",
]
elements = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=4).map("".join)
strings = st.lists(elements, max_size=4).map(" ".join)


def jaxtyping_reads(text: str) -> bool:
    try:
        Shaped[Tensor, text]
    except ValueError:
        return False
    return True


def we_read(text: str) -> bool:
    try:
        parse_shape(text)
    except GrammarError:
        return False
    return True


@settings(max_examples=400, deadline=None)
@given(strings)
@example("")
@example("_")
@example("#")
@example("*")
@example("a=#b")
@example("#*a b")
@example("*a *b")
@example("min(a,b)")
def test_we_read_exactly_what_jaxtyping_reads(text: str) -> None:
    assert we_read(text) == jaxtyping_reads(text)


def test_pytree_prefix_is_refused_by_name() -> None:
    with pytest.raises(GrammarError, match="PyTree") as caught:
        parse_shape("batch ?leaf")
    assert caught.value.element == "?leaf"


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("batch", Axis("batch", AxisKind.NAMED, "batch")),
        ("#batch", Axis("#batch", AxisKind.NAMED, "batch", broadcastable=True)),
        ("4", Axis("4", AxisKind.FIXED, size=4)),
        ("rows=4", Axis("rows=4", AxisKind.FIXED, "rows", size=4)),
        ("-1", Axis("-1", AxisKind.FIXED, size=-1)),
        ("dim-1", Axis("dim-1", AxisKind.SYMBOLIC, expression="dim-1")),
        ("n={self.n}", Axis("n={self.n}", AxisKind.SYMBOLIC, "n", expression="{self.n}")),
        ("*batch", Axis("*batch", AxisKind.VARIADIC, "batch")),
        ("*#batch", Axis("*#batch", AxisKind.VARIADIC, "batch", broadcastable=True)),
        ("_", Axis("_", AxisKind.ANONYMOUS)),
        ("_batch", Axis("_batch", AxisKind.ANONYMOUS)),
        ("...", Axis("...", AxisKind.ELLIPSIS)),
        ("*_batch", Axis("*_batch", AxisKind.ELLIPSIS)),
    ],
)
def test_an_element_is_read_as_its_kind(text: str, axis: Axis) -> None:
    assert parse_shape(text).axes == (axis,)


@pytest.mark.parametrize(
    ("text", "element", "reason"),
    [
        ("batch, seq", "batch,", "spaces, not commas"),
        ("batch seq#", "seq#", "before the name"),
        ("batch ...x", "...x", "stands alone"),
        ("*a b *c", "*c", "both stand for any number of axes"),
        ("##a", "##a", "stands twice"),
        ("*4", "*4", "needs a name"),
        ("_4", "_4", "needs a name"),
        ("#_a", "#_a", "cannot be broadcastable"),
    ],
)
def test_an_error_names_the_element_and_says_why(text: str, element: str, reason: str) -> None:
    with pytest.raises(GrammarError, match=reason) as caught:
        parse_shape(text)
    assert caught.value.element == element
    assert caught.value.text == text
