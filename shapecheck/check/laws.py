"""Laws under test: the calls a guard saw are tried again, and rules judge what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shapecheck.core.evidence import Skipped, Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.rules import judge
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.trials.bench import ProbeSettings
from shapecheck.runtime.trials.probing import Probing


@dataclass
class Laws:
    """The laws of what one guard checks, over a whole run.

    `trials` and `skipped` are all evidence so far, `findings` each finding once. `measured` is
    asked whether somebody measures the time of what runs at this moment.
    """

    guard: Guard
    declared: Mapping[str, str] = field(default_factory=dict)
    settings: ProbeSettings = field(default_factory=ProbeSettings)
    measured: Callable[[], bool] = lambda: False
    trials: list[Trial] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _by_kind: dict[Any, list[Finding]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._probing = Probing(self.declared, self.settings, self.measured)
        self.guard.probing = self._probing

    def switch(self, on: bool) -> None:
        """Look at calls, or leave them alone."""
        self._probing.enabled = on

    def renew(self) -> None:
        """Take every call as the first of its kind, with all the time there is.

        What was learnt of a call is worth nothing where the code behind it is another.
        """
        self._start()
        self._by_kind.clear()

    def end(self) -> None:
        """Look at no more calls."""
        self.guard.probing = None

    def conclude(self) -> list[Finding]:
        """Try what was called since the last time; the findings of these calls, old and new.

        A call of a kind whose laws were found broken before has its findings again, so that a
        test fails whenever it makes such a call, whichever test made it first.
        """
        self._probing.settle()
        found = [f for kind in dict.fromkeys(self._probing.met) for f in self._by_kind[kind]]
        self._probing.met.clear()
        for kind, evidence in self._probing.conclude():
            self.trials += [e for e in evidence if isinstance(e, Trial)]
            skipped = (e for e in evidence if isinstance(e, Skipped))
            self.skipped += [e for e in skipped if e not in self.skipped]
            fresh = _once(list(judge(evidence)))
            if fresh:
                self._by_kind[kind] = fresh
                self._probing.mark(kind)
                found += fresh
        self.findings += [f for f in found if f not in self.findings]
        return found


def _once(findings: list[Finding]) -> list[Finding]:
    """Each fault once: where two rules know of it, the one that knows more says it.

    Roles tell more than that axes are misaligned on a line; samples that were seen to mix through
    a layer, more than that it reads their axis as another; all masks of a softmax, tried, more
    than the one that the tracker saw; operands that both grow, more than the count of one that
    hid it; centre and scale, followed, say the same as the replay in which they were recorded.
    """
    errors = [f for f in findings if f.severity is Severity.ERROR]
    said = {f.place.line for f in errors if f.slug != "axis-misaligned"}
    mixed = {_read(f) for f in errors if f.slug == "batch-mixing"}
    tried = any(f.slug == "queries-masked" for f in errors)
    grown = {f.place.line for f in errors if f.slug == "two-sided-broadcast"}
    odds = {f.place.line: f for f in reversed(findings) if f.slug == "statistics-at-odds"}
    return [
        f
        for f in findings
        if not (f.slug == "statistics-at-odds" and odds[f.place.line] is not f)
        and not (f.slug == "axis-misaligned" and f.place.line in said)
        and not (f.slug == "role-conflict" and _read(f) in mixed)
        and not (f.slug == "axis-size-fixed" and f.place.line in grown)
        and not (tried and f.slug == "mask-without-effect" and f.severity is Severity.WARNING)
    ]


def _read(finding: Finding) -> tuple[int, str]:
    """Where a layer reads an axis, and which layer: `nn.LSTM`."""
    operation = str((finding.evidence or {}).get("operation", ""))
    return finding.place.line, operation.partition(":")[0].partition("(")[0]
