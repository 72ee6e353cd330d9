"""Axes that meet index by index: by broadcasting, in a product, in a loss.

What is known about the two goes on in the axis they give; where they are known to be different
axes, that is a fact.
"""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import Alignment, Operand, at_odds
from shapecheck.core.tracked import agreed
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, view_of
from shapecheck.runtime.flow.call import Call, positive
from shapecheck.runtime.flow.order.apart import DIAGONAL, far_apart
from shapecheck.runtime.flow.order.flattened import out_of_order, taken_apart, taken_otherwise
from shapecheck.runtime.flow.statistics.across import told_by_values

Side = tuple[Tensor | Axes, int]  # a tensor (or its axes) and the position of one axis
_WEIGHTED = ("linear", "conv1d", "conv2d", "conv3d", "batch_norm", "layer_norm")
_CONTRACTIONS = frozenset(
    ("matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "mv", "dot", "vdot", "einsum", "addmm")
)
_QUOTIENTS = frozenset(("div", "divide", "true_divide", "__truediv__", "__itruediv__"))
_CROSS_ENTROPIES = ("binary_cross_entropy", "binary_cross_entropy_with_logits")
_DISTANCES = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "__sub__", "__rsub__", "sub")
_COMPARES = frozenset((*_CROSS_ENTROPIES, *_DISTANCES))
_MAKERS = ("linear", "embedding", "nn.")  # how the origin begins of what a layer made
_CHOOSING = frozenset(("__getitem__", "index_select", "gather", "take_along_dim"))
_OF_DATA = (Role.BATCH, Role.TIME)
_OF_MODEL = (Role.FEATURE, Role.CHANNEL, Role.CLASS, Role.HEAD, Role.LAYER)


def meet(call: Call, left: tuple[Axis, ...], right: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes of two operands broadcast together, aligned at their last axes."""
    rank = max(len(left), len(right))
    result = []
    for i in range(-rank, 0):
        a = left[i] if -i <= len(left) else None
        b = right[i] if -i <= len(right) else None
        result.append(both(a, b))
    return tuple(result)


def both(a: Axis | None, b: Axis | None) -> Axis:
    """The axis that two aligned axes give. What is known wins over what is not."""
    if a is None or b is None:
        kept = a if a is not None else b
        assert kept is not None
        return kept
    if a is b or a == b:
        return a
    if a.size == 1 and b.size != 1:
        return b
    if b.size == 1 and a.size != 1:
        return a
    tag = a.normalised or b.normalised
    kept = a if a.evidence or not b.evidence else b
    if _says_more(a, b):
        kept = a
    elif _says_more(b, a):
        kept = b
    if a.evidence and b.evidence and a.single is not None and b.single is not None:
        (ra, sa), (rb, sb) = a.single.role(), b.single.role()
        if rb is not None and (ra is None or (sb and not sa)):
            kept = b
    if tag != kept.normalised:
        return replace(kept, normalised=tag)
    if a.size == 1 and "turned" in (a.grown, b.grown) and kept.grown in ("", "written"):
        return replace(kept, grown="turned")
    return kept


def _says_more(composed: Axis, other: Axis) -> bool:
    """True where one axis is made of others, and nobody named the other or said what it is.

    What is made of the other itself says nothing of it.
    """
    single = other.single
    if composed.single is not None or single is None or single.names or single.declared:
        return False
    parents = [part.identity.parent for part in composed.parts]
    return all(parent is None or parent[0] is not single for parent in parents)


def aligned(call: Call, left: Tensor, right: Tensor, at: tuple[int, int] = (0, 1)) -> None:
    """Record axes that meet index by index though they are known to differ in meaning."""
    a, b = call.axes(left), call.axes(right)
    for i in range(-min(len(a), len(b)), 0):
        differing(call, (left, i), (right, i), at)


def differing(call: Call, left: Side, right: Side, at: tuple[int, int] = (0, 1)) -> None:
    """Record one pair of axes that are used as one though they are known to differ."""
    one, other = _whole(call, left[0]), _whole(call, right[0])
    a, b = one.items[left[1]], other.items[right[1]]
    if a.size != b.size or a.size == 1:
        return
    same = one.root is other.root  # a tensor beside its own view
    elsewhere = "" if same else out_of_order(a, b)
    if a.single is not None and b.single is not None:
        if a.single is b.single:
            return
        if taken := taken_otherwise(a.single, b.single):
            _aligned(call, (one, left, at[0]), (other, right, at[1]), taken)
            return
        square = a.single.shared or b.single.shared
        if square and not _tells(call, (one, a.single), (other, b.single)):
            return
        elsewhere = _elsewhere(call, (one, left[1]), (other, right[1]))
        if not elsewhere and not at_odds(a.single.role()[0], b.single.role()[0]):
            return
    else:
        elsewhere = elsewhere or _beside_merged(call, (one, a), (other, b))
        if not elsewhere:
            return
    found = (elsewhere, taken_apart(a, b), taken_apart(b, a))
    _aligned(call, (one, left, at[0]), (other, right, at[1]), found)


def _aligned(
    call: Call,
    left: tuple[Axes, Side, int],
    right: tuple[Axes, Side, int],
    found: tuple[str, Axis, Axis],
) -> None:
    operands = [_operand(call, side[0], at) for _, side, at in (left, right)]
    at = [positive(side[1], len(axes.items)) for axes, side, _ in (left, right)]
    how, a, b = found
    views = (view_of(a), view_of(b))
    call.emit(
        Alignment(
            call.place, call.name, operands[0], operands[1], views, (at[0], at[1]), how,
        )
    )  # fmt: skip


def beside(call: Call, left: Side, right: Side, texts: tuple[str, str]) -> None:
    """Record two axes that stand beside each other and hold what they hold in two orders."""
    one, other = _whole(call, left[0]), _whole(call, right[0])
    a, b = one.items[left[1]], other.items[right[1]]
    if a.size != b.size or a.size == 1 or one.root is other.root:
        return
    if elsewhere := out_of_order(a, b):
        operands = call.described(one, texts[0]), call.described(other, texts[1])
        axes = view_of(taken_apart(a, b)), view_of(taken_apart(b, a))
        at = positive(left[1], len(one.items)), positive(right[1], len(other.items))
        call.emit(Alignment(call.place, call.name, *operands, axes, at, elsewhere))


def selected(call: Call, source: Tensor, at: int, mask: Tensor) -> None:
    """A mask lies along the axes it selects from: entry by entry, from the axis `at` on."""
    for i in range(mask.dim()):
        beside(call, (source, at + i), (mask, i), (call.operand_text(0), call.operand_text(1)))


def _once(large: Axes, small: Axes, shared: Identity) -> bool:
    """True where an axis of a square stands once in the larger operand, and nothing meets it."""
    return len(large.items) > len(small.items) and _unmet(large, small, shared)


def _whole(call: Call, operand: Tensor | Axes) -> Axes:
    return operand if isinstance(operand, Axes) else call.track(operand)


def _operand(call: Call, operand: Tensor | Axes, position: int) -> Operand:
    if isinstance(operand, Axes):
        return call.described(operand, call.operand_text(position))
    return call.operand(operand, position)


def _elsewhere(call: Call, left: tuple[Axes, int], right: tuple[Axes, int]) -> str:
    """How an axis that should have met stands at another position of the other operand.

    `exchanged`: both operands have both axes, the other way round. `weight`: a layer was made for
    an axis that its input has elsewhere; `pooled`: that it had until a mean was taken.
    `displaced`: the axis of one operand stands elsewhere in the other, where nothing meets it.
    `role`: likewise an axis of its role. `apart`: the two were declared under different names in
    one call, or stood beside one another in one tensor under different names; `given` in a tensor
    that was given, not computed. These two not where one was cut to the other's size:
    `keys[-n_queries:]` are meant to stand beside the queries; nor where entries of both were
    chosen. Empty where none holds.
    """
    one, other = left[0], right[0]
    a, b = one.items[left[1]].single, other.items[right[1]].single
    left_has = [axis.single for axis in one.items]
    right_has = [axis.single for axis in other.items]
    if one.root is other.root or a is None or b is None:
        return ""
    if call.name in _WEIGHTED:
        # Of a size that several axes have by design, no layer is made for one of them.
        if left_has.count(b) == 1 and not b.shared:
            return "weight"
        return "pooled" if _pooled(one, a, b) else ""
    if left_has.count(b) == right_has.count(a) == 1 and len(left_has) == len(right_has):
        return "exchanged" if left_has.index(b) == right_has.index(a) else ""
    if _displaced(call, one, other, a, b) or _displaced(call, other, one, b, a):
        return "displaced"
    twice = left_has.count(a) > 1 or right_has.count(b) > 1
    if twice and call.name not in _CONTRACTIONS:
        return ""  # all pairs of items beside (users, items): they are paired by their number
    if a.declared_in is not None and a.declared_in is b.declared_in:
        return "apart"
    if call.name not in _CONTRACTIONS and (_role_unmet(one, other, b) and _meaning(a)):
        return "role" if _meaning(a) is not _meaning(b) else ""
    if call.name not in _CONTRACTIONS and (_role_unmet(other, one, a) and _meaning(b)):
        return "role" if _meaning(a) is not _meaning(b) else ""
    if b.serial in a.fitted or a.serial in b.fitted or _both_chosen(one, other, a, b):
        return ""
    if call.name not in _CONTRACTIONS and _given_apart(a, b):
        return "given"
    return "apart" if _apart(a, b) or _made_beside(call, a, b) or _made_beside(call, b, a) else ""


def _displaced(call: Call, large: Axes, small: Axes, met: Identity, own: Identity) -> bool:
    """True where `own` of the smaller operand stands in the larger one and nothing meets it.

    A square matrix of which nothing is known has two axes of one meaning, and rows are scaled as
    well as columns; only where it is divided by its own sums it is clear which is meant.
    """
    if not _unmet(large, small, own) or told_by_values(call, large, small):
        return False
    if large.marks.rows is not None:  # padding along the queries, then along the keys as well
        return False
    if own.origin == DIAGONAL:  # of a square: it goes along the rows as well as the columns
        return False
    if met.evidence:
        return True
    if call.name in _CONTRACTIONS:
        return False
    if met.place != own.place or met.origin != own.origin or far_apart(large, met, own):
        return True
    of_itself = small.reduced is not None and small.reduced.root is large.root
    return of_itself and call.name in _QUOTIENTS


def _beside_merged(call: Call, left: tuple[Axes, Axis], right: tuple[Axes, Axis]) -> str:
    """`displaced`: axes merged, `rows * columns`, met by one that stands elsewhere beside them."""
    for (large, met), (small, own) in ((left, right), (right, left)):
        single = own.single
        if met.single is not None or single is None or call.name in _CONTRACTIONS:
            continue
        parts = [part.identity for part in met.parts]
        told = single.evidence and not single.shared and all(_told(each) for each in parts)
        if told and large.root is not small.root and _unmet(large, small, single):
            return "displaced"
    return ""


def _told(identity: Identity) -> bool:
    """True where anybody said anything of an axis, or of what it was split from."""
    return identity.evidence or (identity.parent is not None and _told(identity.parent[0]))


def _unmet(larger: Axes, smaller: Axes, identity: Identity) -> bool:
    """True where an axis stands once in `larger`, and nothing of `smaller` meets it there."""
    places = [i for i, axis in enumerate(larger.items) if axis.single is identity]
    if len(places) != 1:
        return False
    from_the_end = places[0] - len(larger.items)
    return -from_the_end > len(smaller.items) or smaller.items[from_the_end].size == 1


def _meaning(identity: Identity) -> Role | None:
    """The role that names give, or else the one that all operations have read."""
    return identity.role()[0] or agreed(identity.reads)[0]


def _role_unmet(large: Axes, small: Axes, own: Identity) -> bool:
    """True where one axis of the larger operand has the role of `own`, and nothing meets it."""
    role = _meaning(own)
    if role is None or role in (Role.FEATURE, Role.TIME):
        return False
    same = [axis.single for axis in large.items if axis.single and _meaning(axis.single) is role]
    return len(same) == 1 and same[0] is not own and _unmet(large, small, same[0])


def _both_chosen(one: Axes, other: Axes, a: Identity, b: Identity) -> bool:
    """True where entries of both were taken: `users[i] * items[j]` pairs what `i` and `j` say."""
    return a.sliced and b.sliced and {one.root.made_by, other.root.made_by} <= _CHOOSING


def _given_apart(a: Identity, b: Identity) -> bool:
    """True for two axes of one tensor that came with other sizes, or of which one is the batch.

    Two axes of a square that is given may be one set (an adjacency, distances): not those.
    """
    if b.serial not in a.given or at_odds(a.role()[0], b.role()[0]):
        return False
    batches = [identity.role() == (Role.BATCH, True) for identity in (a, b)]
    unnamed = [identity.role()[0] is not Role.BATCH for identity in (a, b)]
    return a.given[b.serial] or (any(batches) and any(unnamed))


def _tells(call: Call, left: tuple[Axes, Identity], right: tuple[Axes, Identity]) -> bool:
    """True where an axis of a square is told from the other: it stands once, or was pooled away."""
    (one, a), (other, b) = left, right
    if _once(one, other, b) or _once(other, one, a):
        return True
    return call.name in _WEIGHTED and _pooled(one, a, b)


def _pooled(given: Axes, read: Identity, meant: Identity) -> bool:
    """True where a mean or sum took from an input what a layer was made for; another is left.

    That weights of this size are square says nothing: the input had this axis once.
    """
    before = [axis.single for axis in given.root.reduced.items] if given.root.reduced else []
    left = [axis.single for axis in given.items]
    once = before.count(meant) == before.count(read) == 1
    return once and meant not in left and bool(read.names and meant.names)


def _made_beside(call: Call, batch: Identity, made: Identity) -> bool:
    """True for the samples compared with what a layer made for each of them: its hidden units."""
    if call.name not in _COMPARES or batch.role() != (Role.BATCH, True) or made.names:
        return False
    return made.origin.startswith(_MAKERS) and not made.shared and batch.serial in made.beside


def _apart(a: Identity, b: Identity) -> bool:
    """True for axes that stood side by side in one tensor under different names.

    Sizes of layers are often equal by design (a residual needs it), those of data are not.
    """
    if b.serial not in a.beside or not a.names or not b.names or set(a.names) & set(b.names):
        return False
    one, other = a.role()[0], b.role()[0]
    if one is other and one is not None:
        return False
    if one in _OF_DATA or other in _OF_DATA:
        return True
    both_told = all(any(len(name) > 1 for name in x.names) for x in (a, b))
    return both_told and one not in _OF_MODEL and other not in _OF_MODEL
