"""What a run writes outside the folders it was given."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Event → (which of its arguments is a path, which the handle of the folder it starts from).
_CHANGES: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.mkdir": ((0, 2),),
    "os.rmdir": ((0, 1),),
    "os.truncate": ((0, None),),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.utime": ((0, 3),),
    "shutil.rmtree": ((0, 1),),
    "shutil.copyfile": ((1, None),),
    "shutil.move": ((1, None),),
    "sqlite3.connect": ((0, None),),
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
        for where in _paths(event, arguments):
            made_already = event == "os.mkdir" and where is not None and os.path.isdir(where)
            if where is not None and not made_already and not self._lets(where):
                self.outside.append(where)
                if self._refuse:
                    raise WriteRefused(f"a mutant must not write to {where}")

    def _lets(self, path: str) -> bool:
        if path.startswith(("/dev/", "/proc/")) or "__pycache__" in path.split(os.sep):
            return True
        return any(path == a or path.startswith(a + os.sep) for a in self._allowed or ())


def _paths(event: str, arguments: tuple[object, ...]) -> Iterator[str | None]:
    if event != "open":
        for path, folder in _CHANGES[event]:
            given = folder is not None and folder < len(arguments)
            yield _real(arguments[path], arguments[folder or 0] if given else None)
        return
    opened, mode, flags = (*arguments, None, None, None)[:3]
    by_mode = isinstance(mode, str) and any(letter in mode for letter in "wax+")
    by_flags = isinstance(flags, int) and bool(flags & _WRITING)
    if by_mode or (mode is None and by_flags):
        yield _real(opened, None)


def _real(path: object, start: object) -> str | None:
    """Where a path leads, or None for a handle that is open already.

    A path may count from the handle of a folder (as `shutil.rmtree` goes about it); where the
    system does not say which folder that is, the path is not known.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        return None
    try:
        name = os.fsdecode(path)
        if isinstance(start, int) and start >= 0 and not os.path.isabs(name):
            name = os.path.join(os.readlink(f"/proc/self/fd/{start}"), name)
    except (TypeError, UnicodeDecodeError, OSError):
        return None
    return None if name == ":memory:" else os.path.realpath(name)
