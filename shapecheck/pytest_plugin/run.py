"""The part of the plugin that is loaded when there is something to check: a run as a whole."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from _pytest.assertion.rewrite import PYTEST_TAG, AssertionRewritingHook, rewrite_asserts

from shapecheck import check
from shapecheck.core.evidence import CheckedFunction
from shapecheck.core.finding import Finding
from shapecheck.pytest_plugin.account import Account, findings_in
from shapecheck.pytest_plugin.items import Items
from shapecheck.pytest_plugin.packages import missing, plain_folders, refuse_rival
from shapecheck.pytest_plugin.reporter import Reporter
from shapecheck.pytest_plugin.summary import Outcome, once
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.importer import AlreadyImported, ImportHook, Rewriting
from shapecheck.runtime.running.children import Children
from shapecheck.runtime.stepping import pass_over
from shapecheck.runtime.threads import limit_torch_threads, torch_threads
from shapecheck.settings import Settings

if TYPE_CHECKING:
    from shapecheck.pytest_plugin.laws import LawsOfItems

T = TypeVar("T")


def start(config: pytest.Config, settings: Settings, reporter: Reporter) -> Run:
    """Cover the packages from now on. Raises UsageError where that cannot be."""
    guard = Guard(check.explain)
    hook = _install(config, guard, settings.packages) if settings.packages else None
    run = Run(config, settings, guard, hook, reporter)
    reporter.own = run.outcome
    return run


def _install(config: pytest.Config, guard: Guard, packages: tuple[str, ...]) -> ImportHook:
    refuse_rival(config, packages)
    folders = plain_folders(config.rootpath, packages)
    hook = ImportHook(guard, packages, folders, _assertions(config))
    try:
        hook.install()
    except AlreadyImported as error:
        raise pytest.UsageError(f"shapecheck: {error}") from None
    config.add_cleanup(hook.uninstall)
    return hook


def _assertions(config: pytest.Config) -> Rewriting:
    """pytest's own rewriting of asserts, for the modules that it would have rewritten."""
    tag = "".join(c for c in PYTEST_TAG.partition("-")[2] if c.isalnum())
    return Rewriting(
        picks=lambda loader: isinstance(loader, AssertionRewritingHook),
        apply=lambda tree, source, path: rewrite_asserts(tree, source, path, config),
        tag=tag + ("pass" if config.getini("enable_assertion_pass_hook") else ""),
    )


def _laws(config: pytest.Config, settings: Settings, account: Account) -> LawsOfItems:
    """What tries laws, loaded where they are to be tried."""
    from shapecheck.pytest_plugin.laws import LawsOfItems

    return LawsOfItems(config, settings, account)


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
    """Hooks around collection; the accounts of the whole run.

    The run has a guard of its own for what its import hook covers; code that is decorated with
    `shapecheck.checked` is watched by the guard of `shapecheck.check`, and counts as well.
    """

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        guard: Guard,
        hook: ImportHook | None,
        reporter: Reporter,
    ) -> None:
        self.guard = guard
        self.account = Account(guard, check.guard)
        self.items = Items(config, self.account, guard.record)
        self.laws = None if settings.no_probe else _laws(config, settings, self.account)
        self._config = config
        self._settings = settings
        self._hook = hook
        self._reporter = reporter
        self._children = Children()
        self._children.start()
        config.add_cleanup(self._children.stop)
        self._calls_before = {c: t.calls for c, t in check.guard.record.tallies.items()}

    def pytest_sessionstart(self) -> None:
        """Limit torch's threads where that was asked for."""
        if self._settings.torch_threads and self._reporter.is_worker:
            limit_torch_threads(self._settings.torch_threads)

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
        if self._hook is not None and not self._reporter.is_worker:
            wrong = missing(self._config, self._hook.packages, self._hook.seen)
            if wrong:
                raise pytest.UsageError(wrong)

    def pytest_enter_pdb(self, pdb: object) -> None:
        """Stepping goes from the user's call to the user's function."""
        pass_over(pdb)

    def outcome(self) -> Outcome:
        """What this process saw so far, as plain values."""
        self.account.settle_outside_tests()
        records = [guard.record for guard in self.account.guards]
        return Outcome(
            functions=(*self.guard.record.functions(), *self._decorated()),
            unchecked=tuple(u for record in records for u in record.unchecked()),
            findings=self.account.findings,
            stray=tuple(self.account.stray),
            internal_errors=tuple(e for record in records for e in record.internal_errors),
            modules=tuple(sorted(self._hook.seen)) if self._hook else (),
            threads=(torch_threads(),) if self._reporter.is_worker else (),
            passed=tuple(entry for record in records for entry in record.skipped),
            elsewhere=once(self._children.gather()),
            trials=self.laws.trials if self.laws is not None else (),
            skipped=self.laws.skipped if self.laws is not None else (),
        )

    def _decorated(self) -> Iterator[CheckedFunction]:
        """Functions that the user decorated, with the calls since this run began."""
        for code, tally in list(check.guard.record.tallies.items()):
            calls = tally.calls - self._calls_before.get(code, 0)
            if calls or code not in self._calls_before:
                yield replace(tally.count(), calls=calls)
