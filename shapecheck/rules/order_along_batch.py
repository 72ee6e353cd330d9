"""An operation that follows the order of an axis runs along the batch instead of time."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView, Fact, Ordered
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import SamplesReversed
from shapecheck.rules._axes import because, finding, line, named, shape


def check(fact: Fact) -> Iterator[Finding]:
    """What follows an order, and what is reversed to be read backwards."""
    if isinstance(fact, Ordered):
        yield from _followed(fact)
    elif isinstance(fact, SamplesReversed):
        yield from _reversed(fact)


def _reversed(fact: SamplesReversed) -> Iterator[Finding]:
    """A layer that reads nothing but reversed samples, beside another that reads them in order.

    Not where the layer reads them in order as well: then the reversed ones are the samples of
    others, on purpose.
    """
    axis, text = fact.operand.axes[fact.position], fact.operand.text or "x"
    if axis.size == 1 or axis.role not in (None, Role.BATCH) or not _samples(axis, fact):
        return
    if fact.weights is not None and fact.weights.reads:
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"flip reverses axis {fact.position} of {text}, the batch: the layer is not given the "
        "steps backwards, and each sample is laid beside another",
        expected=f"the steps reversed, along axis {fact.time}",
        actual=shape(fact.operand),
        cause=f"{fact.read} ({line(fact.at, fact.place)})",
        remedy=f"torch.flip({text}, [{fact.time}])",
    )


def _samples(axis: AxisView, fact: SamplesReversed) -> bool:
    """True where layers read the axis as the batch alone, another layer too where they have to."""
    if any(witness.role is Role.TIME for witness in axis.reads):
        return False
    readers = {w.place for w in axis.reads if w.role is Role.BATCH and w.text.startswith("nn.")}
    return bool(readers - {fact.at}) if fact.weights is not None else bool(readers)


def _followed(fact: Ordered) -> Iterator[Finding]:
    """Only where both are known for sure: the batch that is followed, the time that is not."""
    axes = fact.operand.axes
    batch = axes[fact.position]
    if fact.shuffled or fact.read:
        yield _running(fact)
        return
    if fact.shifted:
        yield from _shifted(fact)
        return
    time = [i for i, axis in enumerate(axes) if axis.role is Role.TIME and axis.sure]
    if batch.role is not Role.BATCH or not batch.sure or not time:
        return
    if fact.operation == "__getitem__" and batch.size > 1 and not fact.sliced:
        yield _step_of_samples(fact, time[0])
        return
    doing = "a slice" if fact.operation == "__getitem__" else fact.operation
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{doing} follows the order of axis {fact.position}, but that is {named(batch)}",
        expected=f"{doing} along axis {time[0]}, {named(axes[time[0]])}",
        actual=shape(fact.operand),
        cause=f"samples have no order; {because(batch, fact.place)}",
        remedy=f"dim={time[0]}" if fact.operation != "__getitem__" else "",
    )


def _running(fact: Ordered) -> Finding:
    """Sums so far along what a layer reads as the batch, or what was taken at random."""
    axes, text = fact.operand.axes, fact.operand.text or "the tensor"
    others = [i for i, axis in enumerate(axes) if i != fact.position and axis.size > 1]
    if fact.read is not None:
        cause = f"{fact.read.text} ({line(fact.read.place, fact.place)})"
    else:
        assert fact.shuffled is not None
        cause = f"entries along it were taken at random ({line(fact.shuffled, fact.place)})"
    one = f"axis {others[0]}" if len(others) == 1 else "another axis"
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} follows the order of axis {fact.position} of {text}, but that holds "
        "the samples: each of them takes in what came before it in the batch",
        expected=f"{fact.operation} along {one}",
        actual=shape(fact.operand),
        cause=f"samples have no order; {cause}",
        remedy=f"dim={others[0]}" if len(others) == 1 else "",
    )


def _step_of_samples(fact: Ordered, time: int) -> Finding:
    batch = fact.operand.axes[fact.position]
    text = fact.operand.text or "the tensor"
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"the index of axis {fact.position} of {text} is called a step, but that axis is "
        f"{named(batch)}",
        expected=f"the step along axis {time}, {named(fact.operand.axes[time])}",
        actual=shape(fact.operand),
        cause=f"samples have no order; {because(batch, fact.place)}",
    )


def _shifted(fact: Ordered) -> Iterator[Finding]:
    """A layer reads the axis as the batch and another one as time, in the same call."""
    axes = fact.operand.axes
    batch = [w for w in axes[fact.position].reads if w.role is Role.BATCH]
    places = {w.place for w in batch}
    time = [
        i
        for i, axis in enumerate(axes)
        if axis.role in (None, Role.TIME)
        and any(w.role is Role.TIME and w.place in places for w in axis.reads)
    ]
    if not batch or not time or axes[fact.position].role not in (None, Role.BATCH):
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"[:-1] and [1:] shift axis {fact.position} of {fact.operand.text or 'the tensor'} by one: "
        "each sample is laid beside the next one",
        expected=f"a shift along axis {time[0]}, time",
        actual=shape(fact.operand),
        cause=f"{batch[0].text} ({line(batch[0].place, fact.place)})",
        remedy="[:, :-1] and [:, 1:]" if time[0] == 1 else "",
    )


RULE = Rule(
    "order-along-batch",
    Severity.WARNING,
    "An operation that follows the order of an axis runs along the batch instead of time.",
    Fact,
    check,
)
