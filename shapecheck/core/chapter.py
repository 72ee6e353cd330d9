"""What a chapter or a notebook states beside its code: output it shows, shapes its prose names.

Plain values, as all evidence: `source` finds what is stated, a run what holds, the rules compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shapecheck.core.comment_grammar import ShapeNote
from shapecheck.core.evidence import Observation
from shapecheck.core.site import Place

ShownAs = Literal["fence", "prompt", "stream", "result"]


@dataclass(frozen=True)
class Shown:
    """Output as its author shows it.

    *fence*: a fenced block under the code; *prompt*: the lines under a `>>>` prompt; *stream* and
    *result*: what a notebook keeps of a cell's stdout and of its last value. `place` is its first
    line, or the cell. `lines` are how many lines of the file hold it, each after `indent`.
    `implicit` says that it may show something else, if the code prints nothing. `raised` is the
    exception that a prompt shows.
    """

    place: Place
    text: str
    shown_as: ShownAs
    lines: int = 0
    indent: str = ""
    implicit: bool = False
    raised: str = ""


@dataclass(frozen=True)
class Printed:
    """Output as it is shown, and as it was printed now."""

    shown: Shown
    text: str


@dataclass(frozen=True)
class StatedShape:
    """A shape that the prose states of a variable. `before` counts the blocks above it.

    `text` is the shape as it is written, `note` how it is read.
    """

    place: Place
    variable: str
    text: str
    note: ShapeNote
    before: int


@dataclass(frozen=True)
class SeenAside:
    """A shape in the prose, and what the variable was after the block above and the one below.

    What is no tensor, and a variable that was not there, is left out.
    """

    stated: StatedShape
    seen: tuple[Observation, ...]
