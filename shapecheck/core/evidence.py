"""What source and runtime gather: plain values, no tensors, no judgement.

Evidence crosses xdist workers, files and pages, so every class here is a frozen dataclass of
plain fields; `core.plain` turns them into JSON's types and back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shapecheck.core.facts import Operand, Raised, Witness
from shapecheck.core.site import Place
from shapecheck.core.tried import Tried

DeclaredAs = Literal["parameter", "return", "variable", "field", "yield", "send"]


@dataclass(frozen=True)
class Observation:
    """A value as it was seen: its type, and shape and dtype where it is a tensor.

    `type` is the class name (`Tensor`, `int`, `tuple`). `shape` is None for what has no shape.
    Never holds a value of the tensor.
    """

    type: str
    shape: tuple[int, ...] | None = None
    dtype: str = ""

    def __str__(self) -> str:
        if self.shape is None:
            return self.type
        inner = ", ".join(map(str, self.shape)) + ("," if len(self.shape) == 1 else "")
        return f"({inner}) {self.dtype}".rstrip()


@dataclass(frozen=True)
class Binding:
    """A name given a size within one call, and the declaration that gave it."""

    name: str
    size: int | tuple[int, ...]
    source: str = ""

    def __str__(self) -> str:
        return f"{self.name}={self.size}" + (f" from {self.source}" if self.source else "")


@dataclass(frozen=True)
class Declaration:
    """A spec at a site: what one parameter, return value or variable was declared to be.

    `text` is the annotation in short (`Float[Tensor, "batch seq"]`); `shape` is its shape string
    and `dtype` its dtype class where it is a tensor annotation, with the `dtypes` it accepts.
    """

    name: str
    declared_as: DeclaredAs
    text: str
    shape: str | None = None
    dtype: str = ""
    dtypes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Argument:
    """Another argument of the same call: its declaration and what was passed."""

    declaration: Declaration
    observation: Observation


@dataclass(frozen=True)
class Violation:
    """The judge refused a value.

    `place` is the line at fault as far as it is known: the caller's line for a parameter, the
    `return` line for a return value, the assignment for a variable. `declared_at` is where the
    annotation stands. `element` leads from the declaration to the part that was refused
    (`[1]`, `['h']`, `.mask`). `values` give symbolic axes that hold
    `{…}` their formatted text (`{self.hidden}-1` → `20-1`). `wrong_type` says that the value is no
    instance of the declared array type, whatever its shape. `said` is the judge's own sentence.
    """

    function: str
    place: Place
    declared_at: Place
    declaration: Declaration
    actual: Observation
    element: str = ""
    bindings: tuple[Binding, ...] = ()
    values: dict[str, str] | None = None
    others: tuple[Argument, ...] = ()
    said: str = ""
    wrong_type: bool = False


@dataclass(frozen=True)
class Unchecked:
    """A declaration that could not be evaluated, with the reason, in a few words."""

    declaration: Declaration
    place: Place
    function: str
    reason: str


@dataclass(frozen=True)
class CheckedFunction:
    """How often one function's declarations were checked in a run."""

    place: Place
    function: str
    declarations: int
    calls: int


@dataclass(frozen=True)
class Value:
    """An expression on the user's line, what it held, and the names of its axes where declared."""

    text: str
    observation: Observation
    axes: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.axes:
            return f"{self.text} {self.observation}"
        sizes = zip(self.axes, self.observation.shape or (), strict=True)
        inner = ", ".join(f"{name}={size}" if name else str(size) for name, size in sizes)
        return f"{self.text} ({inner}) {self.observation.dtype}".rstrip()


@dataclass(frozen=True)
class Crash:
    """The user's program raised torch's own error about shapes.

    `place` is the user's line, `error` the exception's class and `said` its text. `values` are
    the tensors of the failing expression. Where a layer of torch.nn refused its input, `layer`
    describes it and `inputs` hold what it reads (as declarations) beside what it was given.
    `raised` is what tracking saw of the operation that failed, where it was on.

    `operation` is what failed, alone (`nn.Linear`, `matmul`), with its tensors as `operands`, the
    `names` it has for them, and how far their whole numbers reach (`extents`). `tried` are the
    changes after which it goes through. Where it is a layer, `built_as` is what the code calls it
    and `built_at` the line that built it. `places` is how many rows a table has.
    """

    place: Place
    function: str
    error: str
    said: str
    expression: str = ""
    values: tuple[Value, ...] = ()
    layer: str = ""
    inputs: tuple[Argument, ...] = ()
    raised: Raised | None = None
    operation: str = ""
    operands: tuple[Operand, ...] = ()
    names: tuple[str, ...] = ()
    extents: tuple[tuple[int, int] | None, ...] = ()
    tried: tuple[Tried, ...] = ()
    built_as: str = ""
    built_at: Place | None = None
    places: int = 0


Matrix = tuple[tuple[bool, ...], ...]
TrialKind = Literal["disturbance", "shape", "order", "dependency", "alignment"]
Outcome = Literal["held", "broken", "raised", "skipped", "fixed"]


@dataclass(frozen=True)
class Trial:
    """One probed call: what was changed on which axis, and what came of it.

    `kind` is how the call was changed: other samples replaced (*disturbance*), another size
    (*shape*), another order of samples (*order*), one index disturbed at a time (*dependency*; to
    see how the operands of one operation meet, *alignment*).
    `axis` is the input axis by name and `law` the law it was tried against. `output` names the
    output (`return[0]`) whose axis `output_axis` answered. `matrix[o][i]` says whether output
    index o moved with input index i. `first_break` is the first operation whose result broke the
    law, and `reads` what the layer called there takes. `before` and `after` are the axis's size in
    the user's call and in the trial (in a disturbance they are equal); `expected` and `actual`
    the shape of the output in a trial of another size. `detail` is one factual sentence.
    `latent` says that the user's own sizes hide the fault. `excuse` says why a broken law is
    meant. `remedy` was tried: with it the law held. `law_by` is `name` where nobody declared the
    law but what the function is called. Where no annotation names the axis,
    `witnesses` say why it is taken for a batch, the best one first, `carrier` is the argument
    that has it (`axis 0 of x`), and `within` what was called: the outermost *module*, or a
    *function* of the user's.
    """

    function: str
    place: Place
    kind: TrialKind
    axis: str
    law: str
    outcome: Outcome
    output: str = ""
    output_axis: str = ""
    declared: str = ""
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    matrix: Matrix | None = None
    pattern: str = ""
    first_break: Place | None = None
    operation: str = ""
    detail: str = ""
    excuse: str = ""
    seen_sizes: tuple[int, ...] = ()
    reads: str = ""
    expected: tuple[int, ...] = ()
    actual: tuple[int, ...] = ()
    latent: bool = False
    remedy: str = ""
    law_by: Literal["", "name"] = ""
    witnesses: tuple[Witness, ...] = ()
    carrier: str = ""
    within: str = ""


@dataclass(frozen=True)
class Skipped:
    """Something that was not probed or tracked, and why."""

    function: str
    place: Place
    reason: str
