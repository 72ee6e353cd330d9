"""What an operation reads the axes of an operand as."""

from __future__ import annotations

import re

from shapecheck.core.axis import Role
from shapecheck.core.evidence import Crash

_SPACE = (None, Role.HEIGHT, Role.WIDTH)
_Roles = tuple[Role | None, ...]


def roles_read(crash: Crash, operand: int, rank: int) -> _Roles:
    """The role of each axis that the failed operation would read in an operand of this rank."""
    name = crash.operation.removeprefix("nn.")
    if not crash.operation.startswith("nn."):
        return (None,) * rank
    if name == "Linear":
        return (*(None,) * (rank - 1), Role.FEATURE)
    if re.fullmatch(r"Conv(Transpose)?[123]d|BatchNorm[123]d", name):
        return _spatial(name, rank)
    if operand == 0 and name in ("RNN", "LSTM", "GRU"):
        order = (Role.BATCH, Role.TIME) if _batch_first(crash) else (Role.TIME, Role.BATCH)
        return (*order, Role.FEATURE) if rank == 3 else (Role.TIME, Role.FEATURE)
    if name in ("RNN", "LSTM", "GRU"):
        return (Role.LAYER, Role.BATCH, Role.FEATURE)[-rank:] if rank == 3 else (None,) * rank
    if name in ("RNNCell", "LSTMCell", "GRUCell") and rank == 2:
        return (Role.BATCH, Role.FEATURE)
    if name in ("CrossEntropyLoss", "NLLLoss") and operand == 0 and rank > 1:
        return (Role.BATCH, Role.CLASS, *(None,) * (rank - 2))
    return (None,) * rank


def _spatial(name: str, rank: int) -> _Roles:
    many = int(name[-2])
    space: _Roles = (None,) * many if many != 2 else _SPACE[1:]
    if rank == many + 2:
        return (Role.BATCH, Role.CHANNEL, *space)
    if name.startswith("BatchNorm"):
        return (Role.BATCH, Role.CHANNEL)[:rank]
    return (Role.CHANNEL, *space) if rank == many + 1 else (None,) * rank


def _batch_first(crash: Crash) -> bool:
    return "batch_first=True" in crash.layer
