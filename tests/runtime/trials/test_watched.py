"""Laws where nothing is annotated: what breaks is found, what is meant or harmless is not."""

import random
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from shapecheck.check.calls import Calls
from shapecheck.core.finding import Finding, Severity
from shapecheck.rules import judge
from shapecheck.runtime.tracker import Tracker

Forward = Callable[[Tensor], Tensor]


def tried(program: Callable[[], Any], seconds: float = 60.0) -> Calls:
    """A program's calls, tried when it has ended."""
    tracker = Tracker()
    calls = Calls(tracker, seconds)
    with tracker:
        program()
    calls.conclude()
    assert tracker.errors == []
    return calls


def findings(calls: Calls) -> list[tuple[str, Severity]]:
    return [(finding.slug, finding.severity) for finding in judge(calls.trials)]


class Model(nn.Module):
    """`forward` is whatever it is given, and a layer is there to be used."""

    def __init__(self, body: Callable[[Any, Tensor], Tensor], layer: nn.Module | None) -> None:
        super().__init__()
        self.body, self.layer = body, layer

    def forward(self, x: Tensor) -> Tensor:
        return self.body(self.layer, x)


def loaded(body: Any, layer: nn.Module | None = None, shape: tuple[int, ...] = (5, 3)) -> Calls:
    """The trials of a model that is called with what a DataLoader stacks."""
    model = Model(body, layer)
    data = DataLoader(TensorDataset(torch.randn(8, *shape)), batch_size=4)
    return tried(lambda: [model(x) for (x,) in data])


ERROR = [("batch-mixing", Severity.ERROR)]
WARNING = [("batch-mixing", Severity.WARNING)]


@pytest.mark.parametrize(
    ("body", "layer", "expected"),
    [
        (lambda lstm, x: lstm(x)[0], nn.LSTM(3, 6), ERROR),
        (lambda _, x: x.transpose(0, 1).reshape(len(x), 5, 3), None, ERROR),
        (lambda _, x: torch.softmax(x, dim=0), None, WARNING),
        (lambda _, x: x + x.amax(0), None, WARNING),
        (lambda _, x: nn.functional.normalize(x, dim=0), None, WARNING),
        (lambda _, x: x * x[-1], None, WARNING),
        (lambda _, x: nn.functional.layer_norm(x, x.shape), None, WARNING),
    ],
    ids=["lstm", "reshape", "softmax", "amax", "normalize", "one index", "layer norm"],
)
def test_samples_that_mix_in_a_model(body: Any, layer: Any, expected: Any) -> None:
    assert findings(loaded(body, layer)) == expected


@pytest.mark.parametrize(
    ("body", "layer"),
    [
        (lambda lstm, x: lstm(x)[0], nn.LSTM(3, 6, batch_first=True)),
        (lambda drop, x: drop(x) + torch.randn_like(x) + random.random(), nn.Dropout(0.5)),
        (lambda norm, x: norm(x), nn.BatchNorm1d(5)),
        (lambda _, x: (x - x.mean(0)) / x.std(0), None),
        (lambda _, x: torch.cdist(x.flatten(1), x.flatten(1)).mean(1), None),
        (lambda _, x: x + x.flip(0) + x.roll(1, 0) + x[torch.randperm(len(x))], None),
        (lambda _, x: x / x.norm(), None),
        (lambda _, x: x.cumsum(0), None),
        (lambda lstm, x: lstm(x[:, 0].unsqueeze(1))[0], nn.LSTM(3, 6)),
        (lambda _, x: x.mean(), None),
        (lambda _, x: x.mean(0), None),
        (lambda _, x: x.reshape(-1, 3), None),
        (lambda _, x: x[:, 0] @ (x[:, 0].T @ x[:, 1]), None),
    ],
    ids=[
        "right", "random", "BatchNorm", "standardised", "pairs", "partners", "norm", "running sum",
        "one sequence", "a scalar", "no samples left", "flattened", "a fit",
    ],
)  # fmt: skip
def test_what_is_right_or_meant_is_silent(body: Any, layer: Any) -> None:
    assert findings(loaded(body, layer)) == []


def test_a_batch_of_one_that_loses_its_axis_is_latent() -> None:
    calls = loaded(lambda linear, x: linear(x[:, 0]).squeeze(), nn.Linear(3, 1))
    (finding,) = judge(calls.trials)
    assert (finding.slug, finding.severity) == ("batch-size-fixed", Severity.WARNING)
    assert "latent: the call had a `batch` of 4" in finding.notes[0]


def test_a_size_written_down_is_found_though_it_fits_today() -> None:
    calls = loaded(lambda _, x: x.flatten(1).view(4, 15) * 2)
    assert findings(calls) == [("batch-size-fixed", Severity.WARNING)]


def test_the_witness_is_cited() -> None:
    (finding,) = judge(loaded(lambda lstm, x: lstm(x)[0], nn.LSTM(3, 6)).trials)
    assert "axis 0 of x is the batch: the DataLoader stacks samples at axis 0" in finding.cause
    assert finding.remedy == "nn.LSTM(…, batch_first=True)"
    assert Finding.from_dict(finding.to_dict()) == finding


def named(body: Any, layer: nn.Module | None, make: Callable[[], Tensor]) -> Calls:
    model = Model(body, layer)
    return tried(lambda: model(make()))


def of_batch_size() -> Tensor:
    batch_size = 4
    return torch.randn(batch_size, 5, 3)


def of_n() -> Tensor:
    n = 4
    return torch.randn(n, 5, 3)


def of_a_number() -> Tensor:
    return torch.randn(4, 5, 3)


def of_signal() -> Tensor:
    num_samples = 4
    return torch.randn(num_samples, 5, 3)


def test_a_telling_name_is_evidence_enough() -> None:
    assert findings(named(lambda lstm, x: lstm(x)[0], nn.LSTM(3, 6), of_batch_size)) == ERROR


@pytest.mark.parametrize("make", [of_n, of_a_number, of_signal])
def test_without_evidence_there_is_no_law(make: Callable[[], Tensor]) -> None:
    """`n` may be nodes, `num_samples` the length of a signal, a number anything."""
    assert findings(named(lambda lstm, x: lstm(x)[0], nn.LSTM(3, 6), make)) == []


def test_names_say_nothing_of_a_function() -> None:
    def to_go(rewards: Tensor) -> Tensor:
        return rewards.flip(0).cumsum(0).flip(0) + torch.softmax(rewards, 0)

    assert findings(tried(lambda: to_go(of_batch_size()))) == []


def scrambled(x: Tensor) -> Tensor:
    return x.transpose(0, 1).reshape(x.shape)


def compared(x: Tensor) -> Tensor:
    return x / (x + x.sum(0)) * torch.softmax(x, 0)


@pytest.mark.parametrize(("function", "expected"), [(scrambled, WARNING), (compared, [])])
def test_a_function_may_compare_its_samples_but_not_cut_them_up(
    function: Forward, expected: Any
) -> None:
    data = DataLoader(TensorDataset(torch.randn(8, 5, 3)), batch_size=4)
    assert findings(tried(lambda: [function(x) for (x,) in data])) == expected


class Talks(nn.Module):
    calls = 0

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.history: list[float] = []

    def forward(self, x: Tensor) -> Tensor:
        Talks.calls += 1
        sys.stdout.write(f"call {Talks.calls}\n")
        self.history.append(float(x.sum()))
        return self.norm(x) + torch.rand(1) + random.random() + np.random.rand()


def test_the_program_notices_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def run(seconds: float) -> list[Any]:
        torch.manual_seed(3)
        random.seed(3)
        np.random.seed(3)
        Talks.calls = 0
        model = Talks()
        data = DataLoader(TensorDataset(torch.randn(8, 3)), batch_size=4, shuffle=True)
        results: list[Tensor] = []
        tried(lambda: results.extend(model(x) for (x,) in data), seconds)
        state = [t.tolist() for t in (*results, *model.parameters(), *model.buffers())]
        drawn = (torch.rand(1).item(), random.random(), float(np.random.rand()))
        said = capsys.readouterr()
        return [state, model.history, Talks.calls, drawn, said.out, said.err]

    without, with_trials = run(0), run(60)
    assert with_trials == without
    assert with_trials[2] == 2
    assert with_trials[4] == "call 1\ncall 2\n"


def test_what_writes_a_file_is_left_alone_and_said(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"

    class Logs(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            with log.open("a") as file:
                file.write("called\n")
            return torch.softmax(x, 0)

    model = Logs()
    data = DataLoader(TensorDataset(torch.randn(8, 3)), batch_size=4)
    calls = tried(lambda: [model(x) for (x,) in data])
    assert log.read_text() == "called\n" * 2
    assert findings(calls) == []
    (skipped,) = calls.skipped()
    assert "is not tried again: " in skipped.reason


def mixing() -> None:
    model = Model(lambda _, x: torch.softmax(x, 0), None)
    for (x,) in DataLoader(TensorDataset(torch.randn(8, 3)), batch_size=4):
        model(x)


def test_without_time_nothing_is_tried() -> None:
    calls = tried(mixing, seconds=0)
    assert (calls.trials, calls.skipped()) == ([], ())


def test_beside_a_thread_of_the_program_nothing_is_tried() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        calls = tried(mixing)
    finally:
        over.set()
        thread.join()
    assert calls.trials == []
    assert [s.reason for s in calls.skipped()] == [
        "Model.forward is not tried again: other threads of the program still run"
    ]
