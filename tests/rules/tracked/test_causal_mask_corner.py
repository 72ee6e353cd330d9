"""causal-mask-corner: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F

_CACHE = """
past, q, k = torch.randn(2, 4, 6, 8), torch.randn(2, 4, {new}, 8), torch.randn(2, 4, {new}, 8)
keys = torch.cat((past, k), dim=2)
"""
_ATTEND = "F.scaled_dot_product_attention(q, keys, keys, {how})\n"

FIRES = {
    "one new query": _CACHE.format(new=1) + _ATTEND.format(how="is_causal=True"),
    "a chunk of new queries": _CACHE.format(new=3) + _ATTEND.format(how="None, 0.0, True"),
}

SILENT = {
    "one new query that sees all": _CACHE.format(new=1) + _ATTEND.format(how="is_causal=False"),
    "a mask with the corner at the last key": _CACHE.format(new=3)
    + _ATTEND.format(how="attn_mask=torch.ones(3, 9).bool().tril(6)"),
    "keys that were joined with queries as well": _CACHE.format(new=3)
    + "q = torch.cat((past, q), dim=2)\n"
    + _ATTEND.format(how="is_causal=True"),
    "keys that are filled up behind the last": """
q, k = torch.randn(2, 4, 5, 8), torch.randn(2, 4, 5, 8)
keys = torch.cat((k, torch.zeros(2, 4, 3, 8)), dim=2)
F.scaled_dot_product_attention(q, keys, keys, is_causal=True)
""",
    "the first tokens of a cache that was made for many": """
cache, q = torch.zeros(2, 4, 32, 8), torch.randn(2, 4, 5, 8)
cache[:, :, :5] = torch.randn(2, 4, 5, 8)
F.scaled_dot_product_attention(q, cache, cache, is_causal=True)
""",
}


@pytest.mark.parametrize("body", FIRES.values(), ids=FIRES)
def test_fires(body: str, seen: Any) -> None:
    found = seen(body)
    assert [f"{f.severity.value} {f.slug}" for f in found] == ["warning causal-mask-corner"]


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_silent(body: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(body)] == []


@pytest.mark.parametrize("new", [1, 3])
def test_the_remedy_is_what_one_pass_over_all_gives(new: int, seen: Any) -> None:
    body = _CACHE.format(new=new) + _ATTEND.format(how="is_causal=True")
    (found,) = seen(body)
    torch.manual_seed(0)
    q, keys = torch.randn(1, 2, 9, 4), torch.randn(1, 2, 9, 4)
    whole = F.scaled_dot_product_attention(q, keys, keys, is_causal=True)
    scope = {"torch": torch, "F": F, "q": q[:, :, -new:], "keys": keys}
    mended = eval(f"F.scaled_dot_product_attention(q, keys, keys, {found.remedy})", scope)
    assert torch.allclose(mended, whole[:, :, -new:], atol=1e-6)
