"""Where code stands, and where it assumes a shape."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Place:
    """A position in the user's code. Lines count from 1, columns from 0; 0 means not known."""

    file: str
    line: int = 0
    column: int = 0
    function: str = ""

    def __str__(self) -> str:
        file = self.file.removeprefix(f"{os.getcwd()}{os.sep}")  # as tools show it
        notebook, of, cell = file.partition(".ipynb:")
        if of:  # as Jupyter shows it
            line = f", line {self.line}" if self.line else ""
            return f"{notebook}.ipynb, {cell}{line}"
        return f"{file}:{self.line}" if self.line else file


@dataclass(frozen=True)
class Span:
    """The text of an expression: lines from 1, columns from 0 in UTF-8 bytes, as `ast` counts."""

    line: int
    column: int
    end_line: int
    end_column: int


class SiteKind(Enum):
    """What code takes for granted about a shape at a site."""

    UNSQUEEZE = "unsqueeze"  # where a new axis of size 1 goes
    SQUEEZE = "squeeze"  # which axis of size 1 goes away
    RESHAPE = "reshape"  # how sizes are regrouped
    ORDER = "order"  # how axes are ordered: permute, transpose, .T
    REPEAT = "repeat"  # which axis is repeated or expanded
    INDEX = "index"  # which axis an index drops or chooses
    SIZE = "size"  # which axis a size is read from
    BATCH_FIRST = "batch_first"
    BIDIRECTIONAL = "bidirectional"
    NUM_LAYERS = "num_layers"
    FACTORY = "factory"  # the sizes of a new tensor
    REDUCTION = "reduction"  # over which axis, and whether it is kept
    JOIN = "join"  # along which axis tensors are joined or parted
    PRODUCT = "product"  # the order of a matrix product
    PATTERN = "pattern"  # the letters of einsum, the names of rearrange
    STATE = "state"  # the order of (h, c)


@dataclass(frozen=True)
class Mutation:
    """One way to get a site wrong: `after` is the code that stands in place of the site's span.

    `change` says in a few words what was done to it (`dropped`, `dim 0 → 1`); `after` is a
    whole expression, whose text for what was not touched is the author's own.
    """

    change: str
    after: str


@dataclass(frozen=True)
class Site:
    """A place where code assumes a shape.

    `place.function` is the qualified name of the innermost function, as the code object has it;
    it is empty at module level and ends in a class's name in a class body. `span` is the whole
    expression, `before` its text; `text` is the part that matters (`.unsqueeze(-1)` of a chain).
    `subject` is the text of the tensor that is worked on, where there is one.
    `at_import` says that the line runs when the module is imported, outside any function.
    `mutations` come likeliest mistake first.
    """

    place: Place
    span: Span
    kind: SiteKind
    text: str
    before: str
    mutations: tuple[Mutation, ...]
    subject: str = ""
    at_import: bool = False

    def __str__(self) -> str:
        return f"{self.place}  {self.text}"
