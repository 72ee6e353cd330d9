"""A causal mask counts its queries from the first key, though they follow the keys of a cache."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import Masked, Operand
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, line


def check(fact: Masked) -> Iterator[Finding]:
    """Fires where keys were joined, and `is_causal` hides the last of them from all queries."""
    if fact.unseen is None:
        return
    queries, keys = fact.operand.shape[-2], fact.mask.shape[-2]
    sees = f"they see the first {queries} keys at most"
    if queries == 1:
        sees = "the query sees the first key alone"
    joined = f" ({line(fact.mask.made_at, fact.place)})" if fact.mask.made_at else ""
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"is_causal counts from the first key, but the queries are the last of {keys} keys that "
        f"were joined{joined}: {sees}",
        expected="a mask whose corner lies at the last key; one new query needs none, for it may "
        "see all that came before",
        actual=f"query i sees the keys 0 to i; keys {queries} to {keys - 1} are hidden from all",
        cause="torch puts the corner of the triangle at the first query and the first key, however "
        "many keys there are",
        remedy=_remedy(fact.operand, fact.mask),
    )


def _remedy(query: Operand, key: Operand) -> str:
    queries, keys = f"{query.text or 'query'}.size(-2)", f"{key.text or 'key'}.size(-2)"
    if query.shape[-2] == 1:
        return f"is_causal={queries} == {keys}"
    ones = f"torch.ones({queries}, {keys}, dtype=torch.bool)"
    return f"attn_mask={ones}.tril({keys} - {queries})"


RULE = Rule(
    "causal-mask-corner",
    Severity.WARNING,
    "A causal mask counts its queries from the first key, though they follow the keys of a cache.",
    Masked,
    check,
)
