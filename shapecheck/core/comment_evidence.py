"""What is known of the shape comments of a program: what they say, and what was seen there.

Plain values, as all evidence: `source` says where a comment stands and which statements it may
describe, `runtime` what values those statements made, and the rules compare the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shapecheck.core.comment_grammar import ShapeNote
from shapecheck.core.evidence import Observation
from shapecheck.core.site import Place

Standing = Literal["beside", "above", "docstring", "inside", "alone"]
PointKind = Literal["statement", "header", "entry"]
SeenAs = Literal["made", "before", "argument", "inner"]


@dataclass(frozen=True)
class WatchPoint:
    """A statement whose values comments may describe.

    `id` is `file:line:column` of its first token. A *header* is the line of a `for` or `with`
    (its targets are seen as its body starts), an *entry* that of a `def` (its parameters are seen
    as it is called). `names` are local variables that are surely bound just before it, to be read
    for sizes; at module level they are read where they are bound. `states` are those whose shape
    before the statement counts. `function` is the qualified name of the function around it,
    empty at module level.
    """

    id: str
    line: int
    column: int
    kind: PointKind
    function: str = ""
    names: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShapeComment:
    """A comment or docstring line that states shapes, and the statements it may describe.

    `standing` is where it stands: *beside* the end of a statement, *above* one, in a *docstring*,
    *inside* a statement of several lines, or *alone* at the end of a block; the last two are not
    judged. `statements` are those it speaks of first (its own, or the one below and the rest of
    that paragraph) and `previous` those of the line before. `named` gives for each label the
    statements that bind that variable in the same function; a label that names no variable is
    not in it. `states` are the variables whose value before is a state the comment may describe;
    `literals` are the integers written in its statements.
    """

    place: Place
    text: str
    notes: tuple[ShapeNote, ...]
    standing: Standing
    statements: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    named: dict[str, tuple[str, ...]] | None = None
    targets: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    literals: tuple[int, ...] = ()


@dataclass(frozen=True)
class Legend:
    """What a symbol means: `where b = batch size`, or `# batch, seq` beside `B, T = 6, 8`."""

    place: Place
    symbol: str
    meaning: str


@dataclass(frozen=True)
class Value:
    """A value seen at a statement: by which name, in which part, and its shape.

    *made*: its target or what it returns; *before*: a variable as it was; *argument*: passed to
    a call or method in it; *inner*: any other value on the way.
    """

    name: str
    seen_as: SeenAs
    actual: Observation
    part: str = ""


@dataclass(frozen=True)
class Moment:
    """One execution of a statement: in which call, with which values, among which int variables.

    `call` counts the activations of functions in a run; 0 is the module. `sizes` are pairs of a
    variable (`hidden_size`, `self.hidden_size`) and its value then.
    """

    statement: str
    call: int
    values: tuple[Value, ...]
    sizes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class CommentEvidence:
    """The shape comments of one file and what was seen where they stand.

    `moments` holds every distinct content of each statement; statements in `overflowing` had
    more than were kept and are not judged. `sized` are variables that the code itself uses as
    sizes (`nn.Linear(hidden_size, …)`, `B, T = x.shape`); `doubled` is true where the code speaks
    of two directions; `multiples` are the products with a number that it uses (`3 * embed_dim`).
    """

    file: str
    comments: tuple[ShapeComment, ...] = ()
    moments: tuple[Moment, ...] = ()
    legends: tuple[Legend, ...] = ()
    sized: tuple[str, ...] = ()
    doubled: bool = False
    multiples: tuple[tuple[str, int], ...] = ()
    overflowing: tuple[str, ...] = ()
