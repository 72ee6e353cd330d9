"""The timer of pytest-timeout: a test's time is not spent by what is tried after its body.

By the plugin's own hooks, so that whatever implements them is asked. What follows the trials (the
fixtures' end) has what was left before them. The trials bound their own time, except where nothing
in this process can end them, a loop in C: so they have a timer too, a long one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_LONG = 600.0  # seconds


class Timers:
    """Keeps in mind which timer runs, and lets it stand still for a while."""

    def __init__(self) -> None:
        self._running: tuple[Any, float] | None = None

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_timeout_set_timer(self, settings: Any) -> None:
        """A timer begins; pytest-timeout sets it."""
        self._running = settings, time.monotonic()

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_timeout_cancel_timer(self) -> None:
        """It ends; pytest-timeout cancels it."""
        self._running = None

    @contextmanager
    def apart(self, item: pytest.Item) -> Iterator[None]:
        """What is done here takes none of the time that runs for this test."""
        if self._running is None:
            yield
            return
        settings, began = self._running
        left = settings.timeout - (time.monotonic() - began)
        hooks: Any = item.config.pluginmanager.hook
        hooks.pytest_timeout_cancel_timer(item=item)
        longer = settings._replace(timeout=settings.timeout + _LONG)
        hooks.pytest_timeout_set_timer(item=item, settings=longer)
        try:
            yield
        finally:
            hooks.pytest_timeout_cancel_timer(item=item)
            if left > 0:  # or it went off, which is why the test is over
                rest = settings._replace(timeout=max(round(left, 3), 0.001))
                hooks.pytest_timeout_set_timer(item=item, settings=rest)
