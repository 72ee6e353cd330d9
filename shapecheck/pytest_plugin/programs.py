"""Programs as test items: each file that `run` names is run under watch, in its own process.

Collecting executes nothing of them; running an item runs its file, as `shapecheck run` would. A
notebook or a Markdown file has an item for each of its parts (`pytest_plugin.chapters`).
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shapecheck.core.finding import Severity
from shapecheck.core.program import ProgramReport
from shapecheck.report.programs import as_text
from shapecheck.run.files import NoProgram, programs
from shapecheck.run.launch import launch
from shapecheck.source.chapters import is_chapter

_FAIL_ON = pytest.StashKey[Severity]()


class Programs:
    """Hooks around collection. Files of the command line are added to what it collects.

    Files of the settings are added where the command line names nothing to collect; where it
    does, they are collected if they lie there.
    """

    def __init__(
        self, config: pytest.Config, named: Iterable[str], fail_on: str, *, by_flag: bool
    ) -> None:
        config.stash[_FAIL_ON] = Severity(fail_on)
        self._files = {file.resolve() for file in _found(config, named)}
        if by_flag or config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args += [str(f) for f in sorted(self._files) if str(f) not in config.args]

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """A program is no test module: pytest would import it to look for tests."""
        collectors = yield
        if file_path.resolve() not in self._files:
            return collectors
        kind: type[pytest.File] = ProgramFile
        if is_chapter(file_path):
            from shapecheck.pytest_plugin.chapters import ChapterFile as kind
        collector: pytest.Collector = kind.from_parent(parent, path=file_path)
        return [collector]


class ProgramFile(pytest.File):
    """One program."""

    def collect(self) -> Iterator[pytest.Item]:
        """The one item of the file."""
        yield ProgramItem.from_parent(self, name="run")


class ProgramItem(pytest.Item):
    """One run of a program.

    It fails where the program raises, ends with a status other than 0, or has a finding as severe
    as `fail_on`.
    """

    def runtest(self) -> None:
        """Run the file and judge how it went."""
        report = launch(short(self.path))
        properties(self, report)
        ended = report.outcome in ("raised", "timeout") or report.exit_code != 0
        if ended or fails(report, self.config):
            raise ProgramFailed(as_text([report]))
        if report.findings or report.skipped or report.ours:
            self.add_report_section("call", "shapecheck", as_text([report]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report; the program's own traceback is in its stderr."""
        if isinstance(excinfo.value, ProgramFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """How the item's failure is headed."""
        return self.path, None, f"shapecheck run {short(self.path)}"


class ProgramFailed(Exception):
    """A program that did not end well; its text is the report."""


def fails(report: ProgramReport, config: pytest.Config) -> bool:
    """True where something was found that is as severe as `fail_on`."""
    return any(f.severity.rank <= config.stash[_FAIL_ON].rank for f in report.findings)


def properties(item: pytest.Item, report: ProgramReport) -> None:
    """JUnit's file has the findings so, those of passing items as well."""
    for found in report.findings:
        line = f"{found.severity.value} {found.place}: {found.message} [{found.slug}]"
        item.user_properties.append(("shapecheck", line))


def _found(config: pytest.Config, named: Iterable[str]) -> Iterator[Path]:
    """The programs, looked for where pytest was started, then in its root folder."""
    here = config.invocation_params.dir
    for name in named:
        path = here / name if (here / name).exists() else config.rootpath / name
        try:
            yield from map(Path, programs([str(path)]))
        except NoProgram as error:
            raise pytest.UsageError(f"shapecheck: {error}") from None


def short(path: Path) -> str:
    """A file as the user would name it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
