"""What a run comes to: counts and findings of one process, or of all xdist workers together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pytest

from shapecheck.core.evidence import CheckedFunction, Skipped, Trial, Unchecked
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.site import Place
from shapecheck.report.laws import law_lines, law_total
from shapecheck.report.text import finding_lines, listing, total


@dataclass(frozen=True)
class Outcome:
    """Plain values only: it travels from a worker to the process that reports.

    `findings` are all that no handler asked for; `stray` are those of them that belong to
    no test: swallowed, or found in what was called, while none was running. `modules` are
    the modules that the import hook covered. `threads` holds, by worker, how many threads torch
    uses there. `passed` are calls that were let pass unjudged, with which calls as the reason;
    `elsewhere` the findings of processes that the tests started.
    """

    functions: tuple[CheckedFunction, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    findings: tuple[Finding, ...] = ()
    stray: tuple[Finding, ...] = ()
    internal_errors: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    threads: tuple[int, ...] = ()
    trials: tuple[Trial, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    passed: tuple[Skipped, ...] = ()
    elsewhere: tuple[Finding, ...] = ()

    def plus(self, other: Outcome) -> Outcome:
        """Both together: calls added up, lists joined without repeating."""
        return Outcome(
            functions=_added(self.functions + other.functions),
            unchecked=_once(self.unchecked + other.unchecked),
            findings=once(self.findings + other.findings),
            stray=once(self.stray + other.stray),
            internal_errors=tuple(dict.fromkeys(self.internal_errors + other.internal_errors)),
            modules=tuple(sorted({*self.modules, *other.modules})),
            threads=self.threads + other.threads,
            trials=tuple({_trial(t): t for t in self.trials + other.trials}.values()),
            skipped=tuple(dict.fromkeys(self.skipped + other.skipped)),
            passed=tuple(dict.fromkeys(self.passed + other.passed)),
            elsewhere=once(self.elsewhere + other.elsewhere),
        )


def once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each fault once, however often it was met."""
    found: dict[object, Finding] = {}
    for finding in findings:
        found.setdefault(fault(finding), finding)
    return tuple(found.values())


def fault(finding: Finding) -> tuple[object, ...]:
    """What makes two findings the same fault."""
    return finding.slug, finding.place, finding.message


def _trial(trial: Trial) -> tuple[object, ...]:
    """What makes the trials of two processes the same."""
    return trial.place, trial.kind, trial.axis, trial.output, trial.outcome, trial.seen_sizes


def _added(functions: Iterable[CheckedFunction]) -> tuple[CheckedFunction, ...]:
    found: dict[Place, CheckedFunction] = {}
    for f in functions:
        known = found.get(f.place, replace(f, calls=0, declarations=0))
        found[f.place] = replace(
            f,
            calls=known.calls + f.calls,
            declarations=max(known.declarations, f.declarations),
        )
    return tuple(found.values())


def _once(entries: Iterable[Unchecked]) -> tuple[Unchecked, ...]:
    found: list[Unchecked] = []
    for entry in entries:
        if entry not in found:
            found.append(entry)
    return tuple(found)


def write(
    terminal: pytest.TerminalReporter, outcome: Outcome, packages: tuple[str, ...], *, full: bool
) -> None:
    """The part of pytest's summary that is ours; a line where there is no more to say."""
    root = str(terminal.config.rootpath)
    if outcome.stray:
        terminal.section("shapecheck: while no test was running", red=True)
        for finding in outcome.stray:
            terminal.write("\n".join([*finding_lines(finding, root), ""]) + "\n")
    if outcome.elsewhere:
        terminal.section("shapecheck: raised in processes that tests started", yellow=True)
        for finding in outcome.elsewhere:
            terminal.write("\n".join([*finding_lines(finding, root), ""]) + "\n")
    unfailing = [f for f in outcome.findings if f.severity is not Severity.ERROR]
    if unfailing:
        terminal.section("shapecheck: findings that fail no test", yellow=True)
        for finding in unfailing:
            terminal.write("\n".join([*finding_lines(finding, root), ""]) + "\n")
    if outcome.internal_errors:
        terminal.section("shapecheck: errors of its own, none of yours", yellow=True)
        terminal.write("\n".join(outcome.internal_errors))
    if full:
        terminal.section("shapecheck: what was checked")
        terminal.write("\n".join(listing(outcome.functions, outcome.unchecked, root)) + "\n")
        laws = law_lines(outcome.trials, outcome.skipped, root)
        if laws:
            terminal.section("shapecheck: laws")
            terminal.write("\n".join(laws) + "\n")
    for line in _last_lines(outcome, packages):
        terminal.write_line(f"shapecheck: {line}")


def _last_lines(outcome: Outcome, packages: tuple[str, ...]) -> list[str]:
    found = once(outcome.findings + outcome.elsewhere)
    lines = [total(len(found), outcome.functions, outcome.unchecked)]
    if not outcome.functions and packages and not outcome.modules:
        lines = [f"nothing of {', '.join(packages)} was imported, so nothing was checked"]
    elif not outcome.functions and not packages and not found:
        lines = []
    laws = law_total(outcome.trials, outcome.skipped)
    lines += [laws] if laws else []
    lines += _passed(outcome.passed)
    cores = os.cpu_count() or 1
    if len(outcome.threads) > 1 and sum(outcome.threads) > cores:
        most = max(outcome.threads)
        lines.append(
            f"torch runs {most} threads in each of {len(outcome.threads)} workers on {cores} "
            "cores; `torch_threads = 1` in [tool.shapecheck] is often faster"
        )
    return lines


def _passed(passed: Iterable[Skipped]) -> Iterator[str]:
    """What was not judged, each kind once, with one of the functions that it came to."""
    kinds: dict[str, list[Skipped]] = {}
    for entry in passed:
        kinds.setdefault(entry.reason, []).append(entry)
    for kind, entries in kinds.items():
        more = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
        yield f"not judged: {kind} (in {entries[0].function}{more})"
