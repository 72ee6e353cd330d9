"""Which of the changes that were tried to recommend: those that agree with what is known.

Many changes make a refused operation go through, most of them by chance. One is told only where
the kind of operation says that it is what is meant, no axis is then read as what it is not, and
no other of its kind does as well; two at the most.
"""

from __future__ import annotations

from collections.abc import Callable

from shapecheck.core.axis import Role
from shapecheck.core.evidence import Crash
from shapecheck.core.tried import Tried
from shapecheck.rules._fitting import Choice, of
from shapecheck.rules._mending_layers import for_classes, for_layer, for_pairs
from shapecheck.rules._mending_operands import (
    for_joined,
    for_layout,
    for_letters,
    for_meeting,
    for_other,
    for_picked,
    for_product,
)
from shapecheck.rules._reading import roles_read

_PRODUCTS = frozenset(("matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "mv", "dot", "addmm"))
_JOINS = frozenset(("cat", "concat", "concatenate", "stack", "hstack", "vstack"))
_LAYOUTS = frozenset(("view", "reshape"))
_PICKS = frozenset(("gather", "scatter", "scatter_", "scatter_add", "scatter_add_"))
_CLASS_LOSSES = frozenset(("nn.CrossEntropyLoss", "nn.NLLLoss", "cross_entropy", "nll_loss"))
_PAIRED = (
    "nn.BCELoss nn.BCEWithLogitsLoss nn.MSELoss nn.L1Loss nn.SmoothL1Loss nn.HuberLoss "
    "binary_cross_entropy binary_cross_entropy_with_logits mse_loss l1_loss smooth_l1_loss"
)
_MEETING = (
    "add sub mul div truediv true_divide floordiv pow mod eq ne lt le gt ge where masked_fill "
    "masked_fill_ __add__ __sub__ __mul__ __truediv__ and_ or_ rsub __rsub__ __radd__ __rmul__ "
    "add_ sub_ mul_ div_ minimum maximum logical_and logical_or"
)
_PAIR_LOSSES = frozenset(_PAIRED.split())
_ELEMENTWISE = frozenset(_MEETING.split())


def chosen(crash: Crash) -> tuple[Tried, ...]:
    """The changes to recommend, the likeliest first: at most two."""
    casts = [one for one in crash.tried if one.kind == "cast" and one.name != "double"]
    if casts:
        also = [one for one in crash.tried if one.kind == "picked"][:1]
        return (*also, *casts[:1])
    earlier = _earlier(crash)
    if earlier:
        return tuple(earlier)
    for names, choose in _FAMILIES:
        if crash.operation in names:
            return tuple(choose(crash)[:2])
    if crash.operation.startswith("nn."):
        return tuple(for_layer(crash)[:2])
    return tuple(for_other(crash)[:2])


def _earlier(crash: Crash) -> Choice:
    """Where the fault lies earlier: what was joined fits when it is joined along another axis."""
    found = of(crash, "earlier")
    rows = [one for one in found if one.name in ("rows", "flat", "batch")]
    joins = [one for one in found if one.name == "dim" and _fills(crash, one)]
    return rows[:1] or (joins if len(joins) == 1 else [])


def _fills(crash: Crash, one: Tried) -> bool:
    """True where the joined axis is then the one that was refused: its size was right by design."""
    read = roles_read(crash, one.operand, len(one.shape))
    at = next((i for i, role in enumerate(read) if role in (Role.FEATURE, Role.CHANNEL)), None)
    return at is None or at == one.value


_FAMILIES: tuple[tuple[frozenset[str], Callable[[Crash], Choice]], ...] = (
    (_CLASS_LOSSES, for_classes),
    (_PAIR_LOSSES, for_pairs),
    (_PRODUCTS, for_product),
    (_JOINS, for_joined),
    (_LAYOUTS, for_layout),
    (_PICKS, for_picked),
    (_ELEMENTWISE, for_meeting),
    (frozenset(("einsum",)), for_letters),
)
