"""stale-prose: fires on a shape that the text states and no variable has, on nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from shapecheck.core.chapter import SeenAside
from shapecheck.core.evidence import Observation
from shapecheck.core.finding import Finding, Severity
from shapecheck.rules import judge
from shapecheck.source.prose import stated_shapes

Chapter = Callable[[str], list[Finding]]
MARKER = "<!-- shapecheck: shapes -->\n\n"


def judged(sentence: str, *shapes: tuple[int, ...] | None) -> list[Finding]:
    tokens = MarkdownIt("commonmark").parse(MARKER + sentence)
    seen = tuple(Observation("Tensor" if shape else "list", shape) for shape in shapes)
    stated = stated_shapes("chapter.md", tokens, ())
    assert stated, "the sentence states no shape"
    return list(judge([SeenAside(one, seen) for one in stated]))


def test_the_page_s_example_fires_and_its_remedy_does_not(
    chapter: Chapter, examples: Callable[[str], list[str]]
) -> None:
    wrong, right = examples("stale-prose")
    (found,) = chapter(wrong)
    assert (found.slug, found.severity) == ("stale-prose", Severity.WARNING)
    assert (str(found.place), found.remedy) == ("chapter.md:9", "write (1, 10, 1)")
    assert chapter(right) == []


def test_the_marker_and_what_ends_it() -> None:
    def lines(text: str) -> list[int]:
        tokens = MarkdownIt("commonmark").parse(text)
        return [stated.place.line for stated in stated_shapes("a.md", tokens, ())]

    said = "`x` is (1, 2).\n\n"
    assert lines(said + MARKER + said) == [5]
    assert lines(MARKER + said + "<!-- shapecheck: no shapes -->\n\n" + said) == [3]
    assert lines(MARKER + "<!-- shapecheck: ignore[stale-prose] -->\n\n" + said + said) == [7]


@pytest.mark.parametrize(
    ("sentence", "remedy"),
    [
        ("`x` is (1, 1, 100).", "write (1, 10, 1)"),
        ("So `x` has the shape `[1, 10]` now.", "write (1, 10, 1)"),
        ("`x.shape` is `torch.Size([10, 1])`.", "write (1, 10, 1)"),
        ("`x` is `(batch=1, seq=1, feature=1)`.", "write (batch=1, seq=10, feature=1)"),
        ("`x` is `(seq, batch, seq)`.", ""),
        ("`x` 的形状是 (1, 1, 100)。", "write (1, 10, 1)"),
    ],
)
def test_a_wrong_shape_is_found(sentence: str, remedy: str) -> None:
    shape = (3, 10, 4) if "seq, batch, seq" in sentence else (1, 10, 1)
    if not remedy:
        assert judged(sentence, shape) == []  # lengths may be written alike
        return
    (found,) = judged(sentence, shape)
    assert found.remedy == remedy


def test_one_name_for_two_sizes_is_found() -> None:
    (found,) = judged("`w` is `(hidden, hidden)`.", (20, 80))
    assert found.cause == "one name stands for two sizes"


@pytest.mark.parametrize(
    ("sentence", "shapes"),
    [
        ("`x` is (1, 10, 1).", [(1, 10, 1)]),
        ("`x` and `y` are `(batch, seq, 1)`.", [(3, 10, 1)]),
        ("`x` is (10,) and becomes `y`.", [(10,)]),
        ("`x` is (1, 10).", [(10,), (1, 10)]),  # of the block below
        ("`x` is (1, 10).", [(10,), None]),  # it may speak of the list
        ("`x` is (1, 10).", []),
    ],
)
def test_what_may_be_right_is_left_alone(
    sentence: str, shapes: list[tuple[int, ...] | None]
) -> None:
    assert judged(sentence, *shapes) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "`x` is (1, 10) if it is flat.",
        "`x` is not (1, 10).",
        "`x` should be (1, 10).",
        "`x` [1] and others.",
        "`x` is a wave (see below).",
        "`x` goes through `layer` (1, 10).",
        "`x` (int)",
        "x is (1, 10).",
        "    `x` is (1, 10).",
    ],
)
def test_what_is_no_statement_is_not_read(sentence: str) -> None:
    assert stated_shapes("a.md", MarkdownIt("commonmark").parse(MARKER + sentence), ()) == ()


def test_the_message(golden: Callable[[str, str], None]) -> None:
    (one,) = judged("`x` has the shape (1, 1, 100).", (1, 10, 1))
    (two,) = judged("`x` is `(batch=3, seq)`.", (3, 10, 1), (10, 3))
    golden("stale-prose.txt", f"{one}\n\n{two}")
