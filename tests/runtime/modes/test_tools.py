"""Checked modules under the tools that look at code: pickle, copy, inspect, debuggers, coverage."""

from __future__ import annotations

import bdb
import copy
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from shapecheck import ShapeError, checked

OFTEN = 15  # by then the code of a wrapper has been written


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 3)
        self.scale = scaled

    @checked
    def forward(self, x: Float[Tensor, "batch 3"], times: int = 1) -> Float[Tensor, "batch 3"]:
        y = self.layer(x)
        for _ in range(times):
            y = self.scale(y)
        return y


def _scaled(x: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch 3"]:
    doubled = x * 2
    return doubled + 1


def scaled(x: Tensor) -> Tensor:
    return _scaled(x)


@pytest.mark.parametrize("calls", [0, OFTEN])
@pytest.mark.parametrize(
    "twin_of", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_a_twin_of_a_module_is_checked_as_well(calls: int, twin_of: Callable[[Net], Net]) -> None:
    net = Net()
    x = torch.randn(2, 3)
    for _ in range(calls):
        net(x)
    twin = twin_of(net)
    assert torch.equal(twin(x), net(x))
    for module in (twin, net):
        with pytest.raises(ShapeError):
            module(torch.randn(2, 4))


def test_the_signature_is_the_functions_own() -> None:
    function = checked(_scaled)
    for _ in range(OFTEN):
        function(torch.randn(2, 3))
        assert inspect.signature(function) == inspect.signature(_scaled)
        assert inspect.getsource(function) == inspect.getsource(_scaled)
        assert inspect.unwrap(function) is _scaled


class Stops(bdb.Bdb):
    """A debugger that goes on from each breakpoint, noting where it was."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[tuple[str, int]] = []

    def user_line(self, frame: FrameType) -> None:
        if self.break_here(frame):
            self.at.append((frame.f_code.co_name, frame.f_lineno))
        self.set_continue()


@pytest.mark.skipif(sys.gettrace() is not None, reason="something traces already")
def test_a_breakpoint_stops_at_the_users_line() -> None:
    function = checked(_scaled)
    line = _scaled.__code__.co_firstlineno + 1
    x = torch.randn(2, 3)
    for _ in range(OFTEN):
        debugger = Stops()
        assert debugger.set_break(__file__, line) is None
        try:
            debugger.runcall(function, x)
        finally:
            debugger.clear_all_breaks()
        assert debugger.at == [("_scaled", line)]


@pytest.mark.skipif(sys.gettrace() is not None, reason="something traces already")
def test_the_users_lines_run_in_the_same_order() -> None:
    function = checked(_scaled)
    x = torch.randn(2, 3)
    bare = lines_of(lambda: _scaled(x))
    assert bare
    for _ in range(OFTEN):
        assert lines_of(lambda: function(x)) == bare


def lines_of(call: Callable[[], Any]) -> list[int]:
    """The lines of `_scaled` that a tracer (such as coverage's) sees."""
    seen: list[int] = []

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code is _scaled.__code__ and event == "line":
            seen.append(frame.f_lineno)
        return trace

    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(None)
    return seen


COVERED = """
from jaxtyping import Float
from torch import Tensor


def sorted_out(
    x: Float[Tensor, "batch d"],
    up: bool,
) -> Float[Tensor, "batch d"]:
    y: Float[Tensor, "batch d"] = x * 2
    for _ in range(2):
        z: Float[Tensor, "d"] = (
            y[0]
        )
    if up:
        return y
    elif z.sum() > 1e9:
        return x
    return (
        y - 1
    )
"""
COVERING = """
import sys
import coverage
import torch
import shapecheck.check

measured = coverage.Coverage(data_file=None, branch=True, include=["*sorting.py"])
measured.start()
if sys.argv[1] == "guarded":
    shapecheck.check.install("sorting")
from sorting import sorted_out
for i in range(40):
    sorted_out(torch.ones(2, 3), i == 20)
measured.stop()
data = measured.get_data()
(file,) = data.measured_files()
print(measured.analysis2(file)[1:4], sorted(measured._analyze(file).missing_branch_arcs().items()))
"""


@pytest.mark.slow
def test_coverage_counts_the_same_lines_and_branches(tmp_path: Path) -> None:
    pytest.importorskip("coverage")
    (tmp_path / "sorting.py").write_text(COVERED, encoding="utf-8")
    (tmp_path / "covering.py").write_text(COVERING, encoding="utf-8")
    told = [
        subprocess.run(
            [sys.executable, "covering.py", way],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for way in ("bare", "guarded")
    ]
    assert told[0] == told[1]
    assert "[18]" in told[0]  # the line that no call came to
