"""What one worker process does: every site wrong in every way, against the tests that pass it."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from shapecheck.core.site import Site
from shapecheck.verify.baseline import Baseline
from shapecheck.verify.journal import Journal, Reader
from shapecheck.verify.rerun import Reruns, Runner
from shapecheck.verify.state import State
from shapecheck.verify.trial import Poisoned, Trials
from shapecheck.verify.workshop import Workshop

# A mutant may be slower than the code it stands for, and a machine may be busy.
_TIMES_SLOWER, _SECONDS_MORE = 10, 5


def work(runner: Runner, sites: Sequence[Site], file: Path) -> None:
    """Go on with the work that the journal in `file` tells of, to its end if nothing happens.

    Returns early where the tests can no longer be trusted in this process; the journal says so.
    """
    state = State()
    for line in Reader(file).news():
        state.take(line)
    journal = Journal(file)
    if not state.sites:
        journal.write("plan", sites=list(sites))
    numbered = dict(enumerate(sites))
    for module in state.modules:
        with suppress(Exception):  # what a test imported under a condition of its own
            importlib.import_module(module)
    with tempfile.TemporaryDirectory(dir=file.parent) as root:
        reruns, workshop = Reruns(runner, Path(root)), Workshop(numbered)
        workshop.refresh()
        reruns.find_caches(workshop.files)
        order = sorted(runner.items, key=lambda item: state.seconds.get(item, 0.0))
        baseline = Baseline(reruns, workshop, numbered, order, state, journal)
        trials = Trials(workshop, reruns, baseline)
        for number, site in numbered.items():
            if number in state.entries:
                continue

            def about(mutation: int, item: str, seconds: float, number: int = number) -> None:
                limit = _TIMES_SLOWER * seconds + _SECONDS_MORE
                journal.write("doing", site=number, mutation=mutation, item=item, limit=limit)

            try:
                entry = trials.entry(number, site, about, state.known.get(number))
            except Poisoned as poisoned:
                reason = "it fails without a mutant after one: something is left behind"
                journal.write("left_out", item=poisoned.item, reason=reason)
                return
            journal.write("entry", number=number, entry=entry)
        journal.write("done")
