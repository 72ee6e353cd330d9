"""Nothing a replay says is heard: what it prints and warns, and what Python could not raise in it.

All of it for the replaying thread alone; what other threads say goes where it went.
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from _thread import get_ident
from collections.abc import Iterator
from typing import Any

import torch


@contextlib.contextmanager
def muted(thread: int) -> Iterator[None]:
    """Drop what a thread prints, warns and cannot raise, until the end of the body."""
    streams: Any = (sys.stdout, sys.stderr)
    always = torch.is_warn_always_enabled()
    unraisable, shown, ignored = _Unraisable(thread), _Shown(thread), _Ignored(thread)
    try:
        sys.unraisablehook = unraisable
        sys.stdout = _Stream(streams[0], thread)
        sys.stderr = _Stream(streams[1], thread)
        ignored.begin()
        torch.set_warn_always(True)  # or a first warning would be used up unseen
        shown.begin()
        yield
    finally:
        shown.end()
        torch.set_warn_always(always)
        ignored.end()
        sys.stdout, sys.stderr = streams
        unraisable.end()


class _Ignored:
    """A filter of warnings that ignores what one thread says, in front of those that are there.

    Filters are the whole process's, but the one that matches a message may be any object: this one
    looks at the thread, not at the text. `warnings` is not told that filters changed: its
    registries of what was already shown stay as they are, and a warning that is ignored enters
    none.
    """

    def __init__(self, thread: int) -> None:
        self._thread: int | None = thread
        self._module: Any = warnings
        self._before = self._module.filters
        self._mine = [("ignore", self, Warning, None, 0), *self._before]

    def match(self, text: str) -> bool:
        """What `warnings` asks of a pattern."""
        return get_ident() == self._thread

    def begin(self) -> None:
        """Take the place of the filters."""
        self._module.filters = self._mine

    def end(self) -> None:
        """Match nothing from now on, and give the place back.

        Where a thread has filters of its own for a while, made of these, they stay: at their end
        it sets these again, which then do what the ones before did.
        """
        self._thread = None
        theirs = self._module.filters
        if theirs is self._mine or not any(entry[1] is self for entry in theirs):
            self._module.filters = self._before


class _Shown:
    """Where warnings go that code asks for itself, with a filter of its own.

    Below the point that `catch_warnings(record=True)` replaces: what code records it records. A
    recording that another thread begins meanwhile stays; should its end put this one back, it
    hands on everything.
    """

    def __init__(self, thread: int) -> None:
        self._thread: int | None = thread
        self._module: Any = warnings
        self._before = self._module.showwarning, self._module._showwarnmsg_impl

    def begin(self) -> None:
        """Take the place of both ways by which warnings are shown."""
        module = self._module
        module.showwarning, module._showwarnmsg_impl = module._showwarning_orig, self

    def end(self) -> None:
        """Give both back."""
        self._thread = None
        if self._module._showwarnmsg_impl is self:
            self._module.showwarning, self._module._showwarnmsg_impl = self._before

    def __call__(self, message: Any) -> None:
        if get_ident() == self._thread:
            return
        show, own = self._before
        if show is self._module._showwarning_orig:
            own(message)
        else:
            show(
                message.message, message.category, message.filename, message.lineno,
                message.file, message.line,
            )  # fmt: skip


class _Unraisable:
    """The hook for errors that Python cannot raise: in `__del__`, in a weak reference's callback.

    The watchdog's error lands wherever the replay is, in such a callback too; pytest would call
    it an error of the user's test. Those of other threads go to the hook that was there before.
    Somebody may set a hook of theirs over this one meanwhile: theirs then stays, and this one,
    once ended, hands on everything.
    """

    def __init__(self, thread: int) -> None:
        self._thread: int | None = thread
        self._before = sys.unraisablehook

    def __call__(self, unraisable: Any) -> Any:
        if get_ident() != self._thread:
            self._before(unraisable)

    def end(self) -> None:
        """Hand on everything from now on, and give the place back to the hook before."""
        self._thread = None
        while isinstance(self._before, _Unraisable) and self._before._thread is None:
            self._before = self._before._before
        if sys.unraisablehook is self:
            sys.unraisablehook = self._before


class _Stream(io.TextIOBase):
    """A stream that drops what one thread writes and hands on what others do."""

    def __init__(self, stream: Any, thread: int) -> None:
        self._stream, self._thread = stream, thread

    def write(self, text: str) -> int:
        return len(text) if get_ident() == self._thread else self._stream.write(text)

    def flush(self) -> None:
        if get_ident() != self._thread:
            self._stream.flush()

    def writable(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        if name == "buffer" and get_ident() == self._thread:
            return io.BytesIO()
        return getattr(self._stream, name)
