"""pytest's hooks: options, the marker, the fixture; the rest is loaded when it is switched on.

Without configuration this module is all that is loaded: no torch, no jaxtyping, no hook into
imports or into the run of a test.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from shapecheck.settings import (
    BY_INI,
    OPTIONS,
    Settings,
    SettingsError,
    hint,
    misspelt_ini,
    parse,
    read_pyproject,
    settle,
)

if TYPE_CHECKING:
    from shapecheck.pytest_plugin.run import Run, Watch

_RUN = "shapecheck-run"  # the name under which pytest knows the part that is loaded when on
_REPORTER = "shapecheck-reporter"
_PROGRAMS = "shapecheck-programs"
_MARKER = (
    "shapecheck(enabled, probe): with enabled=False, check nothing while this test runs; "
    "with probe=False, call nothing of it again"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Every option of `shapecheck.settings`, as a flag and in ini files."""
    group = parser.getgroup("shapecheck", "shapecheck: tensor shapes, checked and explained")
    for option in OPTIONS:
        if option.kind == "switch":
            group.addoption(
                option.flag,
                dest=_dest(option.name),
                action="store_true",
                default=None,
                help=option.help,
            )
        else:
            group.addoption(
                option.flag,
                dest=_dest(option.name),
                metavar=option.metavar,
                help=option.help or argparse.SUPPRESS,
                **({"nargs": "?", "const": ""} if option.kind == "place" else {}),
            )
        if option.ini:
            kind: Literal["args", "string"] = "args" if option.kind == "names" else "string"
            parser.addini(option.ini, option.help, type=kind, default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, so that `--strict-markers` accepts it; set up what was asked for."""
    config.addinivalue_line("markers", _MARKER)
    settings = _settings(config)
    if settings.run and not settings.disabled:
        from shapecheck.pytest_plugin.programs import Programs

        by_flag = getattr(config.known_args_namespace, _dest("run"), None) is not None
        programs = Programs(config, settings.run, settings.fail_on, by_flag=by_flag)
        config.pluginmanager.register(programs, _PROGRAMS)
    if settings.verify is not None:
        from shapecheck import pytest_verify

        pytest_verify.configure(config, settings)


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Put the import hook in before the first conftest file is imported."""
    settings = _settings(early_config)
    if _deals_out(early_config) and not settings.disabled:
        from shapecheck.pytest_plugin.reporter import Reporter

        early_config.pluginmanager.register(Reporter(early_config, settings), _REPORTER)
    elif settings.on:
        _start(early_config, settings)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take part as well where nothing is configured, but test code used `@shapecheck.checked`."""
    plugins = session.config.pluginmanager
    if "shapecheck.check" in sys.modules and not plugins.has_plugin(_RUN):
        settings = _settings(session.config)
        if not settings.disabled:
            _start(session.config, settings)


@pytest.fixture(name="shapecheck")
def _watch(request: pytest.FixtureRequest) -> Watch:
    """What shapecheck saw in this test: `findings` so far, the `guard`, and `checked`."""
    from shapecheck.pytest_plugin.run import Watch

    config = request.config
    run: Run | None = config.pluginmanager.get_plugin(_RUN)
    if run is None:  # too late to cover packages; the fixture works all the same
        settings = replace(_settings(config), packages=())
        run = _start(config, settings, takes_part=not settings.disabled)
    return Watch(run, request.node)


def _start(config: pytest.Config, settings: Settings, *, takes_part: bool = True) -> Run:
    from shapecheck.pytest_plugin.reporter import Reporter
    from shapecheck.pytest_plugin.run import start

    reporter = Reporter(config, settings)
    run = start(config, settings, reporter)
    if takes_part:
        config.pluginmanager.register(reporter, _REPORTER)
        config.pluginmanager.register(run, _RUN)
        config.pluginmanager.register(run.items, f"{_RUN}-items")
        if run.laws is not None:  # after the items, so that it stands around them
            config.pluginmanager.register(run.laws, f"{_RUN}-laws")
    return run


def _deals_out(early_config: pytest.Config) -> bool:
    """True where this process is sure to leave all tests to workers of pytest-xdist.

    A worker has `-n` among its arguments as well, but is told its name before.
    """
    given = early_config.known_args_namespace
    asked = getattr(given, "numprocesses", None) or getattr(given, "tx", None)
    return bool(asked) and "PYTEST_XDIST_WORKER" not in os.environ


def _settings(config: pytest.Config) -> Settings:
    """The settings of this run: flags win over ini options, those over pyproject.toml."""
    try:
        file = read_pyproject(config.rootpath / "pyproject.toml")
        return settle(_flags(config), _ini(config), file)
    except SettingsError as error:
        raise pytest.UsageError(f"shapecheck: {error}") from None


def _flags(config: pytest.Config) -> dict[str, Any]:
    given = {option: getattr(config.known_args_namespace, _dest(option.name)) for option in OPTIONS}
    return {o.name: parse(o, raw) for o, raw in given.items() if raw is not None}


def _ini(config: pytest.Config) -> dict[str, Any]:
    file: Path | None = config.inipath
    wrong = misspelt_ini(file) if file is not None else None
    if wrong is not None:
        key, place = wrong
        raise SettingsError(f"there is no option `{key}`{hint(key, BY_INI)}", place)
    given = {option: config.getini(ini) for ini, option in BY_INI.items()}
    return {o.name: parse(o, raw) for o, raw in given.items() if raw is not None}


def _dest(name: str) -> str:
    return f"shapecheck_{name}"
