"""Laws in pytest: what a test called is tried again when its body is over."""

from __future__ import annotations

import sys
from collections.abc import Generator
from dataclasses import replace

import pytest

from shapecheck.check.laws import Laws
from shapecheck.core.evidence import Skipped, Trial
from shapecheck.core.finding import Finding, Severity, ShapeError
from shapecheck.pytest_plugin.account import Account
from shapecheck.pytest_plugin.summary import once
from shapecheck.pytest_plugin.timers import Timers
from shapecheck.report.text import finding_lines
from shapecheck.runtime.blame import standing_at
from shapecheck.runtime.trials.bench import limited_to
from shapecheck.settings import Settings

_TIMING = {"benchmark", "benchmark_weave"}
_BROKEN = pytest.StashKey[list[Finding]]()  # found while the test failed for another reason


class LawsOfItems:
    """Hooks around each test: trials after its body, a failure where a law is broken.

    A test fails on every run in which it makes a call whose laws do not hold, whichever test
    made such a call first.
    """

    def __init__(self, config: pytest.Config, settings: Settings, account: Account) -> None:
        self._config = config
        limits = limited_to(settings.probe_megabytes << 20, settings.probe_seconds)
        self._laws = [
            Laws(guard, dict(settings.laws), limits, self._measured) for guard in account.guards
        ]
        self._account = account
        self._timed = False
        self._timers = config.pluginmanager.get_plugin("shapecheck-timers") or Timers()
        if not config.pluginmanager.is_registered(self._timers):
            config.pluginmanager.register(self._timers, "shapecheck-timers")
        for laws in self._laws:
            config.add_cleanup(laws.end)

    def renew(self, on: bool) -> None:
        """For a test that is run again: try all of its calls, or none."""
        for laws in self._laws:
            laws.renew()
            if not on:
                laws.end()

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Every trial so far."""
        return tuple(trial for laws in self._laws for trial in laws.trials)

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was not tried so far, and why."""
        return tuple(entry for laws in self._laws for entry in laws.skipped)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Try what importing modules called: it is no matter of the first test."""
        if not session.config.option.collectonly:
            note = "of a call that was made while modules were imported"
            found = (replace(f, notes=(*f.notes, note)) for f in self._conclude())
            self._account.stray += found

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Leave the calls of a test alone that is marked so; copy nothing in one that is timed."""
        marker = item.get_closest_marker("shapecheck")
        on = marker is None or marker.kwargs.get("probe") is not False
        self._timed = _is_timed(item)
        for laws in self._laws:
            laws.switch(on)
        try:
            return (yield)
        finally:
            self._timed = False
            for laws in self._laws:
                laws.switch(True)

    def _measured(self) -> bool:
        """True where time is measured now: by a benchmark, or by hypothesis for its deadline."""
        in_an_example = getattr(sys.modules.get("hypothesis"), "currently_in_test_context", None)
        return self._timed or (in_an_example is not None and in_an_example())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Try what setup and body called, outside of what the body measures."""
        yield from self._phase(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        """Try what fixtures called at their end: it is no matter of the next test."""
        yield from self._phase(item)

    def _phase(self, item: pytest.Item) -> Generator[None, None, None]:
        __tracebackhide__ = True
        try:
            yield
        except BaseException:
            item.stash[_BROKEN] = self._tried(item)
            raise
        broken = self._tried(item)
        if broken:
            first, *rest = broken
            more = [f"also at {f.place}: {f.message} [{f.slug}]" for f in rest]
            finding = replace(first, notes=(*first.notes, *more))
            raise standing_at(ShapeError(finding), finding.place) from None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Tell a broken law with the failure of a test that failed for another reason."""
        report = yield
        for finding in item.stash.get(_BROKEN, []):
            lines = finding_lines(finding, str(self._config.rootpath))
            report.sections.append(("shapecheck: a law is broken as well", "\n".join(lines)))
        item.stash[_BROKEN] = []
        return report

    def _tried(self, item: pytest.Item) -> list[Finding]:
        with self._timers.apart(item):
            return self._conclude()

    def _conclude(self) -> list[Finding]:
        """Errors among what the trials of this test's calls show; the rest is for the summary."""
        found = once(finding for laws in self._laws for finding in laws.conclude())
        self._account.add(*found)
        return [finding for finding in found if finding.severity is Severity.ERROR]


def _is_timed(item: pytest.Item) -> bool:
    """True for a test with the fixtures or the marker of pytest-benchmark and its like."""
    fixtures = getattr(item, "fixturenames", ())
    return bool(_TIMING & set(fixtures)) or item.get_closest_marker("benchmark") is not None
