"""Trials after a test's body take nothing of the time that pytest-timeout gives the test.

The plugin stands in here for pytest-timeout by its documented hooks.
"""

import pytest

NETS = """
from jaxtyping import Float
from torch import Tensor


def doubled(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x * 2
"""
TIMEOUT = """
from collections import namedtuple

import pytest

Settings = namedtuple("Settings", ["timeout", "method"])
EVENTS = []


class TimeoutHooks:
    @pytest.hookspec(firstresult=True)
    def pytest_timeout_set_timer(item, settings):
        pass

    @pytest.hookspec(firstresult=True)
    def pytest_timeout_cancel_timer(item):
        pass


def pytest_addhooks(pluginmanager):
    pluginmanager.add_hookspecs(TimeoutHooks)


@pytest.hookimpl(trylast=True)
def pytest_timeout_set_timer(item, settings):
    kind = "long" if settings.timeout > 500 else "whole" if settings.timeout == 100 else "rest"
    EVENTS.append(kind if 0 < settings.timeout else "none")
    return True


@pytest.hookimpl(trylast=True)
def pytest_timeout_cancel_timer(item):
    EVENTS.append("off")
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    item.ihook.pytest_timeout_set_timer(item=item, settings=Settings(item.config.TIMEOUT, ""))
    try:
        return (yield)
    finally:
        item.ihook.pytest_timeout_cancel_timer(item=item)


def pytest_configure(config):
    config.TIMEOUT = 100


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line("events: " + " ".join(EVENTS))
"""
TESTS = """
import conftest
import torch
from nets import doubled
from shapecheck.runtime.trials import bench


def test_it(monkeypatch):
    replay = bench.replay

    def seen(*given):
        if conftest.EVENTS[-1] != "tried":
            conftest.EVENTS.append("tried")
        return replay(*given)

    monkeypatch.setattr(bench, "replay", seen)
    doubled(torch.randn(4, 3))
    conftest.EVENTS.append("over")
"""


@pytest.fixture
def timed(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyprojecttoml('[tool.shapecheck]\npackages = ["nets"]\n')
    pytester.makepyfile(nets=NETS, test_it=TESTS)
    pytester.makeconftest(TIMEOUT)
    pytester.syspathinsert()
    return pytester


def test_the_timer_stands_still_while_laws_are_tried(timed: pytest.Pytester) -> None:
    result = timed.runpytest_inprocess()
    result.assert_outcomes(passed=1)
    call, teardown = "over off long tried off rest", "off long off rest"
    result.stdout.fnmatch_lines([f"events: whole {call} {teardown} off"])


def test_a_timer_that_went_off_is_not_set_again(timed: pytest.Pytester) -> None:
    timed.makeconftest(TIMEOUT.replace("config.TIMEOUT = 100", "config.TIMEOUT = 0"))
    result = timed.runpytest_inprocess()
    result.stdout.fnmatch_lines(["events: none over off long tried off off"])
