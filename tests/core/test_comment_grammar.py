"""The forms that people write shapes in, and the texts that only look like shapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecheck.core.comment_axis import is_axis_name, parse_axis
from shapecheck.core.comment_grammar import ShapeNote, read_shapes
from shapecheck.core.comment_labels import read_legend


def shown(note: ShapeNote) -> str:
    """`x: (B, 4)` with marks: `<` before an arrow, `>` after it, `?` where it is not certain."""
    axes = [
        str(axis.size) if axis.size is not None else axis.name or axis.expression or axis.kind.value
        for axis in note.spec.axes
    ]
    side = {"": "", "before": "<", "between": "=", "after": ">"}[note.side]
    label = f"{','.join(note.labels)}: " if note.labels else ""
    return f"{label}{side}({', '.join(axes)}){'' if note.certain else '?'}"


# The forms of the census, of the issue, and of public tutorials, with what they say.
FORMS = {
    "# (batch, seq, hidden)": "(batch, seq, hidden)",
    "# B, T, C": "(B, T, C)",
    "# [B, T, C]": "(B, T, C)",
    "# x: (N, L, H_in)": "x: (N, L, H_in)",
    "# shape: [batch_size, seq_len]": "(batch_size, seq_len)",
    "# -> (B, T)": ">(B, T)",
    "# (B, T) -> (B, C)": "<(B, T) >(B, C)",
    "# torch.Size([1, 10, 1])": "(1, 10, 1)",
    "# (b t) c": "(b * t, c)",
    "# (num_layers * num_directions, batch, hidden_size)": (
        "(num_layers * num_directions, batch, hidden_size)"
    ),
    "# |x| = (length, 1)": "x: (length, 1)",
    "# 1 x 10 x 1": "(1, 10, 1)",
    "# [seq len, batch size]": "(seq_len, batch_size)",
    "# h_n.size() = (1, batch_size, hidden_size)": "h_n: (1, batch_size, hidden_size)",
    "# src = [src length, batch size]": "src: (src_length, batch_size)",
    "# [batch_size, seq_len, emb]=[128, 32, 300]": "(batch_size, seq_len, emb)",
    "# (60000, 28, 28)": "(60000, 28, 28)",
    "# h.shape == [2, 13, 1024]": "h: (2, 13, 1024)",
    "# 28x28x1 => 28x28x8": "<(28, 28, 1) >(28, 28, 8)",
    "# B x S x I": "(B, S, I)",
    "# S(=1) x B (=1) x I (input size)": "(1, 1, I)",
    "# src_len, b, e": "(src_len, b, e)",
    "# -> n, 6, 14, 14": ">(n, 6, 14, 14)",
    "# scores : [batch_size x n_heads x len_q(=len_k) x len_k(=len_q)]": (
        "scores: (batch_size, n_heads, len_q, len_k)"
    ),
    "# (num_directions(=2), batch, hidden)": "(2, batch, hidden)",
    "# (num_layers * num_directions(=2), batch)": "(num_layers * 2, batch)",
    "# BCHW": "(B, C, H, W)?",
    "# 形状: (批大小, 序列长度)": "(批大小, 序列长度)",
    "# x的形状为(B, T)": "x: (B, T)",
    "# （batch，seq，hidden）": "(batch, seq, hidden)",
    "# 输出 [批量大小, 时间步数, 词数]": "输出: (批量大小, 时间步数, 词数)",
    "# shape from (2000, 28, 28) to (2000, 1, 28, 28), value in range(0,1)": (
        "<(2000, 28, 28) >(2000, 1, 28, 28)"
    ),
    "# (B, nh, T, hs) x (B, nh, hs, T) -> (B, nh, T, T)": (
        "<(B, nh, T, hs) <(B, nh, hs, T) >(B, nh, T, T)"
    ),
    "# out: tensor of shape (batch_size, seq_length, hidden_size*2)": (
        "out: (batch_size, seq_length, hidden_size * 2)"
    ),
    "# x data (tensor), shape=(100, 1)": "(100, 1)",
    "# shape (200,) LongTensor = 64-bit integer": "(200)",
    "# flatten the output of conv2 to (batch_size, 32 * 7 * 7)": "(batch_size, 1568)",
    "# q, k, v: (B, h, T, d_k)": "q,k,v: (B, h, T, d_k)",
    "    x (Tensor): the input, of shape (B, T, C).": "x: (B, T, C)",
    "Returns: (B, T)": "return: (B, T)",
    "# x shape (batch, time_step, input_size)": "x: (batch, time_step, input_size)",
    "# hidden: (L, batch, hidden), cell: (L, batch, hidden)": (
        "hidden: (L, batch, hidden) cell: (L, batch, hidden)"
    ),
    "# out -> (B, T, H)": "out: >(B, T, H)",
    "# (L, N, D * H_out)": "(L, N, D * H_out)",
    "# [batch size * trg len - 1, output dim]": "(anonymous, output_dim)",
    "# b c h w -> b h w c": "<(b, c, h, w) >(b, h, w, c)",
    "# x: B x C x H x W": "x: (B, C, H, W)",
    "# (N, *, H_{in})": "(N, ellipsis, H_in)",
    "# (-1, 28*28)": "(anonymous, 784)?",
    "# with sizes n_layers x batch_size x n_hidden,": "(n_layers, batch_size, n_hidden)",
    "# h: ((L, B, H), (L, B, H))": "h: (L, B, H) h: (L, B, H)",
    "# (B,)": "(B)",
    # Read, but not certain: an example, a condition, an alternative, a wish.
    "# e.g. (batch, time_step, input_size)": "(batch, time_step, input_size)?",
    "# (N, C, H, W) or (C, H, W)": "(N, C, H, W)?",
    "# should have shape (64,10)": "(64, 10)?",
    "# origin shape: [4, 3, 32, 32] = 4, 3, 1024": "origin: (4, 3, 32, 32)?",
}

# What looks like a shape and is none; each from real code.
PROSE = [
    "# (see below)",
    "# (int)",
    "# (0, 1)",
    "# (x, y)",
    "# max returns (value ,index)",
    "# loss(input, target)",
    "# torch.add(x,y)",
    "# b_x = x.view(-1, 28*28)",
    "# outs = outs.view(-1, TIME_STEP, 1)",
    "# x, y = Variable(x), Variable(y)",
    "# linear layer (784 -> 500)",
    "# conv layer (depth from 1 --> 16), 3x3 kernels",
    "# choose max value in 2x2 area",
    "# 3x3 convolution",
    "# resize to 128x128",
    "# rescale [0,255] --> [0,1]",
    "# normalize, rescale entries to lie in [0,1]",
    "# from real data in [-1, 1)",
    "# must be (1. nn output, 2. target)",
    "# mean=(0.5, 0.5, 0.5)",
    "# [[7, 10], [15, 22]]",
    "# here: 178 samples, 45 iterations",
    "# fully connected layer, output 10 classes",
    "# e.g. MNIST, Fashion-MNIST, CIFAR10, COCO",
    "# This will return (images, captions, lengths) for each iteration.",
    "# scalar, vector, matrix, tensor",
    "# f = w * x",
    "# dJ/dw = 1/N * 2x(w*x - y)",
    "# the tuple (a, b) is to be merged",
    "# BEST",
    "# LSTM",
    "# BatchNorm(momentum=0.1, eps=1e-5)",
    "# (input, negative_slope=0.2)",
    "# np.memmap('train.bin', dtype=np.uint16, mode='r')",
    "# https://pytorch.org/tutorials/intermediate/a_b.html",
    "# x, y",
    "# requires_grad = True -> tracks all operations on the tensor.",
    "# the gradient w.r.t. (w, b)",
    "# kernel_size=(3, 3)",
    "# words[0, 1]",
    "# A x B -> C",
    "# Adam (lr, betas)",
    "#!/usr/bin/env python",
    "# -*- coding: utf-8 -*-",
    "# ------> ",
    "# ([{",
    "#",
]


@pytest.mark.parametrize(("text", "says"), FORMS.items(), ids=list(FORMS))
def test_a_form_is_read(text: str, says: str) -> None:
    assert " ".join(map(shown, read_shapes(text))) == says


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_not_guessed_into_a_shape(text: str) -> None:
    assert [shown(note) for note in read_shapes(text) if note.certain] == []


def test_a_product_of_stars_may_be_axes_or_one_axis() -> None:
    (note,) = read_shapes("# [B*T*H]")
    assert [len(reading.axes) for reading in note.readings] == [3, 1]


def test_sample_sizes_are_kept_apart_from_the_names() -> None:
    (note,) = read_shapes("# [batch, seq] = [32, 10]")
    assert (note.names, note.samples) == (("batch", "seq"), (32, 10))


def test_positions_point_at_the_shape_as_written() -> None:
    text = "#  out:  (B, T) , h: [L, B]"
    assert [text[n.start : n.end] for n in read_shapes(text)] == ["(B, T)", "[L, B]"]


@pytest.mark.parametrize("text", ["the input", "0.5", "lr=3", "kernel_size=3", "f(x)", "a, b", ""])
def test_what_is_no_axis_is_not_read_as_one(text: str) -> None:
    assert parse_axis(text) is None


def test_a_name_with_a_prime_is_another_name() -> None:
    first, second = parse_axis("H"), parse_axis("H'")
    assert first is not None
    assert second is not None
    assert first.name != second.name


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (
            "where b = batch size, src_len = maximum source length, h = hidden size",
            [("b", "batch size"), ("src_len", "maximum source length"), ("h", "hidden size")],
        ),
        ("# B: batch size, T: sequence length", [("B", "batch size"), ("T", "sequence length")]),
        ("其中 B 为 批大小", [("B", "批大小")]),  # a single pair counts after `where` alone
        ("# x = hidden state", []),
        ("# x, y = Variable(x, requires_grad=False), Variable(y, requires_grad=False)", []),
        ("# (batch, seq)", []),
    ],
)
def test_a_legend_is_read(text: str, pairs: list[tuple[str, str]]) -> None:
    assert list(read_legend(text)) == pairs


NAMES = st.sampled_from(
    [
        "batch",
        "seq_len",
        "hidden_size",
        "B",
        "T",
        "C",
        "d_model",
        "n_heads",
        "H_in",
        "num_layers",
        "batch_size",
    ]
)
AXES = NAMES | st.integers(1, 999).map(str) | NAMES.map(lambda n: f"{n} * 2")
LISTS = st.lists(AXES, min_size=2, max_size=5).filter(
    lambda axes: not all(a.isdigit() for a in axes)
)


@given(LISTS, st.sampled_from(["({})", "[{}]", "x: ({})", "shape: [{}]", "-> ({})"]))
def test_what_is_written_is_read_back(axes: list[str], form: str) -> None:
    (note,) = read_shapes("# " + form.format(", ".join(axes)))
    assert [axis.text for axis in note.spec.axes] == axes
    assert len(note.names) == len(axes)


@given(LISTS)
def test_reading_twice_gives_the_same(axes: list[str]) -> None:
    (note,) = read_shapes(f"# ({', '.join(axes)})")
    (again,) = read_shapes(f"# {note.text}")
    assert again.readings == note.readings


@given(st.text(alphabet="()[]{},;:=-> xX*+/|#.'\"0123456789BTCabseqlen_批（）", max_size=60))
def test_no_text_raises(text: str) -> None:
    for note in read_shapes(text):
        assert 0 <= note.start < note.end <= len(text)
        assert note.readings


@given(st.text(max_size=60))
def test_no_unicode_raises(text: str) -> None:
    read_shapes(text)
    read_legend(text)
    parse_axis(text)
    is_axis_name(text)


@given(
    st.lists(
        st.sampled_from(
            ["we", "the", "see", "with", "this", "that", "for", "is", "and", "value", "of", "to"]
        )
    )
)
def test_words_alone_are_never_a_shape(words: list[str]) -> None:
    assert read_shapes(f"# ({' '.join(words)})") == ()
    assert read_shapes(f"# {', '.join(words)}") == ()


def test_a_long_line_is_read_in_little_time() -> None:
    assert read_shapes("# " + "(" * 300 + "a, " * 3000) == ()
    assert read_shapes("# x: " + "word " * 2000 + "(B, T)") == ()
