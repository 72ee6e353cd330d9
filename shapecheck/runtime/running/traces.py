"""A traceback as Python alone would show it: without our frames, and without torch's detour to us.

Imports nothing but the standard library (see `runtime.program`).
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

_OURS = os.path.join(Path(__file__).resolve().parents[2], "")
_DETOUR = "handle_torch_function"  # in torch/overrides.py: how torch's Python code asks a mode


def clean(error: BaseException) -> None:
    """Take our frames out of an exception's traceback, and out of those of what led to it."""
    waiting: list[BaseException | None] = [error]
    seen = set()
    while waiting:
        part = waiting.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        part.__traceback__ = without_frames_of_ours(part.__traceback__)
        waiting += [part.__cause__, part.__context__]
        if isinstance(part, BaseExceptionGroup):
            waiting += part.exceptions


def without_frames_of_ours(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the program's first line on, linked past every frame of ours."""
    kept: list[TracebackType] = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(_OURS):
            kept.append(trace)
        elif kept and kept[-1].tb_frame.f_code.co_name == _DETOUR:
            # f -> handle_torch_function -> the tracker -> f again: the second f is what runs.
            del kept[-2:]
        trace = trace.tb_next
    after: TracebackType | None = None
    for here in reversed(kept):
        here.tb_next = after
        after = here
    return after
