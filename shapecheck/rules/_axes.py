"""What the rules on tracked operations have in common: how they speak of an axis and of a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import PurePath
from typing import Any

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView, Fact, Operand
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.plain import to_plain
from shapecheck.core.site import Place
from shapecheck.core.spelling import in_numpy

_MAKERS = ("nn.Linear", "nn.Embedding", "nn.RNN", "nn.LSTM", "nn.GRU", "nn.LayerNorm")
LAYERED = ("nn.RNN", "nn.LSTM", "nn.GRU")


def finding(
    fact: Fact,
    slug: str,
    severity: Severity,
    message: str,
    *,
    expected: str = "",
    actual: str = "",
    cause: str = "",
    remedy: str = "",
    notes: tuple[str, ...] = (),
) -> Finding:
    """A finding at the line of a fact, with the operands' shapes and names as evidence."""
    if fact.of_numpy:
        message, expected, remedy = map(in_numpy, (message, expected, remedy))
    return Finding(
        slug=slug,
        severity=severity,
        place=fact.place,
        message=message,
        expected=expected,
        actual=actual,
        cause=cause,
        remedy=remedy,
        notes=notes,
        evidence={"fact": type(fact).__name__, **_shapes(fact)},
        cites=_cited(fact, " ".join((message, expected, actual, cause, remedy, *notes))),
    )


def _cited(fact: Fact, text: str) -> tuple[Place, ...]:
    """The places of a fact whose lines the finding's text names, each line once."""
    named = {int(number) for number in re.findall(r"\bline (\d+)", text)}
    found: dict[int, Place] = {}
    for place in _places(fact):
        if place.line in named and place != fact.place:
            found.setdefault(place.line, place)
    return tuple(found[number] for number in sorted(found))


def _places(value: object) -> Iterator[Place]:
    if isinstance(value, Place):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _places(item)
    elif is_dataclass(value):
        for name, item in vars(value).items():
            if name != "through":
                yield from _places(item)


def _shapes(fact: Fact) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in vars(fact).items():
        if isinstance(value, Operand):
            found[name] = _operand(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Operand):
            found[name] = [_operand(one) for one in value]
        elif name in ("result", "target", "operation", "contract"):
            found[name] = to_plain(value)
    return found


def _operand(operand: Operand) -> dict[str, Any]:
    return {
        "text": operand.text,
        "shape": list(operand.shape),
        "axes": [axis.label for axis in operand.axes],
    }


def because(axis: AxisView, here: Place, most: int = 3) -> str:
    """Why an axis is thought to have its role: the witnesses with their lines."""
    said = [f"{w.text} ({line(w.place, here)})" for w in axis.witnesses if w.role is axis.role]
    return ", ".join(dict.fromkeys(said[:most]))


def line(place: Place | None, here: Place) -> str:
    """`line 12`; `line 12 of data.py`, or `of cell 2`, where it is not the finding's own."""
    if place is None:
        return ""
    if place.file == here.file:
        return f"line {place.line}"
    whole, _, part = place.file.rpartition(":")
    beside = whole.endswith(".ipynb") and here.file.startswith(f"{whole}:")
    return f"line {place.line} of {part if beside else PurePath(place.file).name}"


def named(axis: AxisView) -> str:
    """An axis in words: `batch`, or `B (batch)`, or what it holds."""
    if axis.parts:
        return "·".join(named(part) for part in axis.parts)
    if axis.role is None:
        return axis.label
    if axis.label == axis.role.value or axis.label.startswith(f"{axis.role.value}"):
        return axis.label
    return axis.label if "(" in axis.label else f"{axis.label} ({axis.role.value})"


def told_apart(left: AxisView, right: AxisView, here: Place) -> tuple[str, str]:
    """Two axes in words that differ: where they have one name, by the lines that made them."""
    names = named(left), named(right)
    if names[0] != names[1]:
        return names
    made = [f"{named(axis)} from {line(axis.place, here)}" for axis in (left, right)]
    if left.place is not None and right.place is not None and made[0] != made[1]:
        return made[0], made[1]
    return names[0], f"another {names[1]}"


def shape(operand: Operand) -> str:
    """`x (5, 8, 8) = (batch, time, ?)`."""
    names = ", ".join(named(axis) for axis in operand.axes)
    known = any(axis.label != "?" for axis in operand.axes)
    text = f"{operand.text or 'the tensor'} {operand.shape}"
    return f"{text} = ({names})" if known else text


def single(axis: AxisView) -> bool:
    """True for an axis that is not made of several."""
    return not axis.parts


def proven(axis: AxisView, *roles: Role) -> bool:
    """True where the witnesses prove one of these roles."""
    return axis.role in roles and axis.sure


def holds(operand: Operand, role: Role) -> bool:
    """True where some axis of more than one index has the role."""
    return any(axis.role is role for axis in operand.axes if axis.size > 1)


def featured(axis: AxisView) -> bool:
    """True for the features that a layer made, or that names say are features."""
    return axis.role is Role.FEATURE or axis.origin.startswith(_MAKERS)


def read_as(axis: AxisView, *roles: Role) -> bool:
    """True where an operation with a contract has read the axis so."""
    return any(witness.role in roles for witness in axis.reads)
