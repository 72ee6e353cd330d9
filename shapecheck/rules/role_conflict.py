"""An axis that is one thing is read as another: the batch as time, time as class."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapecheck.core.asked import SizesTurned
from shapecheck.core.axis import Role
from shapecheck.core.facts import Alignment, AxisReading, AxisView, Fact, Operand, at_odds
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.signs import spoken
from shapecheck.rules._axes import because, finding, line, named, shape, told_apart
from shapecheck.rules._composed import samples_as_steps
from shapecheck.rules._walked import across, steps_side_by_side, stream_across


def check(fact: Fact) -> Iterator[Finding]:
    """Readings by contracts, and axes of different meaning that meet index by index."""
    if isinstance(fact, AxisReading) and fact.argument not in ("h_0", "c_0"):
        yield from _reading(fact)
    elif isinstance(fact, Alignment) and not positional(fact):
        yield from _alignment(fact)
    elif isinstance(fact, SizesTurned):
        yield _turned(fact)


def _turned(fact: SizesTurned) -> Finding:
    first, second = fact.names
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} takes (height, width), but is given ({first}, {second}): pictures "
        f"{fact.sizes[0]} high and {fact.sizes[1]} wide",
        expected=f"size=({second}, {first})",
        actual=f"size=({first}, {second}) = {fact.sizes}",
        cause="axis 2 of pictures (batch, channel, height, width) is the height",
        remedy=f"size=({second}, {first})",
    )


def _reading(fact: AxisReading) -> Iterator[Finding]:
    axis = fact.operand.axes[fact.position]
    if axis.parts:
        yield from samples_as_steps(fact, RULE.slug)
        return
    if fact.role is Role.BATCH and _also_time(fact):
        return  # the same fault, told once: where the batch is read as time
    if fact.role is Role.TIME and stream_across(fact, axis):
        yield across(fact, axis, RULE.slug)
        return
    if at_odds(axis.role, fact.role):
        severity = _severity(fact, axis)
        if severity is not None:
            yield _finding(fact, axis, severity, because(axis, fact.place))
        return
    other = _read_otherwise(fact, axis)
    if other is not None and axis.role is None:
        yield _finding(fact, axis, Severity.WARNING, other)


_ONE = "of one sample"
_PARTS = (
    "sentence paragraph page chapter section turn utterance shot clip frame segment chunk block "
    "window patch visit day week session event line message step"
)
_IN_ORDER = frozenset((*_PARTS.split(), *(f"{part}s" for part in _PARTS.split())))
_SEQUENTIAL = ("ctc_loss", "_pack_padded_sequence")


def _also_time(fact: AxisReading) -> bool:
    return any(role is Role.TIME and at_odds(view.role, role) for view, role in fact.others)


def _severity(fact: AxisReading, axis: AxisView) -> Severity | None:
    """Sure of the axis, or two axes exchanged; one weak name alone is nothing."""
    exchanged = any(at_odds(view.role, role) for view, role in fact.others)
    agrees = any(view.role is role for view, role in fact.others)
    if axis.sure and not agrees:
        layer = fact.operation.startswith("nn.") or fact.operation in _SEQUENTIAL
        return Severity.ERROR if layer and not _as_one_set(fact) else Severity.WARNING
    told = axis.sure or exchanged or steps_side_by_side(fact, axis)
    return Severity.WARNING if told else None


def _as_one_set(fact: AxisReading) -> bool:
    """Attention that was given all samples as the one sequence of a batch of one: it has no order,
    and rows may be meant to attend to each other (SAINT, arXiv:2106.01342, section 3)."""
    attends = fact.operation.startswith(("nn.MultiheadAttention", "nn.Transformer"))
    batches = [view for view, role in fact.others if role is Role.BATCH]
    return attends and fact.role is Role.TIME and all(view.size == 1 for view in batches)


def _read_otherwise(fact: AxisReading, axis: AxisView) -> str | None:
    """An earlier reading at the same position, with no exchange of axes in between.

    What is read side by side, and then as one sequence, may be both: the sentences of a document.
    """
    in_order = {word for name in axis.names for word in name.lower().split("_")} & _IN_ORDER
    for witness in axis.reads:
        if in_order and _ONE in fact.contract + witness.text:
            continue
        same = witness.position == fact.position and witness.place != fact.place
        if same and at_odds(witness.role, fact.role):
            return f"{witness.text} ({line(witness.place, fact.place)})"
    return None


def _finding(fact: AxisReading, axis: AxisView, severity: Severity, why: str) -> Finding:
    known = axis.role.value if axis.role else "otherwise"
    return finding(
        fact,
        RULE.slug,
        severity,
        f"{spoken(fact.operation)} reads axis {fact.position} of "
        f"{fact.operand.text or fact.argument} as {fact.role.value}, but it is "
        f"{named(axis) if axis.role else 'read otherwise before'}",
        expected=fact.contract,
        actual=shape(fact.operand),
        cause=f"axis {fact.position} is {known}: {why}",
        remedy=fact.remedy or _transpose(fact),
    )


def _transpose(fact: AxisReading) -> str:
    text = fact.operand.text or "x"
    if fact.operation.endswith("Cell"):
        return re.sub(r"^(\w+)\[(\w+)\]$", r"\1[:, \2]", text) if "[" in text else ""
    return f"{text}.transpose(0, 1)" if len(fact.operand.shape) >= 2 else ""


def positional(fact: Alignment) -> bool:
    """True where one operand is a table of positions: it has time and no batch of its own."""
    for operand, axis in zip((fact.left, fact.right), fact.axes, strict=True):
        others = [a for a in operand.axes if a.size > 1 and a.identity != axis.identity]
        if axis.role is Role.TIME and not any(a.role is Role.BATCH for a in others):
            return fact.operation in ("add", "sub", "__add__", "__radd__", "__iadd__")
    return False


def _alignment(fact: Alignment) -> Iterator[Finding]:
    if fact.elsewhere:
        if not _symmetric(fact):
            yield _elsewhere(fact)
        return
    left, right = fact.axes
    if not (left.sure and right.sure):
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR,
        f"{spoken(fact.operation)} lays {named(left)} along {named(right)}: "
        "two axes of one size that differ in meaning",
        expected=f"{shape(fact.right)}, axis by axis",
        actual=shape(fact.left),
        cause=f"one is {because(left, fact.place)}; the other {because(right, fact.place)}",
    )


_BOTH_WAYS = ("add", "mul", "maximum", "minimum", "logical_or", "logical_and", "or", "and")


def _symmetric(fact: Alignment) -> bool:
    """True where a square is made symmetric: it and its transpose, of axes without proven roles."""
    both_ways = fact.operation.strip("_") in _BOTH_WAYS and fact.elsewhere == "exchanged"
    square = all(len(operand.shape) == 2 for operand in (fact.left, fact.right))
    return both_ways and square and not any(axis.sure for axis in fact.axes)


def _elsewhere(fact: Alignment) -> Finding:
    left, right = fact.axes
    one, other = _both(fact)
    doing = spoken(fact.operation)
    expected = f"axis {fact.positions[0]} to be {_expected(fact)}"
    remedy = f"{fact.left.text or 'x'}.transpose(…)" if fact.elsewhere == "weight" else ""
    if fact.elsewhere == "regrouped":
        message = f"{doing} meets {_composed(left)} with {_composed(right)}, flattened"
        cause = "the two were flattened in different orders, so other elements meet"
    elif fact.elsewhere == "weight":
        message = f"{doing} was made for {named(right)}, but reads {one}"
        cause = f"{fact.left.text or 'the input'} has {named(right)} at another axis"
    elif fact.elsewhere == "pooled":
        message = f"{doing} was made for {named(right)}, but reads {one}"
        made = f" ({line(fact.left.made_at, fact.place)})" if fact.left.made_at else ""
        by = fact.left.made_by or "a reduction"
        cause = f"{by} took {named(right)} away{made}; the sizes are equal"
    elif fact.elsewhere == "order":
        message = f"{doing} meets {_composed(left)} with {_composed(right)}: flattened otherwise"
        cause = "the same axes were flattened in two orders, so other elements meet"
    elif fact.elsewhere == "given":
        message = f"{doing} lays {one} along {other}"
        cause = "the two were given as different axes of one tensor; here their sizes are equal"
    elif fact.elsewhere == "apart":
        message = f"{doing} lays {one} along {other}"
        cause = "they are two axes of one tensor, and only today their sizes are equal"
    elif fact.elsewhere == "role":
        message = f"{doing} lays {one} along {other}"
        cause = "the other operand has such an axis at another position, where nothing meets it"
    elif fact.elsewhere == "displaced":
        small, own, large, _ = _by_size(fact)
        mine, its = (one, other) if own is left else (other, one)
        message = f"{doing} lays {mine} along {its}"
        where = _stands(own, large)
        has = named(own) if own.label != "?" else "it"
        place = "another axis" if own.label != "?" or where is None else f"axis {where}"
        cause = f"{large.text or 'the other'} has {has} at {place}; the sizes are equal"
        if has == "it" and where is not None and len(small.axes) == 1:
            expected = f"{small.text or 'it'} along axis {where} of {large.text or 'the other'}"
            ones = len(large.axes) - where - 1
            remedy = "" if " " in small.text else f"{small.text or 'x'}[:{', None' * ones}]"
    else:
        message = f"{doing} lays {one} along {other}: axes are exchanged"
        cause = "both operands have both axes, the other way round"
    return finding(
        fact,
        RULE.slug,
        Severity.ERROR if _known(fact) else Severity.WARNING,
        message,
        expected=expected,
        actual=f"{shape(fact.left)} with {shape(fact.right)}",
        cause=cause,
        remedy=remedy,
    )


def _composed(axis: AxisView) -> str:
    """`batch·time`, with the size of what has no name: `6·batch`."""
    parts = axis.parts or (axis,)
    return "·".join(str(p.size) if p.label == "?" else named(p) for p in parts)


def _by_size(fact: Alignment) -> tuple[Operand, AxisView, Operand, AxisView]:
    """The operand whose axis stands elsewhere in the other, that axis; the other, what it met."""
    left, right = (fact.left, fact.axes[0]), (fact.right, fact.axes[1])
    in_left = any(axis.identity == right[1].identity for axis in fact.left.axes)
    return (*right, *left) if in_left else (*left, *right)


def _stands(own: AxisView, large: Operand) -> int | None:
    """Where an axis of one operand stands in the other."""
    held = [axis.identities for axis in large.axes]
    return held.index(own.identities) if own.identities in held else None


def _known(fact: Alignment) -> bool:
    """True where names or roles say what the axes are, beside where they came from.

    Two names in one call may be two words for one axis (`class` and `label`), so they alone
    prove nothing.
    """
    left, right = fact.axes
    if fact.elsewhere == "displaced":
        _, own, _, met = _by_size(fact)
        return bool(met.names or met.role) and not own.shared
    if fact.elsewhere == "role":
        return left.sure and right.sure
    told = left.names or left.role or right.sure or left.parts
    return fact.elsewhere not in ("apart", "given", "regrouped", "pooled") and bool(told)


def _place(fact: Alignment, which: int) -> str:
    """One of the two axes in words: by name, or by where it stands in its operand."""
    operand, axis = (fact.left, fact.right)[which], fact.axes[which]
    if axis.label != "?":
        return named(axis)
    return f"axis {fact.positions[which]} of {operand.text or ('one', 'the other')[which]}"


def _both(fact: Alignment) -> tuple[str, str]:
    """The two axes in words that tell them apart."""
    left, right = fact.axes
    if "?" in (left.label, right.label) or named(left) != named(right):
        return _place(fact, 0), _place(fact, 1)
    return told_apart(left, right, fact.place)


def _expected(fact: Alignment) -> str:
    right = fact.axes[1]
    if right.label == "?":
        return f"that of {fact.right.text or 'the other operand'}"
    return _both(fact)[1]


RULE = Rule(
    "role-conflict",
    Severity.ERROR,
    "An axis that is one thing is read as another: the batch as time, time as class.",
    Fact,
    check,
)
