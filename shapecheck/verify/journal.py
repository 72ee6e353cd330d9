"""What a worker has done so far, line by line, so that another can go on where it died."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shapecheck.core.plain import to_plain


class Journal:
    """A file of JSON lines; each is written at once and read by the process that supervises."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, kind: str, **facts: Any) -> None:
        """Add a line: `State` has a method for each kind."""
        with self._file.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps({"kind": kind, **to_plain(facts)}) + "\n")


class Reader:
    """Reads a journal as it grows."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._position = 0

    def news(self) -> Iterator[dict[str, Any]]:
        """The lines that are whole and have not been read yet."""
        if not self._file.exists():
            return
        with self._file.open(encoding="utf-8") as handle:
            handle.seek(self._position)
            while (line := handle.readline()).endswith("\n"):
                self._position = handle.tell()
                yield json.loads(line)
