"""Samples side by side in time, `time env`: the layout of rollouts and of recurrent layers.

What counts samples by its name (`env`, `episode`) and stands right behind time in everything that
the call takes and gives is held to the laws of samples, more gently than a batch: what compares
samples on purpose is left alone, and a size is only wrong where it is written down as a number.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from shapecheck.core.axis import Role, role_of, says_batch
from shapecheck.core.evidence import Trial
from shapecheck.core.samples import counts_samples
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.deliberate import may_be_meant
from shapecheck.runtime.trials.disturbance import Disturbance
from shapecheck.runtime.trials.first_break import Break
from shapecheck.runtime.trials.one_set import as_one_set

_KEPT = "fixed by a size that is kept"


def beside_time(axis: str, named: Iterable[tuple[str, ...]]) -> bool:
    """True for samples that stand behind time, or in front of what has no time.

    `named` are the declared names of the axes of every tensor taken and given.
    """
    named = list(named)
    if not counts_samples(axis) or any(says_batch(name) for names in named for name in names):
        return False
    found = [names for names in named if axis in names]
    once = all(names.count(axis) == 1 for names in found)
    behind = [names[:2] == (names[0], axis) and _is_time(names[0]) for names in found]
    in_front = [names[0] == axis for names in found]
    return once and any(behind) and all(map(any, zip(behind, in_front, strict=True)))


def _is_time(name: str) -> bool:
    hint = role_of(name)
    return hint is not None and hint.role is Role.TIME and not hint.weak


class Beside(Disturbance):
    """Samples side by side, which nobody called a batch: they may be compared on purpose."""

    def excuse(self, found: Break) -> str:
        return may_be_meant(found, self.size, "module") or as_one_set(self, found)


def written_down(bench: Bench, axis: str, trials: Iterable[Trial]) -> Iterator[Trial]:
    """The trials, those broken excepted that no number on the line at fault accounts for."""
    size = bench.size(axis)
    shared = size in bench.other_sizes(axis)  # of two axes of one size, it may be the other's
    for trial in trials:
        if trial.outcome != "broken" or (size > 1 and not shared and _written(trial, size)):
            yield trial
        else:
            yield replace(trial, outcome="fixed", detail=_KEPT)


def fixed_by_state(trial: Trial, size: int) -> Trial:
    """The trial, but fixed where another size raises at a line that has no number for this one.

    What one word alone calls samples may be a set of as many as a model was made for.
    """
    broken = trial.outcome == "broken" and not trial.actual
    if broken and trial.first_break is not None and not _written(trial, size):
        return replace(trial, outcome="fixed", detail=_KEPT)
    return trial


def _written(trial: Trial, size: int) -> bool:
    at = trial.first_break
    line = linecache.getline(at.file, at.line) if at is not None else ""
    return bool(re.search(rf"(?<![\w.]){size}(?![\w.])", line))
