"""What to recommend where the operands of one operation do not go together."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from shapecheck.core.axis import Role
from shapecheck.core.evidence import Crash
from shapecheck.core.tracked import AxisView, at_odds
from shapecheck.core.tried import ChangeKind, Tried
from shapecheck.rules._fitting import Choice, fewest, keeps_first, of, single


def for_product(crash: Crash) -> Choice:
    """One of the factors turned, or an axis added where the product needs one."""
    sides = range(len(crash.operands))
    if len(crash.operands) != 2:
        return for_other(crash)
    most = max(len(operand.shape) for operand in crash.operands)
    found = [one for one in of(crash, "order") if _swaps_last_two(one) and one.operand in sides]
    found = [one for one in found if not _sums_samples(crash, one)]
    exchanged = of(crash, "exchange")
    if found or exchanged:
        return [*sorted(found, key=lambda one: -one.operand), *exchanged]
    missing = [one for one in of(crash, "missing") if len(one.shape) <= most]
    return single(missing) or single(of(crash, "extra"))


def _swaps_last_two(one: Tried) -> bool:
    rank = len(one.axes)
    whole = [(i,) for i in range(rank)]
    return list(one.axes) == [*whole[:-2], (rank - 1,), (rank - 2,)]


def _sums_samples(crash: Crash, one: Tried) -> bool:
    """True where the product would then sum over an axis that holds the samples."""
    axes = crash.operands[one.operand].axes
    summed = one.axes[-1 if one.operand == 0 else -2]
    return any(axes[i].role is Role.BATCH for i in summed if i < len(axes))


def for_meeting(crash: Crash) -> Choice:
    """Operands that meet number by number: the smaller one laid along the other's axes."""
    if len(crash.operands) < 2:
        return []
    sliced = of(crash, "sliced")
    if sliced:
        return sliced[:1]
    found = []
    for one in of(crash, "missing", "extra", "order"):
        others = [o for i, o in enumerate(crash.operands) if i not in one.operands]
        largest = max(others, key=lambda o: (len(o.shape), prod(o.shape)))
        fits = one.result == largest.shape and len(one.shape) <= len(largest.shape)
        if fits and (one.kind != "order" or one.shape == largest.shape):
            found.append(one)
    kinds = [one.kind for one in found]
    found = [one for one in found if one.kind == kinds[0]]
    best = [one for one in found if _meets(crash, one) == max(_meets(crash, o) for o in found)]
    best = [one for one in best if _meets(crash, one) >= 0]
    best = [one for one in best if _in_place(one) == max(map(_in_place, best))]
    shapes = {(one.operands, one.shape): one for one in reversed(best)}
    return list(shapes.values()) if len(shapes) <= 2 else []


def _in_place(one: Tried) -> int:
    """How many axes at the end stay where they are: what met rightly goes on to meet."""
    count = 0
    olds = sorted(i for axes in one.axes for i in axes)
    for new, old in zip(reversed(one.axes), reversed(olds), strict=False):
        if new != (old,):
            break
        count += 1
    return count


def _meets(crash: Crash, one: Tried) -> int:
    """How many axes meet themselves after a step; -1 where one meets what it is not."""
    mine = crash.operands[one.operand].axes
    others = [o for i, o in enumerate(crash.operands) if i not in one.operands]
    theirs = max(others, key=lambda o: len(o.shape)).axes
    if not mine or not theirs:
        return 0
    count = 0
    for olds, axis in zip(reversed(one.axes), reversed(theirs), strict=False):
        for old in olds:
            own = mine[old]
            if own.size == 1 or axis.size == 1:
                continue
            if at_odds(own.role, axis.role):
                return -1
            count += _is_same(own, axis)
    return count


def _is_same(a: AxisView, b: AxisView) -> bool:
    if a.identity and a.identity == b.identity:
        return True
    return bool(set(a.names) & set(b.names)) or (a.role is not None and a.role is b.role)


def for_joined(crash: Crash) -> Choice:
    """Tensors side by side: an axis more or less, another axis to join along, another order."""
    instead = of(crash, "instead")
    if instead:
        return instead[:1]
    missing = of(crash, "missing", "extra")
    most = max((len(operand.shape) for operand in crash.operands), default=0)
    missing = [one for one in missing if len(one.shape) <= most]
    missing = [one for one in missing if one.name != "repeated"] or missing
    flat = [one for one in of(crash, "merged") if keeps_first(one)]
    turned = [one for one in of(crash, "order") if one.axes]
    dims = of(crash, "argument")
    if missing or flat:
        return single(missing) or flat[:1]
    return dims if len(dims) == 1 else [] if dims else _simplest(turned)


def _simplest(found: Choice) -> Choice:
    """For each operand the first order that fits."""
    first: dict[int, Tried] = {}
    for one in found:
        first.setdefault(one.operand, one)
    return list(first.values()) if len(first) <= 2 else []


def for_picked(crash: Crash) -> Choice:
    """An index beside the tensor that it picks from: as many axes, and alike but along one."""
    found = []
    for one in of(crash, "missing"):
        whole = crash.operands[0].shape
        apart = [a for a, b in zip(one.shape, whole, strict=False) if a != b]
        if one.operand > 0 and len(one.shape) == len(whole) and len(apart) <= 1:
            found.append(one)
    return single(found)


def for_layout(crash: Crash) -> Choice:
    """A view: as a reshape, or with the size left open that is not the source's."""
    source = crash.operands[0].shape if crash.operands else ()
    instead = of(crash, "instead")
    if instead:
        return instead[:1]
    found = [one for one in of(crash, "argument") if one.shape[:1] == source[:1]]
    if found:
        return found[:1]
    return [one for one in of(crash, "merged") if not one.result or one.result == one.shape][:1]


def for_letters(crash: Crash) -> Choice:
    found = of(crash, "argument")
    return found[:1] if len(found) == 1 or (found and found[0].operands == ()) else []


def for_other(crash: Crash) -> Choice:
    """Any other operation: a change that is alone in what it is."""
    dims = [one for one in of(crash, "argument") if one.name == "dim"]
    if dims:
        alone = [one for one in of(crash, "missing") if one.axes[:1] == ((),)]
        few = [one for one in alone if len(one.shape) == 2]
        return [*(one for one in dims if one.value == -1), *few][:2]
    found = of(crash, "picked")
    if found or crash.operation.strip("_") == "getitem":
        return found[:1]
    steps = of(crash, "missing", "extra", "merged", "order")
    kinds: Iterable[ChangeKind] = dict.fromkeys(one.kind for one in steps)
    for kind in kinds:
        alike = [one for one in steps if one.kind == kind]
        few = [one for one in alike if len(one.shape) == fewest(alike)]
        return single(few)
    return []
