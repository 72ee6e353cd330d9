"""Every kind of site is seen in the text, with its likely mistakes; what is none is left alone."""

import ast
from pathlib import Path

import pytest

from shapecheck.core.site import Site, SiteKind
from shapecheck.source.sites import sites

ROOT = Path(__file__).parents[2]
HEAD = """\
import os, re, numpy as np, torch, einops
import torch.nn.functional as F
from torch import nn, Tensor, cat
from einops import rearrange
"""


def found(body: str, head: str = HEAD) -> list[Site]:
    return list(sites(f"{head}\n{body}\n", "code.py"))


def in_function(expression: str, parameters: str = "x: Tensor, y, n: int, t: int") -> list[Site]:
    return found(f"def f({parameters}):\n    return {expression}")


def afters(site: Site) -> list[str]:
    return [mutation.after for mutation in site.mutations]


K = SiteKind

# (what is written, its kind, the text shown, mutations in their order)
TABLE = [
    ("x.unsqueeze(0)", K.UNSQUEEZE, ".unsqueeze(0)", ["x", "x.unsqueeze(-1)", "x.unsqueeze(1)"]),
    ("torch.unsqueeze(y, dim=1)", K.UNSQUEEZE, "torch.unsqueeze(y, dim=1)", ["y"]),
    ("x[:, None]", K.UNSQUEEZE, "x[:, None]", ["x", "x[:, :, None]", "x[None]"]),
    ("x[np.newaxis]", K.UNSQUEEZE, "x[np.newaxis]", ["x", "x[:, np.newaxis]"]),
    ("y[..., None]", K.UNSQUEEZE, "y[..., None]", ["y[...]"]),
    ("x.squeeze()", K.SQUEEZE, ".squeeze()", ["x.squeeze(dim=0)", "x.squeeze(dim=-1)", "x"]),
    ("x.squeeze(1)", K.SQUEEZE, ".squeeze(1)", ["x.squeeze()", "x.squeeze(0)", "x.squeeze(2)"]),
    ("x.view(n, -1)", K.RESHAPE, ".view(n, -1)", ["x.view(-1, n)", "x.view(-1)", "x"]),
    ("x.reshape((2, n))", K.RESHAPE, ".reshape((2, n))", ["x.reshape((n, 2))"]),
    ("x.flatten(1)", K.RESHAPE, ".flatten(1)", ["x.flatten(0)", "x.flatten(2)", "x"]),
    ("x.unflatten(1, (2, n))", K.RESHAPE, ".unflatten(1, (2, n))", ["x.unflatten(1, (n, 2))"]),
    ("x.permute(1, 2, 0)", K.ORDER, ".permute(1, 2, 0)", ["x.permute(2, 0, 1)"]),
    ("x.transpose(1, 2)", K.ORDER, ".transpose(1, 2)", ["x", "x.transpose(1, 3)"]),
    ("torch.swapaxes(x, 0, 1)", K.ORDER, "torch.swapaxes(x, 0, 1)", ["x"]),
    ("x.movedim(0, 2)", K.ORDER, ".movedim(0, 2)", ["x"]),
    ("y.T", K.ORDER, ".T", ["y"]),
    ("y.t()", K.ORDER, ".t()", ["y"]),
    ("x.mT", K.ORDER, ".mT", ["x"]),
    ("x.expand(n, -1)", K.REPEAT, ".expand(n, -1)", ["x.expand(-1, n)", "x"]),
    (
        "x.repeat(n, 1)",
        K.REPEAT,
        ".repeat(n, 1)",
        ["x.repeat(1, n)", "x", "x.repeat_interleave(n, dim=0)"],
    ),
    (
        "x.repeat_interleave(2, dim=0)",
        K.REPEAT,
        ".repeat_interleave(2, dim=0)",
        ["x.repeat_interleave(2, dim=1)"],
    ),
    ("x.tile(2, 1)", K.REPEAT, ".tile(2, 1)", ["x.tile(1, 2)", "x"]),
    ("x[0]", K.INDEX, "x[0]", ["x[:, 0]", "x[0:1]"]),
    ("y[:, -1]", K.INDEX, "y[:, -1]", ["y[-1]", "y[:, :, -1]", "y[:, -1:]"]),
    ("y[..., 0]", K.INDEX, "y[..., 0]", ["y[..., 0, :]", "y[..., 0:1]"]),
    ("x[:, t]", K.INDEX, "x[:, t]", ["x[t]", "x[:, :, t]", "x[:, t:t + 1]"]),
    ("x.select(1, t)", K.INDEX, ".select(1, t)", ["x.select(0, t)", "x.select(2, t)"]),
    ("x.gather(1, y)", K.INDEX, ".gather(1, y)", ["x.gather(0, y)", "x.gather(2, y)"]),
    ("x.size(0)", K.SIZE, ".size(0)", ["x.size(1)"]),
    ("y.shape[-1]", K.SIZE, "y.shape[-1]", ["y.shape[-2]", "y.shape[0]"]),
    (
        "torch.zeros(1, n, 20)",
        K.FACTORY,
        "torch.zeros(1, n, 20)",
        ["torch.zeros(n, 1, 20)", "torch.zeros(1, 20, n)", "torch.zeros(1, 1, 20)"],
    ),
    ("np.ones((1, n))", K.FACTORY, "np.ones((1, n))", ["np.ones((n, 1))"]),
    ("x.sum(1)", K.REDUCTION, ".sum(1)", ["x.sum(0)", "x.sum(2)", "x.sum(1, keepdim=True)"]),
    ("y.mean()", K.REDUCTION, ".mean()", ["y.mean(dim=0)", "y.mean(dim=-1)"]),
    ("F.softmax(y, dim=-1)", K.REDUCTION, "F.softmax(y, dim=-1)", ["F.softmax(y, dim=-2)"]),
    ("nn.LogSoftmax(dim=1)", K.REDUCTION, "nn.LogSoftmax(dim=1)", ["nn.LogSoftmax(dim=0)"]),
    (
        "x.norm(dim=1, keepdim=True)",
        K.REDUCTION,
        ".norm(dim=1, keepdim=True)",
        [
            "x.norm(dim=0, keepdim=True)",
            "x.norm(dim=2, keepdim=True)",
            "x.norm(dim=1, keepdim=False)",
        ],
    ),
    ("np.argmax(y, axis=1)", K.REDUCTION, "np.argmax(y, axis=1)", ["np.argmax(y, axis=0)"]),
    ("x.cumsum(0)", K.REDUCTION, ".cumsum(0)", ["x.cumsum(1)"]),
    ("cat([x, y])", K.JOIN, "cat([x, y])", ["cat([x, y], dim=1)", "cat([x, y], dim=-1)"]),
    ("torch.stack(y, dim=1)", K.JOIN, "torch.stack(y, dim=1)", ["torch.stack(y, dim=0)"]),
    ("x.split(2, dim=1)", K.JOIN, ".split(2, dim=1)", ["x.split(2, dim=0)", "x.split(2, dim=2)"]),
    ("x.chunk(2)", K.JOIN, ".chunk(2)", ["x.chunk(2, dim=1)", "x.chunk(2, dim=-1)"]),
    ("x @ y", K.PRODUCT, "x @ y", ["y @ x"]),
    ("torch.bmm(x, y)", K.PRODUCT, "torch.bmm(x, y)", ["torch.bmm(y, x)"]),
    (
        "torch.einsum('ij,jk->ik', x, y)",
        K.PATTERN,
        "torch.einsum('ij,jk->ik', x, y)",
        ["torch.einsum('ij,jk->ki', x, y)", "torch.einsum('ji,jk->ik', x, y)"],
    ),
    (
        "rearrange(x, 'b (h w) -> b h w', h=2)",
        K.PATTERN,
        "rearrange(x, 'b (h w) -> b h w', h=2)",
        ["rearrange(x, 'b (w h) -> b h w', h=2)", "rearrange(x, 'b (h w) -> b w h', h=2)"],
    ),
    ("nn.LSTM(1, n)", K.BATCH_FIRST, "nn.LSTM(…) without batch_first", None),
    (
        "nn.GRU(1, n, batch_first=True)",
        K.BATCH_FIRST,
        "nn.GRU(…, batch_first=True)",
        ["nn.GRU(1, n)"],
    ),
    (
        "nn.RNN(1, n, 2, batch_first=True)",
        K.NUM_LAYERS,
        "nn.RNN(…, 2)",
        ["nn.RNN(1, n, 3, batch_first=True)", "nn.RNN(1, n, 1, batch_first=True)"],
    ),
    (
        "nn.LSTM(1, n, bidirectional=True, batch_first=False)",
        K.BIDIRECTIONAL,
        "nn.LSTM(…, bidirectional=True)",
        ["nn.LSTM(1, n, bidirectional=False, batch_first=False)"],
    ),
    ("y(x, (h0, c0))", K.STATE, "(h0, c0)", ["(c0, h0)"]),
]


@pytest.mark.parametrize(("written", "kind", "shown", "first"), TABLE, ids=[t[0] for t in TABLE])
def test_a_site_is_seen_with_its_likeliest_mistakes_first(
    written: str, kind: SiteKind, shown: str, first: list[str] | None
) -> None:
    (site,) = [site for site in in_function(written) if site.kind is kind]
    assert site.text == shown
    assert site.place.function == "f"
    if first is not None:
        assert afters(site)[: len(first)] == first


def test_every_kind_is_in_the_table() -> None:
    assert {row[1] for row in TABLE} == set(SiteKind)


@pytest.mark.parametrize(
    ("statement", "swapped"),
    [
        ("out, (h, c) = y(x)", "(c, h)"),
        ("out, (hidden, _) = y(x)", "(_, hidden)"),
        ("h, c = y(x, (h, c))", "(c, h)"),
    ],
)
def test_the_order_in_which_states_come_back_is_a_site(statement: str, swapped: str) -> None:
    (site, *_) = [s for s in found(f"def f(x, y, h, c):\n    {statement}") if s.kind is K.STATE]
    assert afters(site) == [swapped]


@pytest.mark.parametrize(
    "code",
    [
        '"a b".split()',
        'line.split(",")',
        "line.split()",
        "words.index(1)",
        "str.T",
        "os.path.split(path)",
        're.split(",", line)',
        'np.__version__.split(".")',
        "[1, 2][0]",
        "losses[-1]",
        'table["name"]',
        "table[None]",
        "waves(3)[0]",
        "rows.sort(key=len)",
        "self.T",
        "config.T",
        "max(a, b)",
        "max([1, 2])",
        "torch.max(a, b)",
        "names.count(1)",
        "itertools.repeat(1)",
        "frame.iloc",
        "x.view(torch.int32)",
        "torch.zeros(x.shape)",
        "torch.zeros(x.size())",
        "a, (b, c) = pair(x)",
        "torch.dot(u, v)",
        "selector.select(1.5)",
        "list[int]",
        "tuple[int, None]",
        "dict[str, Tensor]",
    ],
)
def test_what_is_no_site_is_left_alone(code: str) -> None:
    head = f"{HEAD}import itertools, config\n"
    body = (
        f"def f(self, a, b, line, words, rows, names, path, losses: list, table: dict):\n    {code}"
    )
    assert found(body, head) == []


def test_a_file_without_arrays_has_no_sites() -> None:
    assert found("def f(x):\n    return x[None], x.sum(), x.split(1, 2)", head="import os") == []


def test_annotations_and_types_are_no_sites() -> None:
    body = """
from jaxtyping import Float
Pair = tuple[Float[Tensor, "a b"], ...]
def f(x: Float[Tensor, "batch seq"], *y: "Float[Tensor, '1 2']") -> Float[Tensor, "a ..."]:
    z: Float[Tensor, "..."] = x
    return z
"""
    assert found(body) == []


def test_a_site_says_where_it_stands() -> None:
    body = """
class Model:
    def forward(self, x):
        def inner(y):
            return (
                y.relu()
                .unsqueeze(1)
            )
        return inner(x)
TABLE = torch.zeros(1, 2)
def late(x=torch.ones(3, 4)):
    pass
"""
    chained, table, default = found(body)
    assert chained.place.function == "Model.forward.<locals>.inner"
    assert (chained.place.line, chained.text) == (12, ".unsqueeze(1)")
    assert (chained.span.line, chained.span.end_line) == (11, 12)
    assert not chained.at_import
    assert table.at_import
    assert default.at_import


def test_what_the_author_wrote_is_kept_in_a_mutation() -> None:
    (site,) = in_function("(y  +  1).unsqueeze( 0 )")
    assert site.subject == "y  +  1"
    assert afters(site)[:2] == ["(y  +  1)", "(y  +  1).unsqueeze(-1)"]


def test_an_f_string_holds_sites_too() -> None:
    (site,) = in_function('f"{x.mean(0)} and {n}"')
    assert site.before == "x.mean(0)"


def test_a_dim_in_a_variable_is_another_dim() -> None:
    (site,) = in_function("x.unsqueeze(n)")
    assert "x.unsqueeze(n - 1)" in afters(site)


def test_a_mask_drops_no_axis() -> None:
    assert in_function("x[x > 0]") == []


@pytest.mark.parametrize("file", sorted((ROOT / "tutorial").glob("*.py")), ids=lambda f: f.name)
def test_the_sites_of_the_tutorial_read_as_its_text_does(file: Path) -> None:
    source = file.read_text("utf-8")
    for site in sites(source, str(file)):
        written = ast.get_source_segment(source, _at(site))
        assert written == site.before


def _at(site: Site) -> ast.expr:
    span = site.span
    return ast.Pass(  # type: ignore[return-value]  # only its position is looked at
        lineno=span.line,
        col_offset=span.column,
        end_lineno=span.end_line,
        end_col_offset=span.end_column,
    )
