"""The trace of a program: what every line made, in which shapes, and whose axes they have.

Plain values, as all evidence: `runtime` gathers them, `report` sets them beside the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shapecheck.core.axis import Role
from shapecheck.core.site import Place, Span

MadeAs = Literal["assigned", "argument", "looped", "returned", "result", "step"]


@dataclass(frozen=True)
class TracedAxis:
    """One axis of a value.

    `name` is what the code calls it, and `role` what it means, as far as both are known.
    `identities` are the same numbers wherever the same axis stands, several where an axis was
    merged from several; `kin` are identities that one of these was split from.
    """

    size: int
    name: str = ""
    role: Role | None = None
    identities: tuple[int, ...] = ()
    kin: tuple[int, ...] = ()


@dataclass(frozen=True)
class TracedForm:
    """One form that a value had: its type, and shape and dtype where it is a tensor or array.

    `axes` are empty where the value was not followed. A shape (`x.shape`) has the type `Size`, and
    a whole number that was read from one the type `int` and its `number`. `count` says how often
    the value had this form, `first` and `last` at which of its times, from 1.
    """

    type: str
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    axes: tuple[TracedAxis, ...] = ()
    number: int | None = None
    count: int = 1
    first: int = 1
    last: int = 1


@dataclass(frozen=True)
class TracedValue:
    """A value at a line: what it is called there, and every form it had, in order of appearance.

    `made_as`: a target that was *assigned*, an *argument* of the function that begins there, a
    target of a loop or `with` (*looped*), what is *returned*, the *result* of an expression that
    stands alone, or a *step* inside a larger expression. `name` is the target or the expression
    as it is written, `part` the item of a container (`[0]`, `['h']`). `place` is its own, `span`
    that of the statement which assigns or returns it, or of its expression. `times` says how often
    the line made it, `left_out` in how many of these the form was not kept.
    """

    place: Place
    span: Span
    name: str
    made_as: MadeAs
    forms: tuple[TracedForm, ...]
    part: str = ""
    times: int = 1
    left_out: int = 0


@dataclass(frozen=True)
class TracedIdentity:
    """What is known of one axis wherever it stands.

    `said` are those that name it or order its data, `read` the operations that read it as
    something: pairs of what is said and where.
    """

    number: int
    name: str = ""
    role: Role | None = None
    origin: str = ""
    place: Place | None = None
    said: tuple[tuple[str, Place], ...] = ()
    read: tuple[tuple[str, Place], ...] = ()


@dataclass(frozen=True)
class TracedSource:
    """A piece of the author's code: a file, a cell, a block; lines count from `first_line`."""

    file: str
    text: str
    first_line: int = 1


@dataclass(frozen=True)
class TraceEvidence:
    """What the lines of a program made, and its source."""

    sources: tuple[TracedSource, ...] = ()
    values: tuple[TracedValue, ...] = ()
    identities: tuple[TracedIdentity, ...] = ()
