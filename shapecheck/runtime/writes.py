"""What a run writes outside the folders it was given."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Event → which of its arguments are paths.
_CHANGES = {
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.mkdir": (0,),
    "os.rmdir": (0,),
    "os.truncate": (0,),
    "os.link": (1,),
    "os.symlink": (1,),
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.utime": (0,),
    "shutil.rmtree": (0,),
    "shutil.copyfile": (1,),
    "shutil.move": (1,),
    "sqlite3.connect": (0,),
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class WriteRefused(PermissionError):
    """A mutant was about to write where its test does not write."""


class Writes:
    """Listens to Python's audit events while `watching`; otherwise it does next to nothing.

    An audit hook cannot be removed, so there is one of these for a process. It does not see what
    compiled code opens by itself (a `torch.save` that has run before, `os.write` to a handle that
    was open already), nor other processes.
    """

    def __init__(self) -> None:
        self._allowed: tuple[str, ...] | None = None
        self._refuse = False
        self.outside: list[str] = []
        self._installed = False

    @contextmanager
    def watching(self, allowed: list[Path], refuse: bool = False) -> Iterator[list[str]]:
        """Gives the list of paths written to outside `allowed`; with `refuse`, none is let by."""
        if not self._installed:
            sys.addaudithook(self._hear)
            self._installed = True
        self.outside = []
        self._refuse = refuse
        self._allowed = tuple(os.path.realpath(path) for path in allowed)
        try:
            yield self.outside
        finally:
            self._allowed = None

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._allowed is None or not (event == "open" or event in _CHANGES):
            return
        for path in _paths(event, arguments):
            where = _real(path)
            made_already = event == "os.mkdir" and where is not None and os.path.isdir(where)
            if where is not None and not made_already and not self._lets(where):
                self.outside.append(where)
                if self._refuse:
                    raise WriteRefused(f"a mutant must not write to {where}")

    def _lets(self, path: str) -> bool:
        if path.startswith(("/dev/", "/proc/")) or "__pycache__" in path.split(os.sep):
            return True
        return any(path == a or path.startswith(a + os.sep) for a in self._allowed or ())


def _paths(event: str, arguments: tuple[object, ...]) -> Iterator[object]:
    if event != "open":
        yield from (arguments[i] for i in _CHANGES[event] if i < len(arguments))
        return
    path, mode, flags = (*arguments, None, None, None)[:3]
    by_mode = isinstance(mode, str) and any(letter in mode for letter in "wax+")
    by_flags = isinstance(flags, int) and bool(flags & _WRITING)
    if by_mode or (mode is None and by_flags):
        yield path


def _real(path: object) -> str | None:
    """Where a path leads, or None for a handle that is open already."""
    if isinstance(path, (str, bytes, os.PathLike)):
        try:
            name = os.fsdecode(path)
        except (TypeError, UnicodeDecodeError):
            return None
        return None if name == ":memory:" else os.path.realpath(name)
    return None
