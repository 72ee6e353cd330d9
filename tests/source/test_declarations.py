"""Where comments stand, and which statements each may describe."""

from __future__ import annotations

import pytest

from shapecheck.core.comment_evidence import ShapeComment
from shapecheck.source.declarations import CommentedCode, NamedAxes, named_axes, read_comments
from shapecheck.source.units import CodeUnit


def read(text: str) -> CommentedCode:
    return read_comments(CodeUnit("a.py", text))


def only(text: str) -> ShapeComment:
    (comment,) = read(text).comments
    return comment


def lines(ids: tuple[str, ...]) -> list[int]:
    return [int(id.split(":")[1]) for id in ids]


def test_a_comment_beside_speaks_of_its_statement() -> None:
    comment = only("y = 1\nx = f(y)  # (B, T)\n")
    assert (comment.standing, lines(comment.statements), comment.previous) == ("beside", [2], ())
    assert comment.targets == ("x",)


def test_a_comment_above_speaks_of_the_paragraph_below_and_of_the_line_before() -> None:
    comment = only("a = 1\n# (B, T)\nb = a\nc = b\n\nd = c\n")
    assert (lines(comment.statements), lines(comment.previous)) == ([3, 4], [1])
    assert set(comment.states) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("x = f(\n    a,  # (B, T)\n    b)\n", "inside"),
        ("x = f(\n    # (B, T)\n    a)\n", "inside"),
        ("x = f(a,\n      b)  # (B, T)\n", "beside"),
        ("for i in y:\n    x = i\n    # (B, T)\nz = 1\n", "alone"),
        ("x = 1\n# (B, T)\n", "alone"),
    ],
)
def test_where_a_comment_stands(text: str, standing: str) -> None:
    comment = only(text)
    assert comment.standing == standing
    if standing in ("inside", "alone"):
        assert comment.statements == ()


def test_a_loop_s_comment_speaks_of_its_targets() -> None:
    code = read("for x, y in loader:  # x: (B, T)\n    pass\n")
    (point,) = code.points
    assert (point.kind, point.states, code.comments[0].targets) == (
        "header",
        ("x", "y"),
        ("x", "y"),
    )


def test_a_label_leads_to_every_statement_that_binds_the_variable() -> None:
    comment = only("def f(x):\n    # out: (B, T)\n    a = x\n    out = a\n    out = out + 1\n")
    assert comment.named is not None
    assert lines(comment.named["out"]) == [4, 5]


def test_a_docstring_speaks_of_parameters_and_returns() -> None:
    text = (
        "def f(x):\n"
        '    """F.\n'
        "\n"
        "    Args:\n"
        "        x: (B, T)\n"
        "    Returns:\n"
        "        (B, C)\n"
        '    """\n'
        "    return x\n"
    )
    first, second = read(text).comments
    assert (first.standing, first.place.line, first.place.function) == ("docstring", 5, "f")
    assert {k: lines(v) for k, v in (first.named or {}).items()} == {"x": [1]}
    assert {k: lines(v) for k, v in (second.named or {}).items()} == {"return": [9]}


def test_only_what_is_surely_bound_is_read_before_a_statement() -> None:
    text = (
        "def f(a):\n"
        "    b = 1\n"
        "    if a:\n"
        "        c = 2\n"
        "    for d in a:\n"
        "        e = 3\n"
        "        x = a  # (B, T)\n"
        "    del b\n"
    )
    (point,) = read(text).points
    assert point.names == ("a", "d", "e")


def test_a_legend_beside_sizes_is_no_shape() -> None:
    code = read("B, T, D = 6, 8, 5  # batch, seq, features\n")
    assert code.comments == ()
    assert [(legend.symbol, legend.meaning) for legend in code.legends] == [
        ("B", "batch"),
        ("T", "seq"),
        ("D", "features"),
    ]


def test_words_beside_other_tuples_are_no_legend() -> None:
    assert read("out, state = rnn(x)  # (batch, hidden), (batch, hidden)\n").legends == ()


def test_a_legend_in_prose() -> None:
    (first, second) = read("# where b = batch size, h = hidden size\n").legends
    assert ((first.symbol, first.meaning), second.symbol) == (("b", "batch size"), "h")


def test_the_code_s_own_sizes_are_known() -> None:
    code = read("B, T = x.shape\nl = nn.Linear(n_in, self.out * 2)\nk = f(no)\n")
    assert code.sized == ("B", "T", "n_in", "self.out")


@pytest.mark.parametrize("text", ["def", "x = (", "\x00"])
def test_text_that_is_no_python_has_no_comments(text: str) -> None:
    assert read(text + "  # (B, T)\n") == CommentedCode()


def test_names_are_handed_to_the_tracker() -> None:
    unit = CodeUnit(
        "a.py",
        "x = f()  # (batch, seq, 5)\n"
        "a, b = g()  # b: (B, T)\n"
        "y = h(x)  # (B, T) -> (B, C)\n"
        "# (B, C)\n"
        "z = 1\n",
    )
    assert named_axes(unit) == (
        NamedAxes(1, "x", ("batch", "seq", ""), True),
        NamedAxes(2, "b", ("B", "T"), True),
        NamedAxes(3, "y", ("B", "C"), True),
    )


def test_products_that_the_code_uses_are_known() -> None:
    code = read("l = nn.Linear(3 * embed_dim, self.conv_dim*4)\nk = n * m\n")
    assert code.multiples == (("conv_dim", 4), ("embed_dim", 3))


def test_a_container_that_is_written_into_is_a_state() -> None:
    comment = only("adv[t] = last  # (T, N)\n")
    assert (comment.targets, comment.states) == ((), ("adv",))
