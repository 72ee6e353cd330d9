"""One test: the guards on or off, what was raised accounted for, its failure explained."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, TypeVar

import pytest

from shapecheck import check
from shapecheck.core.finding import DeclarationError, Finding, ShapeError
from shapecheck.pytest_plugin.account import Account, findings_in, swallowed
from shapecheck.report.text import finding_lines
from shapecheck.runtime.blame import prune, standing_at
from shapecheck.runtime.record import Raised, Record

T = TypeVar("T")
Hook = Generator[None, T, T]

_SEEN = pytest.StashKey[list[Finding]]()  # raised in earlier phases of this item
_SHOWN = pytest.StashKey[list[Finding]]()  # shown by a report that was made while a phase ran
_LOST = pytest.StashKey[list[Raised]]()  # swallowed, and still to be told with the phase's report


class Items:
    """Hooks around setup, call and teardown of each test.

    At the end of each phase everything that was raised in it is accounted for. What was swallowed
    fails the test, or is told with the failure where the test fails for another reason.
    """

    def __init__(self, config: pytest.Config, account: Account, record: Record) -> None:
        self._account = account
        self._record = record
        self._config = config

    def findings(self, item: pytest.Item) -> list[Finding]:
        """What was raised in an item so far, also what the test expects."""
        return item.stash.get(_SEEN, []) + self._account.running()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Hook[object]:
        """Switch the guards off for a test that is marked so."""
        marker = item.get_closest_marker("shapecheck")
        before = [guard.enabled for guard in self._account.guards]
        if marker is not None and marker.kwargs.get("enabled") is False:
            for guard in self._account.guards:
                guard.enabled = False
        try:
            return (yield)
        finally:
            for guard, enabled in zip(self._account.guards, before, strict=True):
                guard.enabled = enabled

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Hook[None]:
        """Account for what fixtures raise; refuse a marker that says nothing we know."""
        item.stash[_SEEN] = []
        yield from self._phase(item)
        marker = item.get_closest_marker("shapecheck")
        if marker is not None and (marker.args or not _is_switch(marker.kwargs)):
            reason = "@pytest.mark.shapecheck takes `enabled=` and `probe=`, each True or False"
            pytest.fail(reason, pytrace=False)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Hook[None]:
        """Account for what the test raises."""
        yield from self._phase(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Hook[None]:
        """Account for what fixtures raise at their end."""
        yield from self._phase(item)

    def _phase(self, item: pytest.Item) -> Hook[None]:
        __tracebackhide__ = True
        self._account.settle_outside_tests()
        item.stash[_SHOWN] = []
        try:
            yield
        except BaseException as error:
            lost = self._settle(item, error)
            if not lost or not isinstance(error, pytest.skip.Exception):
                item.stash[_LOST] = lost
                raise
        else:
            lost = self._settle(item, None)
            if not lost:
                return
        first, *item.stash[_LOST] = lost
        finding = swallowed(first)
        raise standing_at(ShapeError(finding), finding.place) from None

    def _settle(self, item: pytest.Item, error: BaseException | None) -> list[Raised]:
        item.stash.setdefault(_SEEN, []).extend(self._account.running())
        failures = [error, *(e.value for e in _kept_by_unittest(item))]
        shown = [f for e in failures for f in findings_in(e)]
        return self._account.settle(
            [*item.stash[_SHOWN], *shown], expected=_is_doctest_about_it(item)
        )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Hook[pytest.TestReport]:
        """Failures without our frames, with what explains them."""
        kept = _kept_by_unittest(item)
        failure = kept[0] if kept else call.excinfo
        sections = []
        if failure is not None:
            item.stash.setdefault(_SHOWN, []).extend(findings_in(failure.value))
            sections += self._explained(failure.value)
        if call.excinfo is not None:
            call.excinfo = self.pruned(call.excinfo)
        kept[:] = [self.pruned(excinfo) for excinfo in kept]
        report = yield
        lost = item.stash.get(_LOST, [])
        sections += [("shapecheck: swallowed as well", swallowed(entry)) for entry in lost]
        item.stash[_LOST] = []
        if report.failed:
            for title, finding in sections:
                _add(report, title, "\n".join(finding_lines(finding, str(self._config.rootpath))))
        return report

    def pruned(self, excinfo: pytest.ExceptionInfo[Any]) -> pytest.ExceptionInfo[Any]:
        """The failure without our frames; `--full-trace` shows them all."""
        if self._config.getoption("fulltrace", False) or not prune(excinfo.value):
            return excinfo
        return pytest.ExceptionInfo.from_exception(excinfo.value)

    def _explained(self, error: BaseException) -> list[tuple[str, Finding]]:
        """What we can say about torch's own error."""
        if isinstance(error, (ShapeError, DeclarationError)):
            return []
        try:
            finding = check.explain_crash(error)
        except Exception:
            self._record.internal_error(f"explaining {type(error).__name__}")
            return []
        if finding is None:
            return []
        self._account.add(finding)
        return [("shapecheck explains", finding)]


def _is_doctest_about_it(item: pytest.Item) -> bool:
    """True for an example whose expected output names ShapeError."""
    examples = getattr(getattr(item, "dtest", None), "examples", ())
    return any("ShapeError" in (example.exc_msg or "") for example in examples)


def _is_switch(given: Mapping[str, Any]) -> bool:
    return set(given) <= {"enabled", "probe"} and all(type(on) is bool for on in given.values())


def _kept_by_unittest(item: pytest.Item) -> list[pytest.ExceptionInfo[BaseException]]:
    """Failures of a unittest case, which pytest keeps beside until it makes the report."""
    kept: list[pytest.ExceptionInfo[BaseException]] | None = getattr(item, "_excinfo", None)
    return kept if kept is not None else []


def _add(report: pytest.TestReport, title: str, text: str) -> None:
    """More about a failure, after its traceback; JUnit's text has it as well."""
    add = getattr(report.longrepr, "addsection", None)
    if add is not None:
        add(title, text)
    else:
        report.sections.append((title, text))
