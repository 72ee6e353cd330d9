"""A warning stands at the line where it would stand without us.

Torch's warnings name a frame by its distance: `F.softmax` without `dim` warns three frames up,
torch's C++ one. With a function mode on the stack that frame is the mode's. Python asks
`warnings._showwarnmsg` to show a warning after the filters have let it pass; there it is asked
again for the frame that is meant, with that frame's own register of what was shown before.
"""

from __future__ import annotations

import sys
import warnings
from types import CodeType, FrameType
from typing import Any

_DETOUR = "handle_torch_function"  # in torch/overrides.py: how torch's Python code asks a mode


class Warned:
    """Shows warnings where the caller of `code` stands, if they would name `code` itself.

    `code` is the mode's `__torch_function__`; `names` the globals it runs in.
    """

    def __init__(self, code: CodeType, names: dict[str, Any]) -> None:
        self._code = code
        self._names = names
        self._module: Any = warnings
        self._before: Any = None

    def begin(self) -> None:
        """Take the place of what shows warnings."""
        self._before = self._module._showwarnmsg
        self._module._showwarnmsg = self._show
        # Python's word for "keep no register here": each line of the user's has its own.
        self._names["__warningregistry__"] = None

    def end(self) -> None:
        """Give it back."""
        if self._module._showwarnmsg == self._show:
            self._module._showwarnmsg = self._before
            self._names.pop("__warningregistry__", None)

    def _show(self, said: Any) -> None:
        frame = self._meant(said.filename, said.lineno, sys._getframe(1))
        if frame is None:
            self._before(said)
            return
        warnings.warn_explicit(
            said.message,
            said.category,
            frame.f_code.co_filename,
            frame.f_lineno,
            frame.f_globals.get("__name__", "<string>"),
            frame.f_globals.setdefault("__warningregistry__", {}),
            frame.f_globals,
            said.source,
        )

    def _meant(self, filename: str, line: int, frame: FrameType | None) -> FrameType | None:
        """The frame at the same distance if the mode, and the detour to it, were not there."""
        while frame is not None and frame.f_code is not self._code:
            frame = frame.f_back
        detour = []
        if frame is not None:
            detour, frame = [frame], frame.f_back
        if frame is not None and frame.f_code.co_name == _DETOUR and frame.f_back is not None:
            detour += [frame, frame.f_back]
            frame = frame.f_back.f_back
        for one in detour:
            if (one.f_code.co_filename, one.f_lineno) == (filename, line):
                return frame
            frame = frame and frame.f_back
        return None
