"""What the findings about torch's own errors have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shapecheck.core.diagnosis import spec_of
from shapecheck.core.evidence import Argument, Crash
from shapecheck.core.match import Mismatch, Size, match
from shapecheck.core.spec import Spec


@dataclass(frozen=True)
class Refused:
    """The first input of a layer that contradicts what it reads, and the sizes bound before."""

    argument: Argument
    spec: Spec
    bindings: dict[str, Size]
    sources: dict[str, str]


def first_refused(inputs: tuple[Argument, ...]) -> Refused | None:
    """Lay each input along what the layer reads, in order; None where all of them fit."""
    bindings: dict[str, Size] = {}
    sources: dict[str, str] = {}
    for argument in inputs:
        spec, shape = spec_of(argument.declaration), argument.observation.shape
        if spec is None or shape is None:
            continue
        found = match(shape, spec, bindings)
        if isinstance(found, Mismatch):
            return Refused(argument, spec, bindings, sources)
        bindings = found.bindings
        for name in bindings:
            sources.setdefault(name, argument.declaration.name)
    return None


_DTYPES = re.compile(
    r"dtype|scalar type|floating point type|Tensor for arg"
    r"|expected .*(Long|Float|Double|Bool|Int)\b"
)
_INDICES = re.compile(r"(?<!Dimension )out of (range|bounds)")


def of_dtypes(crash: Crash) -> bool:
    """True where torch refused a dtype, not a shape."""
    if not crash.operation:
        return False
    return any(t.kind == "cast" for t in crash.tried) or _DTYPES.search(crash.said) is not None


def of_indices(crash: Crash) -> bool:
    """True where an index reaches past the end of an axis."""
    return bool(crash.operation) and _INDICES.search(crash.said) is not None


def torch_says(crash: Crash) -> tuple[str, ...]:
    """torch's own message, kept, and the tensors on the line."""
    shown = {(one.text, one.shape) for one in crash.operands}
    others = [v for v in crash.values if v.axes or (v.text, v.observation.shape) not in shown]
    return (f"torch says: {crash.said}", *(f"here {value}" for value in others))
