"""What tracking saw of Fourier transforms. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
from shapecheck.core.tracked import AxisView, Operand


@dataclass(frozen=True)
class Transformed(Fact):
    """A Fourier transform ran along axis `position`, a batch, and along `others`.

    `unasked` says that no dim was given.
    """

    operation: str
    operand: Operand
    position: int
    others: tuple[int, ...] = ()
    unasked: bool = False


@dataclass(frozen=True)
class PeriodOf(Fact):
    """The size of `length`, which `text` reads, was divided by frequencies along another axis.

    `signal` is the axis that was transformed; `length` stood beside it. Or else `averaged`: the
    indices run along `signal`, beside which frequencies stood that are averaged by now.
    """

    operation: str
    operand: Operand
    text: str
    length: AxisView
    signal: AxisView
    averaged: bool = False
