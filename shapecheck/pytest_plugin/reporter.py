"""What a run comes to in the end: summary, exit status, and what xdist's workers hand over.

Loads no torch: the process that deals tests out to workers runs none itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shapecheck.core.plain import from_plain, to_plain
from shapecheck.pytest_plugin.packages import missing
from shapecheck.pytest_plugin.summary import Outcome, write
from shapecheck.settings import Settings

_KEY = "shapecheck"  # in what a worker hands over


class Reporter:
    """Adds up what this process and its workers saw. `own` gives what this process saw so far."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.own: Callable[[], Outcome] = Outcome
        self._config = config
        self._settings = settings
        self._workers: list[Outcome] = []
        self._missing = ""

    @property
    def is_worker(self) -> bool:
        """True in a worker of pytest-xdist (known from the start of the session on)."""
        return hasattr(self._config, "workerinput")

    def pytest_report_header(self) -> str | None:
        """The packages that are covered."""
        packages = self._settings.packages
        return f"shapecheck: {', '.join(packages)}" if packages else None

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker is done: keep its outcome."""
        data = getattr(node, "workeroutput", {}).get(_KEY)
        if data is not None:
            self._workers.append(from_plain(Outcome, data))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In a worker: hand over. Else what no test could fail for decides the exit status."""
        if self.is_worker:
            given: dict[str, Any] = self._config.workeroutput  # type: ignore[attr-defined]  # xdist's
            given[_KEY] = to_plain(self.own())
            return
        outcome = self.outcome()
        if self._workers:
            self._missing = missing(self._config, self._settings.packages, outcome.modules)
        untroubled = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self._missing:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        elif outcome.stray and session.exitstatus in untroubled:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Counts, and what no test's report could show."""
        settings = self._settings
        write(terminalreporter, self.outcome(), settings.packages, full=settings.report)
        if self._missing:
            terminalreporter.write_line(f"ERROR: {self._missing}", red=True)

    def outcome(self) -> Outcome:
        """What this process and its workers saw so far."""
        whole = self.own()
        for outcome in self._workers:
            whole = whole.plus(outcome)
        return whole
