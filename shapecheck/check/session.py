"""One watched program once torch is there: what runtime gathers of it for the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from shapecheck.check.calls import Calls
from shapecheck.core.evidence import Crash, Skipped
from shapecheck.core.facts import Fact, Operand, Raised
from shapecheck.core.site import Place
from shapecheck.runtime.crash import gather_crash
from shapecheck.runtime.crashing.operation import Seen
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.numpy.ndarrays import ArrayFlow
from shapecheck.runtime.running.elsewhere import Elsewhere
from shapecheck.runtime.threads import limit_torch_threads, torch_threads
from shapecheck.runtime.trace import TraceRecorder
from shapecheck.runtime.tracing import Tracing
from shapecheck.runtime.tracker import Tracker


def with_operands(crash: Crash, facts: Iterable[Fact]) -> Crash:
    """A crash with what tracking saw of the operation that failed at its line, the last one."""
    at = (crash.place.file, crash.place.line)
    seen = [f for f in facts if isinstance(f, Raised) and (f.place.file, f.place.line) == at]
    told = [fact for fact in seen if crash.said.startswith(fact.message[:40])]
    return replace(crash, raised=told[-1]) if told else crash


class Session:
    """Watches from `start` to `stop`; `evidence` is what was gathered.

    `seconds` of the processor is what trying calls again may cost; `calls` are those.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self._tracker = Tracker()
        self.calls = Calls(self._tracker, seconds)
        self._elsewhere = Elsewhere()
        self._crash: tuple[BaseException, Crash | None] | None = None

    def start(self) -> None:
        """Begin to watch, in the thread that calls."""
        self._elsewhere.start()
        self._tracker.__enter__()

    def trace(self, tracing: Tracing) -> TraceRecorder:
        """What listens to the probes of traced code, with the axes that are tracked here."""
        return TraceRecorder(tracing, self._tracker)

    def arrays(self) -> ArrayFlow:
        """What listens to the probes of array code, and follows it in the same tracker."""
        return ArrayFlow(self._tracker)

    def suggest(self, tensor: Any, words: Sequence[str], place: Place) -> None:
        """A comment at `place` calls the axes of a tensor so."""
        self._tracker.suggest(tensor, words, place)

    def begin_below(self, heard: Callable[[Fact], None]) -> None:
        """This process was forked off: what was seen before is not its own, and `heard` is told
        of each fact from now on. No call is tried in it."""
        self._tracker.gathered.clear()
        self._tracker.gathered.heard = heard
        self._tracker.observer = None

    def crash_below(self, error: BaseException) -> Crash | None:
        """What `error` shows, in a forked process: torch's threads did not come along with it, and
        an operation that is tried on several would wait for them for ever."""
        threads = torch_threads()
        limit_torch_threads(1)
        try:
            return next((one for one in self.evidence(error) if isinstance(one, Crash)), None)
        finally:
            limit_torch_threads(threads)

    def stop(self) -> None:
        """End watching; nothing of ours stays in the program's way."""
        self._tracker.__exit__(None, None, None)
        self._elsewhere.stop()

    def evidence(self, error: BaseException | None) -> list[object]:
        """Everything the rules may judge. `error` is what ended the program."""
        facts = self._tracker.facts()
        evidence: list[object] = [*facts, *self.calls.trials]
        if error is None:
            return evidence
        if self._crash is None or self._crash[0] is not error:
            self.ended(error)
        crash = self._crash[1] if self._crash is not None else None
        return evidence if crash is None else [*evidence, with_operands(crash, facts)]

    def ended(self, error: BaseException) -> None:
        """Look at the exception that ended the program while what it left is there.

        When Python's own exit handlers have run, torch can do less.
        """
        self._crash = (error, gather_crash(error, self._seen()))

    def _seen(self) -> Seen:
        tracker = self._tracker
        return Seen(tracker.failure, self._operand, tracker.earlier)

    def _operand(self, tensor: Any, text: str) -> Operand | None:
        """What tracking knows of a tensor of the program's that is still there."""
        axes = self._tracker.axes_held(tensor)
        if axes is None or axes.shape != tuple(tensor.shape):
            return None
        return Call.described(axes, text, str(tensor.dtype))

    def skipped(self) -> tuple[Skipped, ...]:
        """What was not watched, and why."""
        return (*self._elsewhere.skipped(), *self.calls.skipped())

    def errors(self) -> list[str]:
        """Failures of our own while watching."""
        return [*self._tracker.errors, *self._elsewhere.errors]
