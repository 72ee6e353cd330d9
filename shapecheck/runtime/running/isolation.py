"""The same start for every run: random numbers, settings, a folder of its own, caches emptied."""

from __future__ import annotations

import functools
import gc
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Start:
    """What the random number generators and torch's settings were, to be set again.

    torch and numpy are asked only where they are loaded.
    """

    def __init__(self) -> None:
        self._python = random.getstate()
        numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
        self._numpy = numpy.random.get_state() if numpy else None
        self._torch = torch.get_rng_state() if torch else None
        self._cuda = torch.cuda.get_rng_state_all() if torch and _cuda_is_up(torch) else None
        self._dtype = torch.get_default_dtype() if torch else None

    def again(self) -> None:
        """Set everything back to what it was."""
        random.setstate(self._python)
        if self._numpy is not None:
            sys.modules["numpy"].random.set_state(self._numpy)
        if self._torch is not None:
            torch = sys.modules["torch"]
            torch.set_rng_state(self._torch)
            torch.set_default_dtype(self._dtype)
            torch.set_grad_enabled(True)
            if self._cuda is not None:
                torch.cuda.set_rng_state_all(self._cuda)


def _cuda_is_up(torch: Any) -> bool:
    return bool(torch.cuda.is_available() and torch.cuda.is_initialized())


@contextmanager
def own_folder(root: Path) -> Iterator[Path]:
    """Run in an empty folder below `root`, which is also where temporary files go.

    It is removed afterwards; the working directory and the environment are put back.
    """
    folder = Path(tempfile.mkdtemp(dir=root))
    before, environment, place = os.getcwd(), dict(os.environ), tempfile.tempdir
    os.chdir(folder)
    tempfile.tempdir = str(folder)
    try:
        yield folder
    finally:
        os.chdir(before)
        tempfile.tempdir = place
        _put_back(environment)
        shutil.rmtree(folder, ignore_errors=True)


def _put_back(environment: dict[str, str]) -> None:
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def caches(files: Iterable[str]) -> list[Callable[[], None]]:
    """Ways to empty every `functools` cache whose function stands in one of the files.

    What was computed before a mutant came would hide it, and what it left behind would stay.
    """
    known = set(files)
    kind: Any = functools._lru_cache_wrapper
    return [
        thing.cache_clear
        for thing in gc.get_objects()
        if type(thing) is kind
        and getattr(getattr(thing.__wrapped__, "__code__", None), "co_filename", "") in known
    ]
