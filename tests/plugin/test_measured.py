"""Where a test measures time, nothing is copied and nothing is tried: only after it.

A clock that stands still but for our copies and replays, ten seconds each, shows where they are.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

MODEL = """
import torch
from jaxtyping import Float
from torch import Tensor, nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)
        self.calls = 0

    def forward(self, x: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch 2"]:
        self.calls += 1
        return self.layer(x)


def centred(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x.cumsum(0)


def drawn(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x + torch.rand(1)


def counted(x: Float[Tensor, "batch d"], seen: list[int]) -> Float[Tensor, "batch d"]:
    seen.append(1)
    return x + len(seen)
"""

CLOCK = """
import time

import pytest

NOW = [0.0]


def read():
    return NOW[0]


def slow(function):
    def runs(*args, **kwargs):
        NOW[0] += 10.0
        return function(*args, **kwargs)
    return runs


class Clock:
    @pytest.fixture(autouse=True)
    def stands_still(self, monkeypatch):
        from shapecheck.runtime.state.snapshot import Snapshot
        from shapecheck.runtime.trials import bench

        monkeypatch.setattr(time, "perf_counter", read)
        monkeypatch.setattr(Snapshot, "__init__", slow(Snapshot.__init__))
        monkeypatch.setattr(bench, "replay", slow(bench.replay))


def pytest_configure(config):
    config.pluginmanager.register(Clock())


def pytest_sessionfinish():
    assert NOW[0] >= 30  # somewhere something was copied and tried
"""


@pytest.fixture
def timed(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Runs tests of the model by the clock."""

    def run(tests: str, *flags: str) -> pytest.RunResult:
        pytester.makepyprojecttoml('[tool.shapecheck]\npackages = ["model"]\n')
        pytester.makepyfile(model=MODEL, clock=CLOCK, test_it=tests)
        pytester.syspathinsert()
        return pytester.runpytest_inprocess("-p", "clock", "--shapecheck-report", *flags)

    return run


def test_no_example_of_hypothesis_misses_its_deadline(timed: Any) -> None:
    result = timed("""
        import torch
        from hypothesis import given, settings, strategies as st
        from model import Net, centred, counted, drawn

        sizes = st.integers(2, 5)
        few = settings(max_examples=5, deadline=200, derandomize=True, database=None)

        @few
        @given(sizes)
        def test_holds(size):
            assert Net()(torch.randn(size, 3)).shape == (size, 2)

        @few
        @given(sizes)
        def test_breaks(size):
            assert centred(torch.randn(size, 3)).shape == (size, 3)

        @few
        @given(sizes)
        def test_random(size):
            assert drawn(torch.randn(size, 3)).shape == (size, 3)

        def test_inside_of_another():
            @few
            @given(sizes)
            def inner(size):
                seen = []
                counted(torch.randn(size, 3), seen)
                seen.append(2)

            inner()
        """)
    # Deferred, not left out: what breaks is found, with the numbers drawn at the call.
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.re_match_lines([
        "E +shapecheck.ShapeError: `batch` should be independent, .*",
        r" +\d+  Net.forward  batch independent ✓",
        r" +\d+  centred  batch independent ✗ \(causal\).*",
        r" +\d+  drawn  batch independent ✓.*",
        "not tried: counted .* returns something else .tried after a test that measures time.",
    ])  # fmt: skip


def test_no_round_of_a_benchmark_takes_longer(
    timed: Any, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pytest_benchmark")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # in a worker nothing is timed
    result = timed(
        """
        import torch
        from model import Net, centred

        def test_net(benchmark):
            benchmark.pedantic(Net(), (torch.ones(4, 3),), rounds=3)

        def test_centred(benchmark):
            benchmark.pedantic(centred, (torch.ones(4, 3),), rounds=3)
        """,
        "-p", "benchmark", "--benchmark-timer=clock.read", "--benchmark-json=times.json",
    )  # fmt: skip
    result.assert_outcomes(passed=1, failed=1)
    times = json.loads((pytester.path / "times.json").read_text(encoding="utf-8"))
    assert [each["stats"]["max"] for each in times["benchmarks"]] == [0.0, 0.0]
    assert "batch independent ✓" in str(result.stdout)
