"""Which of the changes that were tried agree with what is known of the axes."""

from __future__ import annotations

from collections.abc import Callable

from shapecheck.core.axis import Role
from shapecheck.core.evidence import Crash
from shapecheck.core.tracked import at_odds
from shapecheck.core.tried import ChangeKind, Tried
from shapecheck.rules._reading import roles_read

Choice = list[Tried]


def of(crash: Crash, *kinds: ChangeKind) -> Choice:
    """What was tried of some kinds, in the order of the kinds, but for what roles contradict."""
    return [
        one for kind in kinds for one in crash.tried if one.kind == kind and allowed(crash, one)
    ]


def allowed(crash: Crash, one: Tried) -> bool:
    """False where an axis would then be read as what it is known not to be."""
    return agreement(crash, one) >= 0


def agreement(crash: Crash, one: Tried) -> int:
    """How many axes are then read as what they are; -1 where one is read as another."""
    if one.operand < 0 or not one.axes:
        return 0
    axes = crash.operands[one.operand].axes
    if not axes or one.name == "elsewhere":
        return 0
    agreed = 0
    reads = roles_read(crash, one.operand, len(one.axes))
    for role, olds in zip(reads, one.axes, strict=False):
        held = [axes[i].role for i in olds if i < len(axes) and axes[i].size > 1]
        if any(at_odds(role, other) for other in held):
            return -1
        agreed += role is not None and role in held
    return agreed


def best(crash: Crash, found: Choice, prefer: Callable[[Tried], int] | None = None) -> Choice:
    """The candidates that agree best with the roles, and among them those preferred most."""
    if not found:
        return []

    def rank(one: Tried) -> tuple[int, int]:
        return agreement(crash, one), prefer(one) if prefer is not None else 0

    top = max(map(rank, found))
    return [one for one in found if rank(one) == top]


def keeps_first(one: Tried) -> bool:
    """True where the first axis, which holds the samples as a rule, stays where it is."""
    return bool(one.axes) and one.axes[0] == (0,)


def in_order(one: Tried) -> int:
    """1 where a single axis moved and the others kept their order (channels last to first)."""
    flat = [i for olds in one.axes for i in olds]
    rests = ([k for k in flat if k != i] for i in flat)
    return int(any(rest == sorted(rest) for rest in rests))


def single(found: Choice) -> Choice:
    """The candidates where they all come to one shape; nothing where chance would choose."""
    return found[:1] if len({(one.operands, one.shape) for one in found}) == 1 else []


def fewest(found: Choice) -> int:
    return min((len(one.shape) for one in found), default=0)


def orders(crash: Crash) -> Choice:
    """Another order of the input's axes, where one alone keeps samples and neighbours."""
    found = [one for one in of(crash, "order") if keeps_first(one) or _unbatched(crash, one)]
    return single(best(crash, found, in_order))


def _unbatched(crash: Crash, one: Tried) -> bool:
    """True for an image alone, whose first axis holds no samples."""
    reads = roles_read(crash, one.operand, len(one.axes))
    return reads[:1] == (Role.CHANNEL,) and in_order(one) == 1
