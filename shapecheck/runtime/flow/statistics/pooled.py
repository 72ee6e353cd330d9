"""Reductions over what a sequence layer read as the batch, while time stays."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from shapecheck.core.axis import Role, role_of
from shapecheck.core.facts import Witness
from shapecheck.core.sums import PooledAxis
from shapecheck.core.tracked import agreed
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Pooled

_COPIES = ("expand", "repeat", "tile", "broadcast")
_POOLS = ("mean", "max", "amax", "sum", "logsumexp")
_OVER = re.compile(
    r"\b(?:pool|max|mean|averag|sum|fuse|aggregat)\w*\b[^.;:]{0,24}?\b(?:over|across)\s+"
    r"(?:(?:the|all|its|of)\s+)*(\w+)",
    re.IGNORECASE,
)
# What a sequence is made of: to pool over these is to pool over its time.
_SEQUENCE = (
    "step steps timestep timesteps frame frames word words token tokens position positions "
    "sequence sequences length output outputs state states hidden dim dims dimension axis it them"
)
_READERS = ("nn.", "pack_padded_sequence")
_STEPS = frozenset(_SEQUENCE.split())


def pools(call: Call, source: Axes, dims: set[int], result: Axes) -> None:
    """Remember a reduction of one axis of (time, batch, feature) that leaves time."""
    if call.name not in _POOLS or len(dims) != 1 or len(source.items) != 3:
        return
    (at,) = dims
    if at > 1:
        return
    batch, time = _read(source.items[at], Role.BATCH), _read(source.items[1 - at], Role.TIME)
    if batch is not None and time is not None and batch.place == time.place and not _said(call):
        found = Pooled(source, at, 1 - at, call.name, call.place)
        result.marks = replace(result.marks, pooled=found)
        if call.name != "sum" and source.items[1 - at].padded is not None:
            classified(call, result)  # samples that have ended count as zeros: never meant


def _said(call: Call) -> bool:
    """True where the author says what is pooled, and it is no part of a sequence: `over persons`.

    The layer then runs along each person's track, and there are as many labels as steps.
    """
    words = [match.group(1).lower() for text in _texts(call) for match in _OVER.finditer(text)]
    hints = [(word, role_of(word)) for word in words]
    return any(
        word not in _STEPS and (hint is None or hint.role is not Role.TIME) for word, hint in hints
    )


def _texts(call: Call) -> Iterator[str]:
    """The comment beside a call, and the docstrings of the functions and classes around it."""
    node, source = call.expression, call.source
    if node is None or source is None:
        return
    statement = source.statement(node)
    if statement is not None:
        yield source.comment(statement.end_lineno or 0)
    around = source.parent(node)
    while around is not None:
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield " ".join((ast.get_docstring(around) or "").split())
        around = source.parent(around)


def _read(axis: Axis, role: Role) -> Witness | None:
    """What a sequence layer said when it read the axis so, where none read it otherwise."""
    if axis.single is None or axis.single.shared or axis.size == 1:
        return None
    if axis.single.origin.startswith(_COPIES):
        return None  # one input several times, of which the mean is taken
    if agreed(axis.single.reads) != (role, True) or axis.single.role()[0] is role:
        return None  # where names say so as well, the layer is right
    return next((w for w in axis.single.reads if w.text.startswith(_READERS)), None)


def classified(call: Call, x: Axes) -> None:
    """A linear layer takes what was pooled."""
    pooled = x.marks.pooled
    if pooled is not None:
        operand = call.described(pooled.source)
        call.emit(PooledAxis(pooled.place, pooled.by, operand, pooled.over, pooled.kept))
