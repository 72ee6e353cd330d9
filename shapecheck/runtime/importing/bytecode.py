"""Byte code of transformed modules, kept beside Python's own under a tag of its own.

A run without shapecheck never meets it, and it is made anew when the source or shapecheck's
version changes.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import CodeType

from shapecheck.core.version import __version__
from shapecheck.runtime.importing import transform


class CodeCache:
    """Code objects by source file; `tag` tells apart what was compiled in different ways."""

    def __init__(self, tag: str = "") -> None:
        version = "".join(c for c in __version__ if c.isalnum())
        # under -O Python leaves assertions out
        self._tag = f"shapecheck{version}{tag}o{sys.flags.optimize}"

    def path(self, source: str) -> Path:
        """Where the byte code of a source file is kept (`__pycache__` or PYTHONPYCACHEPREFIX)."""
        return Path(importlib.util.cache_from_source(source, optimization=self._tag))

    def load(self, source: str) -> CodeType | None:
        """The code kept for this very state of the source, or None."""
        try:
            data = self.path(source).read_bytes()
            header = self._header(source)
            if not data.startswith(header):
                return None
            code = marshal.loads(data[len(header) :])
        except (OSError, EOFError, ValueError, TypeError, NotImplementedError):
            return None
        return code if isinstance(code, CodeType) else None

    def store(self, source: str, code: CodeType) -> None:
        """Keep code; where the folder cannot be written nothing is kept, as Python does."""
        if sys.dont_write_bytecode:
            return
        try:
            target = self.path(source)
            data = self._header(source) + marshal.dumps(code)
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(target)
        except (OSError, NotImplementedError, ValueError):
            return

    def _header(self, source: str) -> bytes:
        state = Path(source).stat()
        # The path too: a folder that was copied brings byte code that names the old files.
        facts = f"{state.st_mtime_ns}:{state.st_size}:{__version__}:{_made_by()}:{source}\n"
        return importlib.util.MAGIC_NUMBER + facts.encode()


@cache
def _made_by() -> int:
    """The age of the transformation itself, which changes between versions in a checkout."""
    return Path(transform.__file__).stat().st_mtime_ns
