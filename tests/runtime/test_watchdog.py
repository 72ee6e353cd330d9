"""What runs too long is ended, wherever it is, by the time of the processor and not of the wall."""

import sys
import threading
import time
import weakref
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck.runtime.replay import replay
from shapecheck.runtime.state.snapshot import Snapshot
from shapecheck.runtime.watchdog import Watchdog, clock_of_this_thread


class Referred:
    """Something that a weak reference can point to."""


def caught_in_a_callback(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    def spin(_: Any) -> None:
        while True:
            pass

    referred = Referred()
    kept = weakref.ref(referred, spin)
    del referred  # the watchdog's error lands in the callback, where Python cannot raise it
    while kept() is None:
        pass
    return x


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda said: found.append(said.exc_type))
    return found


def test_an_interrupted_callback_is_told_to_nobody(call: Any, told: list[Any]) -> None:
    asked = call(caught_in_a_callback, torch.randn(2, 3))
    snapshot, watchdog, hook = Snapshot(asked, 1 << 28), Watchdog(), sys.unraisablehook
    try:
        done = replay(snapshot, asked.outputs, watchdog, 0.05)
    finally:
        watchdog.close()
    assert done.error.startswith("TooLong")
    assert told == []
    assert sys.unraisablehook is hook


def test_a_thread_that_waits_uses_no_time() -> None:
    clock = clock_of_this_thread()
    if clock is time.monotonic:
        pytest.skip("this system does not tell one thread of another the time it used")
    seen: list[float] = []

    def work() -> None:
        before, mine = clock(), time.thread_time()
        while time.thread_time() - mine < 0.05:
            pass
        seen.extend([clock() - before, time.thread_time() - mine])

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    waited, worked = seen
    assert waited < worked / 2


def test_the_clock_is_that_of_the_thread_that_made_it() -> None:
    clock, before = clock_of_this_thread(), time.thread_time()
    while time.thread_time() - before < 0.02:
        pass
    started = clock()
    while time.thread_time() - before < 0.04:
        pass
    assert clock() > started
