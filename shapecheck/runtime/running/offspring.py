"""What processes of a program saw: each leaves its evidence in a file, the one above reads them.

A process that is killed writes nothing at its end, so each piece is written as it is seen. At its
end a process writes all of it again, with what was learnt since. The folder is one that the
reporting process was given for the run; plain values alone are read back from it.
"""

from __future__ import annotations

import os
import pickle
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_SEEN, _WHOLE = ".seen", ".whole"


@dataclass(frozen=True)
class Left:
    """What one process left: evidence for the rules, and failures of our own."""

    evidence: tuple[object, ...]
    errors: tuple[str, ...] = ()


class Leaving:
    """Writes for this process, into files of its own that are made when there is something."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"

    def note(self, piece: object) -> None:
        """Leave one more piece now. Whatever fails (a full disk) the program goes on."""
        try:
            with self._file(_SEEN).open("ab") as file:
                file.write(pickle.dumps(piece))
        except Exception:
            return

    def whole(self, left: Left) -> None:
        """Leave everything, in the place of what was left piece by piece."""
        if not left.evidence and not left.errors:
            return
        try:
            partial = self._file(".partial")
            partial.write_bytes(pickle.dumps(left))
            partial.replace(self._file(_WHOLE))
        except Exception:
            return

    def _file(self, kind: str) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder / f"{self._name}{kind}"


def gather(folder: Path) -> list[Left]:
    """What was left so far, one for each process, in the order in which they began to write."""
    if not folder.is_dir():
        return []
    names: dict[str, float] = {}
    for file in sorted(folder.iterdir()):
        if file.suffix in (_SEEN, _WHOLE):
            names[file.stem] = min(names.get(file.stem, file.stat().st_mtime), file.stat().st_mtime)
    return [_left(folder, name) for name in sorted(names, key=lambda name: (names[name], name))]


def _left(folder: Path, name: str) -> Left:
    whole = folder / f"{name}{_WHOLE}"
    if whole.exists():
        try:
            found = pickle.loads(whole.read_bytes())
        except Exception:  # its pieces are read
            found = None
        if isinstance(found, Left):
            return found
    return Left(tuple(_pieces(folder / f"{name}{_SEEN}")))


def _pieces(file: Path) -> Iterable[object]:
    """The pieces of a file, up to where a process was stopped in the middle of one."""
    try:
        with file.open("rb") as stream:
            while True:
                yield pickle.load(stream)
    except Exception:
        return
