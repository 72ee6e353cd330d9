"""Golden files: the messages we promise, kept beside the test that promises them."""

import gc
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path
from typing import Any

import hypothesis
import pytest

pytest_plugins = ["pytester"]

Golden = Callable[[str, str], None]

# How long an example takes is the machine's affair; it may have much else to do.
hypothesis.settings.register_profile("patient", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew from what the tests produce; then read the diff",
    )


@pytest.fixture(scope="module", autouse=True)
def collected_garbage_is_this_modules(request: pytest.FixtureRequest) -> None:
    """What lives before a module is not looked through again, each time one of its tests collects.

    Thousands of tests and all of torch take half a second to look through: in a run of everything,
    that was a third of the time. So `gc.get_objects()` shows a test what was made since its module
    was imported; where mutants are made of what was imported, everything is looked through.
    """
    if not request.config.pluginmanager.has_plugin("shapecheck-verify-worker"):
        gc.collect()
        gc.freeze()


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project as at somebody's desk: where pytest sees CI, its summary cuts no line short."""
    for variable in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(variable, raising=False)
    return pytester


@pytest.fixture
def tried() -> Callable[..., list[Any]]:
    """``tried(function or module, *given)``: what laws say of one checked call, notes included."""
    # Imported here: most tests load no torch through this file.
    from torch import nn

    from shapecheck.check import explain
    from shapecheck.check.laws import Laws
    from shapecheck.runtime.guard import Guard
    from shapecheck.runtime.probe import ProbeSettings

    patient = ProbeSettings(most_seconds=5, budget=60, longest=60)  # time enough on any machine

    def tell(target: Any, *given: Any) -> list[Any]:
        guard = Guard(explain)
        laws = Laws(guard, settings=patient)
        if isinstance(target, nn.Module):
            target, given = type(target).forward, (target, *given)
        guard.checked(target)(*given)
        told = laws.conclude()
        assert laws.trials, [skipped.reason for skipped in laws.skipped]
        return told

    return tell


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """``golden(name, text)``: ``text`` equals ``golden/<name>`` next to the test file.

    Newlines at the end do not count; every other character does.
    """
    folder = request.path.parent / "golden"
    update: bool = request.config.getoption("--update-golden")

    def check(name: str, text: str) -> None:
        file = folder / name
        actual = text.rstrip("\n") + "\n"
        if update:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(actual, encoding="utf-8")
        elif not file.exists():
            pytest.fail(
                f"no golden file {_shown(file, request)}: run this test with --update-golden "
                f"to write it, and read it before you commit it. It would hold:\n{actual}",
                pytrace=False,
            )
        else:
            _compare(file.read_text(encoding="utf-8"), actual, _shown(file, request))

    return check


def _compare(expected: str, actual: str, name: str) -> None:
    if expected == actual:
        return
    diff = unified_diff(
        expected.splitlines(), actual.splitlines(), f"{name} (expected)", "actual", lineterm=""
    )
    pytest.fail(
        "\n".join([*diff, "If the new text is right, run this test with --update-golden."]),
        pytrace=False,
    )


def _shown(file: Path, request: pytest.FixtureRequest) -> str:
    root = request.config.rootpath
    return str(file.relative_to(root)) if file.is_relative_to(root) else str(file)
