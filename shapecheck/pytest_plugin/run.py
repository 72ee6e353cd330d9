"""The part of the plugin that is loaded when there is something to check: a run as a whole."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from shapecheck import check
from shapecheck.core.evidence import CheckedFunction
from shapecheck.core.finding import Finding
from shapecheck.core.plain import from_plain, to_plain
from shapecheck.pytest_plugin.account import Account, findings_in
from shapecheck.pytest_plugin.items import Items
from shapecheck.pytest_plugin.packages import install, missing
from shapecheck.pytest_plugin.summary import Outcome, write
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.importer import ImportHook
from shapecheck.runtime.threads import limit_torch_threads, torch_threads
from shapecheck.settings import Settings

T = TypeVar("T")
_KEY = "shapecheck"  # in what an xdist worker hands to the process that reports


def start(config: pytest.Config, settings: Settings) -> Run:
    """Cover the packages from now on. Raises UsageError where that cannot be."""
    guard = Guard(check.explain)
    hook = install(config, guard, settings.packages) if settings.packages else None
    return Run(config, settings, guard, hook)


class Watch:
    """What the fixture `shapecheck` gives: `findings` of this test so far, `guard`, `checked`."""

    def __init__(self, run: Run, item: pytest.Item) -> None:
        self._items = run.items
        self._item = item
        self.guard = run.guard

    @property
    def findings(self) -> list[Finding]:
        """Every finding raised in this test so far, also those that the test expects."""
        return self._items.findings(self._item)

    def checked(self, target: T) -> T:
        """Like `shapecheck.checked`."""
        return self.guard.checked(target)


class Run:
    """Hooks around collection and the end of a run.

    The run has a guard of its own for what its import hook covers; code that is decorated with
    `shapecheck.checked` is watched by the guard of `shapecheck.check`, and counts as well.
    """

    def __init__(
        self, config: pytest.Config, settings: Settings, guard: Guard, hook: ImportHook | None
    ) -> None:
        self.guard = guard
        self.account = Account(guard, check.guard)
        self.items = Items(config, self.account, guard.record)
        self._config = config
        self._settings = settings
        self._hook = hook
        self._workers = Outcome()
        self._calls_before = {c: t.calls for c, t in check.guard.record.tallies.items()}

    @property
    def is_worker(self) -> bool:
        """True in a worker of pytest-xdist (known from the start of the session on)."""
        return hasattr(self._config, "workerinput")

    def pytest_sessionstart(self) -> None:
        """Limit torch's threads where that was asked for."""
        if self._settings.torch_threads and self.is_worker:
            limit_torch_threads(self._settings.torch_threads)

    def pytest_report_header(self) -> str | None:
        """What is covered."""
        packages = self._settings.packages
        return f"shapecheck: {', '.join(packages)}" if packages else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Account for what importing modules raised; show its failures without our frames."""
        self.account.settle_outside_tests()
        report = yield
        call: pytest.CallInfo[Any] | None = getattr(report, "call", None)
        excinfo = call.excinfo if call is not None else None
        self.account.settle_outside_tests(findings_in(excinfo.value) if excinfo else ())
        if call is not None and excinfo is not None and report.failed:
            call.excinfo = self.items.pruned(excinfo)
            if call.excinfo is not excinfo:
                report.longrepr = collector.repr_failure(call.excinfo)
        return report

    def pytest_collection_finish(self) -> None:
        """By now every package that is to be covered can be found."""
        if self._hook is not None and not self.is_worker:
            wrong = missing(self._config, self._hook.packages, self._hook.seen)
            if wrong:
                raise pytest.UsageError(wrong)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the outcome to the process that reports, or let it decide the exit status."""
        self.account.settle_outside_tests()
        if self.is_worker:
            given: dict[str, Any] = session.config.workeroutput  # type: ignore[attr-defined]  # xdist's
            given[_KEY] = to_plain(self._own())
            return
        untroubled = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self.outcome.stray and session.exitstatus in untroubled:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker is done: add its outcome."""
        data = getattr(node, "workeroutput", {}).get(_KEY)
        if data is not None:
            self._workers = self._workers.plus(from_plain(Outcome, data))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Counts, and what no test's report could show."""
        settings = self._settings
        write(terminalreporter, self.outcome, settings.packages, full=settings.report)

    @property
    def outcome(self) -> Outcome:
        """What this process saw, and its workers."""
        return self._own().plus(self._workers)

    def _own(self) -> Outcome:
        records = [guard.record for guard in self.account.guards]
        return Outcome(
            functions=(*self.guard.record.functions(), *self._decorated()),
            unchecked=tuple(u for record in records for u in record.unchecked()),
            findings=tuple(self.account.findings),
            stray=tuple(self.account.stray),
            internal_errors=tuple(e for record in records for e in record.internal_errors),
            modules=tuple(sorted(self._hook.seen)) if self._hook else (),
            threads=(torch_threads(),) if self.is_worker else (),
        )

    def _decorated(self) -> Iterator[CheckedFunction]:
        """Functions that the user decorated, with the calls since this run began."""
        for code, tally in list(check.guard.record.tallies.items()):
            calls = tally.calls - self._calls_before.get(code, 0)
            if calls or code not in self._calls_before:
                yield replace(tally.count(), calls=calls)
