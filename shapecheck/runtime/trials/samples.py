"""Which axis of a tensor counts samples, and who says so, where no annotation does.

A DataLoader that stacks samples is sure of it, and so is a size that its author called
`batch_size`. What a layer or a loss reads as a batch is not: `nn.Conv2d` reads the frames of one
video so, and cross entropy the words of one sentence. It only confirms what a letter says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shapecheck.core.axis import Role
from shapecheck.core.facts import Witness
from shapecheck.runtime.flow.axes import Axes, Identity

_BATCH = re.compile(r"batch|\bbsz?\b", re.IGNORECASE)
_LETTER = re.compile(r"it is called [bB]$")


@dataclass(frozen=True)
class Samples:
    """An axis at `position` that counts samples. `witnesses` say so, the best one first."""

    position: int
    identity: Identity
    witnesses: tuple[Witness, ...]


def counted(axes: Axes) -> list[Samples]:
    """The axes of a tensor that count samples."""
    found = []
    for position, axis in enumerate(axes.items):
        witnesses = () if axis.single is None else _witnesses(axis.single)
        if axis.single is not None and witnesses:
            found.append(Samples(position, axis.single, witnesses))
    return found


def _witnesses(identity: Identity) -> tuple[Witness, ...]:
    role, _ = identity.role()
    if role is not Role.BATCH or identity.shared:
        return ()
    said = [w for w in identity.declared if w.role is Role.BATCH]
    loaders = [w for w in said if w.kind == "loader"]
    names = [w for w in said if w.kind == "name" and not w.weak and _BATCH.search(w.text)]
    if loaders or names:
        return (*loaders, *names)
    letters = [w for w in said if w.kind == "name" and _LETTER.search(w.text)]
    others = [w for w in said if w.kind == "comment"]
    others += [w for w in identity.reads if w.role is Role.BATCH]
    return (*letters, *others) if letters and others else ()
