"""What is found in processes that a run starts: DataLoader workers, ranks, spawned functions.

The process that reports names a folder in the environment, which every process below it inherits.
A guard that raises in one of those leaves its finding there, and the process that reports gathers
them. What a handler in the child asked for by name is not left. The folder is made by the first
to leave something, so that a process that is killed leaves none behind.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from shapecheck.core.finding import Finding

_FOLDER = "SHAPECHECK_CHILDREN"  # "PID:FOLDER": who gathers, and where


class Children:
    """Gathers findings from `start` to `stop`."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._before: str | None = None

    def start(self) -> None:
        """Name a folder to every process that is started from now on."""
        self._folder = Path(tempfile.gettempdir(), f"shapecheck-{secrets.token_hex(8)}")
        self._before = os.environ.get(_FOLDER)
        os.environ[_FOLDER] = f"{os.getpid()}:{self._folder}"

    def stop(self) -> None:
        """Forget the folder, as far as this process goes."""
        if self._folder is None or not os.environ.get(_FOLDER, "").startswith(f"{os.getpid()}:"):
            return
        if self._before is None:
            del os.environ[_FOLDER]
        else:
            os.environ[_FOLDER] = self._before
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def gather(self) -> list[Finding]:
        """What was left so far, in the order of the processes' numbers."""
        if self._folder is None:
            return []
        files = sorted(self._folder.glob("*.jsonl"), key=lambda file: int(file.stem))
        lines = [line for f in files for line in f.read_text(encoding="utf-8").splitlines()]
        return [Finding.from_dict(json.loads(line)) for line in lines]


def leave(finding: Finding) -> None:
    """Leave a finding where this is a child of a process that gathers them.

    Whatever fails (the folder may be gone) the program in the child goes on.
    """
    process, _, folder = os.environ.get(_FOLDER, "").partition(":")
    if not folder or process == str(os.getpid()):
        return
    try:
        Path(folder).mkdir(mode=0o700, exist_ok=True)
        with Path(folder, f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(finding.to_dict()) + "\n")
    except OSError:
        return
