"""`pytest --shapecheck-verify`: after the tests pass, get every site wrong and see what notices.

The run itself is left as it is. A worker process collects the same tests, from the same words,
and runs them again, each time with another mutant; it ends before pytest writes any report.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest
from _pytest.junitxml import xml_key
from _pytest.reports import TestReport
from _pytest.runner import runtestprotocol

from shapecheck.core.finding import Finding
from shapecheck.core.ledger import Ledger, Verdict
from shapecheck.core.site import Site
from shapecheck.pytest_plugin.laws import LawsOfItems
from shapecheck.pytest_plugin.reporter import Reporter
from shapecheck.report.ledger import Progress, as_table, every_site, violations
from shapecheck.settings import BY_NAME, Settings
from shapecheck.verify.failure import Failure, failure_of
from shapecheck.verify.journal import Journal
from shapecheck.verify.plan import NoSuchPlace, files_of, plan
from shapecheck.verify.rerun import Outcome
from shapecheck.verify.supervisor import Supervisor, WorkerFailed
from shapecheck.verify.worker import work

# The names under which pytest knows the parts that try laws, and that add up what was found.
LAWS, REPORTER = "shapecheck-run-laws", "shapecheck-reporter"
_FAILING = "only tests that pass can notice a mutant"
WORKER = BY_NAME["journal"].flag


def configure(config: pytest.Config, settings: Settings) -> None:
    """Set the ledger up: `settings.verify` is the place to verify, or "" for all of them."""
    place = settings.verify or ""
    if hasattr(config, "workerinput"):  # xdist's controller makes the ledger
        return
    if settings.disabled:
        raise pytest.UsageError("--shapecheck-verify and --no-shapecheck contradict each other")
    sites = sites_of(config, settings.packages, place)
    if settings.journal:
        worker = Worker(config, Path(settings.journal), sites)
        config.pluginmanager.register(worker, "shapecheck-verify-worker")
    else:
        config.pluginmanager.register(Verify(config, settings, sites), "shapecheck-verify")


class Verify:
    """The part of the run that the user sees: starts the worker, shows the ledger."""

    def __init__(self, config: pytest.Config, settings: Settings, sites: tuple[Site, ...]) -> None:
        self._config = config
        self._sites = sites
        self._fail_under = settings.fail_under
        self._file = settings.ledger
        self._seconds: dict[str, float] = {}
        self.ledger: Ledger | None = None
        self._said = ""
        self._part = ""  # why the ledger is not whole

    def pytest_runtest_logreport(self, report: TestReport) -> None:
        """Keep how long each test takes: the fast ones are asked about mutants first."""
        known = self._seconds.get(report.nodeid, 0.0)
        self._seconds[report.nodeid] = known + report.duration

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Verify if every test passed; before any other plugin writes its report."""
        if exitstatus == pytest.ExitCode.TESTS_FAILED:
            untried = Ledger.untried(self._sites, f"a test fails; {_FAILING}")
            self.ledger = untried.with_findings(self._findings())
            self._write(self.ledger)
        if exitstatus != pytest.ExitCode.OK:
            self._said = f"nothing was verified: {_FAILING}"
            return
        folder = Path(self._config.invocation_params.dir)
        progress = Progress(_stream(self._config))
        supervisor = Supervisor(self._command, self._seconds, progress.show, folder)
        try:
            with progress:
                self.ledger = supervisor.run().with_findings(self._findings())
        except WorkerFailed as failed:
            self._said = f"nothing was verified: {failed}"
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            return
        except KeyboardInterrupt:
            session.exitstatus = pytest.ExitCode.INTERRUPTED
            self._interrupted(supervisor.so_far("interrupted before it was tried"))
            return
        self._write(self.ledger)
        if self._fail_under is not None and self.ledger.percent < self._fail_under:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _interrupted(self, ledger: Ledger | None) -> None:
        """Keep what is known by now."""
        if ledger is None:
            self._said = "nothing was verified: interrupted; no file was changed"
            return
        self.ledger = ledger.with_findings(self._findings())
        self._part = "interrupted: the other sites were not tried; no file was changed"
        self._write(self.ledger)

    def _findings(self) -> list[Finding]:
        """What the run found, in files as sites name them."""
        reporter: Reporter | None = self._config.pluginmanager.get_plugin(REPORTER)
        found = reporter.outcome().findings if reporter is not None else ()
        return [
            replace(f, place=replace(f.place, file=os.path.realpath(f.place.file))) for f in found
        ]

    def _command(self, journal: Path) -> list[str]:
        words = [sys.executable, "-m", "pytest", *map(str, self._config.invocation_params.args)]
        if self._config.pluginmanager.hasplugin("xdist"):
            words += ["-n0"]
        if self._config.pluginmanager.hasplugin("hypothesispytest"):
            words += ["--hypothesis-seed=0"]
        return [*words, f"{WORKER}={journal}", f"--basetemp={journal.parent / 'tests'}"]

    def _write(self, ledger: Ledger) -> None:
        if self._file:
            path = Path(self._config.invocation_params.dir, self._file)
            path.write_text(json.dumps(ledger.to_dict(), indent=2) + "\n", encoding="utf-8")
        junit = self._config.stash.get(xml_key, None)
        if junit is not None:
            junit.add_global_property("shapecheck-verified-percent", f"{ledger.percent:.2f}")
            for verdict, count in ledger.count().items():
                junit.add_global_property(f"shapecheck-{verdict.value.replace(' ', '-')}", count)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The ledger, as a table like a coverage report's."""
        if self.ledger is None and not self._said:
            return
        terminalreporter.write_sep("=", "shapecheck: the ledger")
        writer = terminalreporter._tw
        root = self._config.rootpath
        if self.ledger is None or self._said:
            if self.ledger is not None and self.ledger.count()[Verdict.VIOLATED]:
                shown = violations(self.ledger, root, writer.fullwidth, writer.hasmarkup)
                terminalreporter.write(shown + "\n")
            terminalreporter.write_line(self._said, red=True)
            return
        given = (self.ledger, root, writer.fullwidth, writer.hasmarkup)
        if terminalreporter.verbosity > 0:
            terminalreporter.write(every_site(*given) + "\n")
        terminalreporter.write(as_table(*given))
        if self._part:
            terminalreporter.write_line(self._part, red=True)
            return
        wanted = self._fail_under
        if wanted is not None and self.ledger.percent < wanted:
            terminalreporter.write_line(
                f"FAIL --shapecheck-fail-under={wanted:g}: {self.ledger.percent:.1f} % verified",
                red=True,
            )


def sites_of(config: pytest.Config, names: Sequence[str], place: str) -> tuple[Site, ...]:
    """The sites that are asked for. Raises pytest.UsageError."""
    if not names:
        raise pytest.UsageError(
            "--shapecheck-verify: say which packages, with --shapecheck=PKG or [tool.shapecheck]"
        )
    if place and not place.partition(":")[0].endswith(".py"):
        raise pytest.UsageError(
            f"--shapecheck-verify takes FILE.py or FILE.py:LINE, not `{place}`; "
            "where that is what to test, write it first: pytest " + place + " --shapecheck-verify"
        )
    try:
        folders = [f for name in names if (f := config.rootpath / name).is_dir()]
        plain = [f for f in folders if not (f / "__init__.py").exists()]
        packages = [name for name in names if config.rootpath / name not in plain]
        return plan(files_of(packages, plain), place, Path(config.invocation_params.dir))
    except NoSuchPlace as error:
        raise pytest.UsageError(f"--shapecheck-verify: {error}") from None


def _stream(config: pytest.Config) -> IO[str]:
    reporter = config.pluginmanager.getplugin("terminalreporter")
    stream: IO[str] = reporter._tw._file if reporter is not None else sys.stdout
    return stream


class Worker:
    """The part of the run that does the work, in a process of its own."""

    def __init__(self, config: pytest.Config, journal: Path, sites: tuple[Site, ...]) -> None:
        self._config = config
        self._journal = journal
        self._sites = sites
        debugger = config.pluginmanager.getplugin("pdbinvoke")
        if debugger is not None:  # --pdb would wait for a user at every mutant
            config.pluginmanager.unregister(debugger)
        # A mutant's failure is kept as an exception; nobody reads the text pytest makes of it.
        config.option.tbstyle = "value"
        sys.dont_write_bytecode = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> object:
        """In place of the tests' usual run. Ends the process: reports are the first run's."""
        if session.testsfailed:
            Journal(self._journal).write("failed", why="collecting the tests again failed")
        else:
            runner = ItemRunner(session)
            self._config.pluginmanager.register(runner)
            try:
                work(runner, self._sites, self._journal)
            except pytest.exit.Exception as error:
                Journal(self._journal).write("failed", why=f"pytest.exit: {error.msg}")
        sys.stdout.flush()
        os._exit(0)


class ItemRunner:
    """Runs an item again, through all the hooks that a first run goes through."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._by_id = {item.nodeid: item for item in session.items}
        self._laws: LawsOfItems | None = session.config.pluginmanager.getplugin(LAWS)
        self._reports: list[TestReport] = []
        self._errors: list[BaseException] = []

    @property
    def items(self) -> list[str]:
        """The tests by node id, in their order."""
        return list(self._by_id)

    @property
    def folders(self) -> list[Path]:
        """Where `tmp_path` is."""
        return [self._session.config._tmp_path_factory.getbasetemp()]  # type: ignore[attr-defined]

    @property
    def laws(self) -> bool:
        """Whether the run tries laws (`--shapecheck-no-probe` says no)."""
        return self._laws is not None

    def run(self, item: str, laws: bool) -> Outcome:
        """Run one test with all its fixtures, those of its module and session too."""
        self._reports, self._errors = [], []
        if self._laws is not None:
            self._laws.renew(laws)
        chosen = self._by_id[item]
        try:
            chosen.config.hook.pytest_runtest_protocol(item=chosen, nextitem=None)
        except pytest.exit.Exception as error:
            self._session._setupstate.teardown_exact(None)
            self._errors.append(error)
            return Outcome(failure_of(error))
        return self._outcome()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run the item without reporting it; the wrappers around this hook do their part."""
        self._reports = runtestprotocol(item, log=False, nextitem=nextitem)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, TestReport, TestReport]:
        """Keep the exception itself, which a report holds as text only."""
        report = yield
        if report.failed and call.excinfo is not None:
            self._errors.append(call.excinfo.value)
        return report

    def _outcome(self) -> Outcome:
        failed = [report for report in self._reports if report.failed]
        if failed:
            if self._errors:
                return Outcome(failure_of(self._errors[0]))
            text = failed[0].longreprtext
            return Outcome(Failure(failure_of(AssertionError()).pin, text))
        skipped = [report for report in self._reports if report.skipped]
        return Outcome(skipped=skipped[0].longreprtext or "skipped" if skipped else "")
