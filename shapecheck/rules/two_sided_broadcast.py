"""Both operands of an elementwise operation grew where their samples were meant to meet."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView, Broadcast
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.signs import spoken
from shapecheck.rules._axes import finding, named, proven, shape

# |x|² + |y|² in distances, |x| |y| in cosines: what pairs the norms of two sets of vectors.
_PAIRING = ("add", "radd", "mul", "rmul", "div", "truediv", "maximum", "minimum")
_DATA = ("tensor", "as_tensor", "from_numpy")
_TURNS = ("T", "t", "mT", "transpose", "swapaxes", "swapdims", "permute")


def check(fact: Broadcast) -> Iterator[Finding]:
    """Silent where both sides were asked for, or one was made from the other (pairwise)."""
    if fact.related or all(fact.asked) or _distances(fact) or _masks(fact):
        return
    left, right = fact.operands
    if left.lost or right.lost:
        return  # squeeze-drops-axis tells where the axis went
    crossing = _crossing(fact)
    if crossing is not None:
        sure = set(fact.asked) <= {"", "keepdim", "turned"} and not _within_samples(fact)
        meeting = f"the axis {named(crossing)} stands on both and does not meet itself"
    elif column := _behind_pairs(fact):
        sure = False
        meeting = f"{column} holds all pairs of one set, with an axis of size one behind them"
    elif not any(fact.asked) and (size := _equal_sizes(fact) or _row_of_targets(fact)):
        sure = False
        meeting = f"both have an axis of size {size}, at different positions"
    else:
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if sure else Severity.WARNING,
        f"both operands of {spoken(fact.operation)} grow to {fact.result}: {meeting}",
        expected=f"operands of one shape, as {shape(right)}",
        actual=f"{shape(left)} with {shape(right)} gives {fact.result}",
        cause="every index is combined with every other one, where each belongs to its own",
        remedy=_remedy(fact),
    )


def _distances(fact: Broadcast) -> bool:
    """True for a column kept by keepdim that meets a row made the same way: all pairs.

    That is how distances and cosines are written. Where keepdim left more axes of size one than
    that, (B, 1, 1, 1), or errors meet labels or weights, no pairs were meant. A column that was
    turned into a row is added to another for the scores of all pairs (Veličković et al., 2018,
    equation 3); taken from another it is an error of a prediction, unless that is done for each
    sample by itself: all quantiles with all (Dabney et al., 2018). Steps of a sequence that was
    turned lines before are no quantiles.
    """
    left, right = fact.operands
    if "turned" in fact.asked and _within_samples(fact):
        return any(side.made_by in _TURNS for side in (left, right)) or not _steps(fact)
    if 1 in fact.result or fact.operation.strip("_") not in _PAIRING:
        return False
    kept = "keepdim" in fact.asked and left.made_by == right.made_by
    return kept or "turned" in fact.asked


def _steps(fact: Broadcast) -> bool:
    crossing = _crossing(fact)
    return crossing is not None and proven(crossing, Role.TIME)


def _within_samples(fact: Broadcast) -> bool:
    """True where an axis before the two that grow stands on both operands and meets itself."""
    left, right = fact.operands
    first, other = left.axes[0], right.axes[0]
    alike = len(left.axes) == len(right.axes) == len(fact.result) > 2
    return alike and first.size == other.size > 1 and first.identities == other.identities


def _masks(fact: Broadcast) -> bool:
    """True for masks that are combined: (B, 1, 1, T) and (T, T) give (B, 1, T, T)."""
    return all(operand.dtype == "bool" for operand in fact.operands)


def _crossing(fact: Broadcast) -> AxisView | None:
    """An axis that both operands have, each where the other grows.

    A step of a recursion (B, from, 1) with a table (from, to) has `to` on both, and meets `from`.
    Some entries of an axis (the points that centres begin at) are not the axis.
    """
    rank = len(fact.result)
    left, right = fact.operands
    where = {
        (axis.identities, axis.size): position + rank - len(left.axes)
        for position, axis in enumerate(left.axes)
        if axis.size > 1
    }
    for position, axis in enumerate(right.axes):
        at = where.get((axis.identities, axis.size))
        if (
            axis.size > 1
            and not any(part.shared for part in axis.parts or (axis,))
            and at is not None
            and _grown(fact, at, position + rank - len(right.axes))
        ):
            return axis
    return None


def _grown(fact: Broadcast, left: int, right: int) -> bool:
    return (1, left) in fact.grew and (0, right) in fact.grew


def _equal_sizes(fact: Broadcast) -> int:
    """The size of the axes that look the same, where nothing is known about one of them."""
    left, right = fact.operands
    columns = [operand for operand in (left, right) if len(operand.shape) == 2]
    vectors = [operand for operand in (left, right) if len(operand.shape) == 1]
    if len(columns) != 1 or len(vectors) != 1 or columns[0].shape[1] != 1:
        return 0
    column, vector = columns[0].axes[0], vectors[0].axes[0]
    told = all(axis.names or axis.role is not None or axis.parts for axis in (column, vector))
    return column.size if column.size == vector.size > 1 and not told else 0


def _row_of_targets(fact: Broadcast) -> int:
    """The size of a row of data, (1, N), that is taken from the predictions of a layer, (N, 1)."""
    if "sub" not in fact.operation:
        return 0
    for column, row in (fact.operands, fact.operands[::-1]):
        size = column.shape[0]
        predicted = column.shape == (size, 1) and column.made_by == "linear"
        told = any(axis.names or axis.role is not None for axis in row.axes)
        if predicted and row.shape == (1, size) and row.made_by in _DATA and not told:
            return size
    return 0


def _behind_pairs(fact: Broadcast) -> str:
    """What compares a set with itself, a column with each of its entries: (n, n, 1) by (n, n).

    Labels (n, 1) compared as `labels[None] == labels[:, None]` keep their column. Whoever asks for
    an axis behind the pairs means it.
    """
    for pairs, other in (fact.operands, fact.operands[::-1]):
        if len(pairs.axes) != 3 or other.shape != pairs.shape[:-1]:
            continue
        one, two, last = pairs.axes
        alike = one.identities == two.identities and one.size > 1
        if alike and last.size == 1 and last.grown in ("", "written"):
            return pairs.text or "one of them"
    return ""


def _remedy(fact: Broadcast) -> str:
    for operand in fact.operands:
        if len(operand.shape) == 2 and operand.shape[1] == 1:
            return f"{operand.text}.squeeze(1)" if operand.text.isidentifier() else ".squeeze(1)"
    return ""


RULE = Rule(
    "two-sided-broadcast",
    Severity.ERROR,
    "Both operands of an elementwise operation grew where their samples were meant to meet.",
    Broadcast,
    check,
)
