"""A recurrent layer's state is treated as batch first; it never is."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisReading, AxisView, Fact, Picked, Reshape, at_odds
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rows import EntriesOfState
from shapecheck.core.rule import Rule
from shapecheck.core.stacked import LayersChosen, StackTakenApart
from shapecheck.rules._axes import because, finding, line, named, shape
from shapecheck.rules.scrambling_reshape import from_final_state

_LAYOUT = "(layers · directions, batch, hidden), whatever batch_first says"


def check(fact: Fact) -> Iterator[Finding]:
    """States that go in, states that are reshaped, states of which one sample is picked."""
    if isinstance(fact, AxisReading) and fact.argument in ("h_0", "c_0"):
        yield from _given(fact)
    elif isinstance(fact, Reshape) and from_final_state(fact):
        yield from _reshaped(fact)
    elif isinstance(fact, StackTakenApart):
        yield from _taken_apart(fact)
    elif isinstance(fact, LayersChosen):
        yield _chosen(fact)
    elif isinstance(fact, Picked):
        yield from _picked(fact)
        yield from _left_out(fact)
    elif isinstance(fact, EntriesOfState) and fact.argument == "h_0":
        yield _cut(fact)


def _chosen(fact: LayersChosen) -> Finding:
    text, count = fact.operand.text or "h_n", fact.index.shape[0]
    made = f" ({line(fact.index.made_at, fact.place)})" if fact.index.made_at else ""
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"an order of {count} samples{made} chooses along axis 0 of {text}: layers are exchanged, "
        "and each sample keeps its place",
        expected=f"{text} as {_LAYOUT}: samples chosen along axis 1",
        actual=shape(fact.operand),
        cause="the layers stand first in a state, the samples second",
        remedy=f"{text}.index_select(1, …)",
    )


def _cut(fact: EntriesOfState) -> Finding:
    """Told once, though an LSTM has two such states."""
    text, places = fact.text or "h_n", ", ".join(map(str, fact.entries))
    inside = sorted({entry // fact.directions for entry in fact.entries})
    held = f"both directions of layer {inside[0]}" if len(inside) == 1 else "directions of layers "
    held += "" if len(inside) == 1 else ", ".join(map(str, inside))
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"the {fact.given} layers of {fact.operation} begin with entries {places} of {text} "
        f"({line(fact.cut, fact.place)}): {held}, not one entry of each layer",
        expected=f"{text}[::{fact.directions}], the first direction of each layer",
        actual=f"{shape(fact.operand)}, cut from {fact.layers} layers of {fact.directions} "
        "directions",
        cause="the layers stand one after another along axis 0, each with its directions",
        remedy=f"{text}[::{fact.directions}]",
    )


def _given(fact: AxisReading) -> Iterator[Finding]:
    axis = fact.operand.axes[fact.position]
    if fact.role is Role.LAYER and _batch_of_input(fact, axis):
        yield _sized_by_batch(fact)
        return
    if not at_odds(axis.role, fact.role):
        return
    swapped = any(at_odds(view.role, role) for view, role in fact.others)
    if fact.role is Role.BATCH and swapped:
        return  # told once, at axis 0
    if axis.sure or swapped:
        yield finding(
            fact,
            RULE.slug,
            Severity.ERROR if axis.sure else Severity.WARNING,
            f"{fact.operation} reads axis {fact.position} of {fact.argument} as "
            f"{fact.role.value}, but it is {named(axis)}",
            expected=f"{fact.argument} as {_LAYOUT}",
            actual=shape(fact.operand),
            cause=because(axis, fact.place),
        )


def _batch_of_input(fact: AxisReading, axis: AxisView) -> bool:
    """True where the size of axis 0 was read from the input's batch: `zeros(x.size(0), …)`.

    Not a variable of which nobody knows what it counts: it may count layers here and samples there.
    """
    own = axis.role is None and axis.origin != "size variable" and not axis.shared
    return own and any(w.role is Role.BATCH and w.place == fact.place for w in axis.reads)


def _sized_by_batch(fact: AxisReading) -> Finding:
    layers, batch = fact.operand.shape[0], fact.operand.shape[1]
    text = "x" if fact.operand.text == "" else fact.operand.text
    return finding(
        fact,
        RULE.slug,
        Severity.ERROR,
        f"{fact.operation} reads axis 0 of {fact.argument} as layer, but its size is that of the "
        "input's batch",
        expected=f"{fact.argument} as {_LAYOUT}",
        actual=f"{text} {fact.operand.shape}: {layers} samples first, then {batch}",
        cause=f"both are {layers} today; with another batch the call raises",
    )


def _reshaped(fact: Reshape) -> Iterator[Finding]:
    if not (fact.misplaced or fact.crossed):
        return
    text = fact.source.text or "h_n"
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR,
        f"{fact.operation} treats {text} as batch first: data of different samples is mixed",
        expected=f"{text} as {_LAYOUT}",
        actual=f"{shape(fact.source)} read in memory order as {fact.target}",
        cause="batch_first concerns the sequence and the output, not the states",
        remedy=f"{text}.transpose(0, 1).reshape({', '.join(fact.texts)})"
        if all(fact.texts)
        else f"{text}.transpose(0, 1)",
    )


def _taken_apart(fact: StackTakenApart) -> Iterator[Finding]:
    """The directions of one layer stand side by side: sizes that part them cut through layers.

    Where as many layers as directions fit either way, the sizes' names say which is which.
    """
    outer, inner = fact.sizes
    cut = inner % fact.stack.directions != 0
    if fact.stack.directions == 1 or not (cut or _called_directions_first(fact)):
        return
    text = fact.source.text or "h_n"
    right = list(fact.all_texts)
    if all(right) and fact.first + 1 < len(right):
        at = fact.first
        right[at : at + 2] = right[at + 1], right[at]
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if cut else Severity.WARNING,
        f"{fact.operation} reads the states as directions of layers, {outer} times {inner}: "
        "rows then hold directions of different layers",
        expected=f"({fact.stack.layers} layers, {fact.stack.directions} directions): "
        "both directions of a layer stand side by side",
        actual=f"{shape(fact.source)} read as ({fact.texts[0] or outer}, {fact.texts[1] or inner})",
        cause="a recurrent layer puts its states out layer by layer, each with its directions",
        remedy=f"{text}.{fact.operation}({', '.join(right)})" if all(right) else "",
    )


def _called_directions_first(fact: StackTakenApart) -> bool:
    """True where the outer size is called directions, or the inner one layers, and not both."""
    outer, inner = (text.lower() for text in fact.texts)
    layers = "layer" in inner and "layer" not in outer
    return layers or ("direction" in outer and "direction" not in inner)


def _picked(fact: Picked) -> Iterator[Finding]:
    axes = fact.operand.axes
    if len(axes) != 3 or fact.position != 1 or fact.index not in (-1, 0) or not _final(axes[0]):
        return
    if fact.beside or (axes[1].size == 1 and fact.index == 0):
        return  # a layer was picked as well, or there is but one sample
    text = fact.operand.text or "h_n"
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if fact.index == -1 else Severity.WARNING,
        f"{text}[:, {fact.index}] picks one sample of the batch, not one layer",
        expected=f"{text} as {_LAYOUT}",
        actual=shape(fact.operand),
        cause="the layers stand first in a state",
        remedy=f"{text}[{fact.index}]",
    )


def _left_out(fact: Picked) -> Iterator[Finding]:
    """States of a stack of which the last layer, or one of its directions, is never looked at."""
    stack = fact.operand.axes[fact.position].stack
    if stack is None or stack.whole or not stack.picked or fact.index is None:
        return
    if fact.index % fact.operand.shape[fact.position] != stack.picked[0]:
        return  # told once
    last = (stack.layers - 1) * stack.directions
    of_last = [index for index in stack.picked if index >= last]
    text = fact.operand.text or "h_n"
    if not of_last:
        message = f"{text}[{fact.index}] is the state of another layer than the last: what the "
        message += f"{stack.layers} layers give stands in {text}[-{stack.directions}:]"
    elif stack.directions > len(of_last):
        message = f"{text}[{fact.index}] is the state of one direction alone, and the other is "
        message += "never looked at"
    else:
        return
    both = f"torch.cat(({text}[-2], {text}[-1]), dim=-1)"
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        message,
        expected=both if stack.directions == 2 else f"{text}[-1]",
        actual=f"{text} {fact.operand.shape}: {stack.layers} layers of {stack.directions} "
        f"directions, of which {', '.join(map(str, stack.picked))} "
        f"{'is' if len(stack.picked) == 1 else 'are'} used",
        cause="the layers stand one after another along axis 0, each with its directions",
        remedy=both if stack.directions == 2 else f"{text}[-1]",
    )


def _final(axis: AxisView) -> bool:
    return "_n of nn." in axis.origin


RULE = Rule(
    "hidden-state-layout",
    Severity.ERROR,
    "A recurrent layer's state is treated as batch first; it never is.",
    Fact,
    check,
)
