"""Which axis of a tensor counts samples, and who says so, where no annotation does.

A DataLoader that stacks samples is sure of it, and so is a size that its author called
`batch_size`. What a layer or a loss reads as a batch is not: `nn.Conv2d` reads the frames of one
video so, and cross entropy the words of one sentence. It only confirms what a letter says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shapecheck.core.axis import Role
from shapecheck.core.facts import Witness
from shapecheck.runtime.flow.axes import Axes, Identity
from shapecheck.runtime.trials.probed import Path

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


def carriers(given: Mapping[Path, Axes], within: str) -> dict[Path, Samples]:
    """The tensors of a call that carry its samples, and where; the best witnessed first.

    Empty where there is no doubtless axis of samples: none is known, samples of two numbers are
    given, or a tensor carries them twice. Of a function only a DataLoader's batch counts.
    """
    known = {path: found for path, axes in given.items() if (found := counted(axes))}
    if not known or any(len(found) > 1 for found in known.values()):
        return {}
    sizes = {given[path].shape[found[0].position] for path, found in known.items()}
    best = sorted(known.items(), key=lambda item: item[1][0].witnesses[0].kind != "loader")
    loaded = best[0][1][0].witnesses[0].kind == "loader"
    if len(sizes) > 1 or 0 in sizes or (within == "function" and not loaded):
        return {}
    return {path: found[0] for path, found in best}


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
