"""Running a test again, each time from the same start and in a folder of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shapecheck.runtime.running.isolation import Start, caches, own_folder
from shapecheck.runtime.running.writes import Writes
from shapecheck.verify.failure import Failure


@dataclass(frozen=True)
class Outcome:
    """How a run of a test ended. `skipped` is the reason if it did not really run."""

    failure: Failure | None = None
    skipped: str = ""


class Runner(Protocol):
    """What an adapter knows: its tests, and how to run one of them again."""

    @property
    def items(self) -> Sequence[str]:
        """The tests by name, in their order."""

    @property
    def folders(self) -> Sequence[Path]:
        """Where every test may write (pytest's `tmp_path`)."""

    @property
    def laws(self) -> bool:
        """Whether laws are tried on what tests call."""

    def run(self, item: str, laws: bool) -> Outcome:
        """Run one test with its fixtures, set up and torn down; with `laws`, try them too."""


@dataclass(frozen=True)
class Rerun:
    """One run: its outcome, the seconds it took, what it wrote outside its folder."""

    outcome: Outcome
    seconds: float
    wrote: tuple[str, ...] = ()


class Reruns:
    """Runs tests of one runner, all from the state that there was when this was made."""

    def __init__(self, runner: Runner, root: Path) -> None:
        self._runner = runner
        self._root = root
        self._start = Start()
        self._writes = Writes()
        self._caches: list[Callable[[], None]] = []

    def find_caches(self, files: Sequence[str]) -> None:
        """Empty the `functools` caches of these files before every run from now on."""
        self._caches = caches(files)

    @property
    def laws(self) -> bool:
        """Whether there are laws to try."""
        return self._runner.laws

    def run(self, item: str, *, refuse_writes: bool = False, laws: bool = False) -> Rerun:
        """Run a test. With `refuse_writes` nothing is written outside its folder."""
        for empty in self._caches:
            empty()
        self._start.again()
        with own_folder(self._root) as folder:
            allowed = [folder, *self._runner.folders]
            before = time.perf_counter()
            with self._writes.watching(allowed, refuse_writes) as wrote:
                outcome = self._runner.run(item, laws)
            return Rerun(outcome, time.perf_counter() - before, tuple(wrote))
