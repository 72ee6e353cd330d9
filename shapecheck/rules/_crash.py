"""What the findings about torch's own errors have in common."""

from __future__ import annotations

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


def torch_says(crash: Crash) -> tuple[str, ...]:
    """torch's own message, kept, and the tensors on the line."""
    return (f"torch says: {crash.said}", *(f"here {value}" for value in crash.values))
