"""A Fourier transform runs along the batch, or its frequencies count another axis's cycles."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role, says_batch
from shapecheck.core.facts import AxisView, Fact
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.spectra import PeriodOf, Transformed
from shapecheck.rules._axes import because, finding, line, named, shape

_OF_MODEL = (Role.FEATURE, Role.CHANNEL, Role.CLASS, Role.HEAD)


def check(fact: Fact) -> Iterator[Finding]:
    """Transforms that mix samples, and periods that are lengths of what was not transformed."""
    if isinstance(fact, Transformed):
        yield from _along_batch(fact)
    elif isinstance(fact, PeriodOf):
        yield _period(fact)


def _along_batch(fact: Transformed) -> Iterator[Finding]:
    """Only where something says batch in so many words, and a signal stands beside it."""
    axes, text = fact.operand.axes, fact.operand.text or "x"
    batch = axes[fact.position]
    left = [i for i, axis in enumerate(axes) if i != fact.position and axis.size > 1]
    signals = [i for i in left if axes[i].role not in _OF_MODEL]
    if not _is_batch(batch) or batch.size == 1 or not signals:
        return
    along = fact.others or (next((i for i in left if axes[i].role is Role.TIME), signals[-1]),)
    dim = str(along[0] - len(axes)) if len(along) == 1 else str(tuple(i - len(axes) for i in along))
    unasked = "without dim, it takes all axes; " if fact.unasked and fact.others else ""
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{fact.operation} runs along axis {fact.position} of {text}, {named(batch)}: its "
        "frequencies are made of all samples",
        expected=f"{fact.operation}({text}, dim={dim})",
        actual=shape(fact.operand),
        cause=unasked + because(batch, fact.place),
        remedy=f"dim={dim}",
    )


def _is_batch(axis: AxisView) -> bool:
    """Samples of a signal follow one another in time: a count of samples says nothing here."""
    loaded = any(w.kind == "loader" and w.role is Role.BATCH for w in axis.witnesses)
    names = [name.rsplit(".", 1)[-1] for name in axis.names]
    called = any(says_batch(name) or name.lower() == "b" for name in names)
    return axis.role is Role.BATCH and axis.sure and (loaded or called)


def _period(fact: PeriodOf) -> Finding:
    length, signal = fact.length, fact.signal
    size = f", the size of {named(length)}," if length.label != "?" else ""
    along = named(signal) if signal.label != "?" else f"an axis of size {signal.size}"
    told = f"frequencies along {along}, of size {signal.size}"
    right = f"frequencies along that axis, or {signal.size}, the size of {along}"
    if fact.averaged:
        told = f"indices along {along}, which are no frequencies"
        right = "indices along the frequencies, those of the axis that was transformed"
    made = next(iter(fact.operand.axes), None)
    where = f" ({line(made.place, fact.place)})" if made is not None and made.place else ""
    return finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{fact.text}{size} is divided by {told}: that is no period",
        expected=right,
        actual=f"{fact.text} divided by {shape(fact.operand)}{where}",
        cause="a frequency counts the cycles within the axis that was transformed"
        + (", and the frequencies are averaged here" if fact.averaged else ""),
    )


RULE = Rule(
    "spectrum-of-wrong-axis",
    Severity.WARNING,
    "A Fourier transform runs along the batch, or its frequencies count another axis's cycles.",
    Fact,
    check,
)
