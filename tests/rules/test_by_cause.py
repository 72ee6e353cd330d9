"""One cause, one finding; and what is a fault of its own stays one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.plain import from_plain, to_plain
from shapecheck.rules import by_cause, judged
from shapecheck.runtime.crash import gather_crash
from shapecheck.runtime.running.traces import clean
from shapecheck.runtime.tracker import Tracker


def found(program: Callable[[], object]) -> list[Finding]:
    tracker, crash = Tracker(), None
    with tracker:
        try:
            program()
        except RuntimeError as error:
            clean(error)
            crash = gather_crash(error)
    assert not tracker.errors
    evidence = [*tracker.facts(), *([crash] if crash is not None else [])]
    return by_cause(list(judged(evidence)))


def slugs(findings: list[Finding]) -> list[tuple[str, list[str]]]:
    return [(f.slug, [one.slug for one in f.related]) for f in findings]


def batches(*shape: int) -> DataLoader[tuple[Tensor, ...]]:
    return DataLoader(TensorDataset(torch.randn(*shape)), batch_size=4)


def misread_and_picked() -> None:
    rnn = nn.GRU(3, 5)
    for (x,) in batches(8, 7, 3):
        out, _ = rnn(x)
        out[:, -1].sum()


def misread_and_another_misread() -> None:
    one, other = nn.GRU(3, 5), nn.LSTM(3, 5)
    for (x,) in batches(8, 7, 3):
        one(x)
        other(x)


def outer_difference_used() -> None:
    states = torch.randn(6, 3)
    scores, baseline = nn.Linear(3, 1)(states)[:, 0], nn.Linear(3, 1)(states)
    advantage = torch.tensor([float(i) for i in range(6)]) - baseline
    (scores * advantage.detach()).mean()


def misread_then_refused() -> None:
    rnn, head = nn.GRU(3, 5), nn.Linear(9, 2)
    for (x,) in batches(8, 7, 3):
        out, _ = rnn(x)
        head(out[:, -1])


def read_beside_the_classes() -> None:
    net = nn.Linear(5, 3)
    data = TensorDataset(torch.randn(8, 5), torch.zeros(8, dtype=torch.long))
    for x, y in DataLoader(data, batch_size=4):
        scores = torch.log_softmax(net(x), dim=0)
        F.nll_loss(scores, y)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (misread_and_picked, [("role-conflict", ["last-step-of-wrong-axis"])]),
        (read_beside_the_classes, [("class-axis", ["class-axis"])]),
        (misread_and_another_misread, [("role-conflict", []), ("role-conflict", [])]),
        (outer_difference_used, [("two-sided-broadcast", ["role-conflict"])]),
        (
            misread_then_refused,
            [("role-conflict", ["last-step-of-wrong-axis"]), ("layer-input", [])],
        ),
    ],
)
def test_what_follows_stands_below_its_cause(
    program: Callable[[], object], told: list[tuple[str, list[str]]]
) -> None:
    assert slugs(found(program)) == told


def test_the_line_it_comes_from_is_as_sure_as_what_names_it() -> None:
    """The loss proves what the softmax alone only suggests; the softmax is where to mend it."""
    (finding,) = found(read_beside_the_classes)
    (follows,) = finding.related
    assert finding.place.line == follows.place.line - 1
    assert finding.severity is follows.severity is Severity.ERROR


def test_nothing_hides_below_what_is_less_sure() -> None:
    """A note upstream may be meant; the error downstream is one."""
    tracker = Tracker()
    with tracker:
        misread_and_picked()
    findings = list(judged(tracker.facts()))
    weak = [
        (f if f.slug != "role-conflict" else Finding(f.slug, Severity.NOTE, f.place, "m"), piece)
        for f, piece in findings
    ]
    assert slugs(by_cause(weak)) == [("role-conflict", []), ("last-step-of-wrong-axis", [])]


def test_it_is_told_in_one_row_and_crosses_processes() -> None:
    (finding,) = found(misread_and_picked)
    (follows,) = finding.related
    text = " ".join(str(finding).split())
    assert f"follows line {follows.place.line}: index -1 of axis 1" in text
    assert "[last-step-of-wrong-axis]" in text
    assert follows.place in finding.cites
    assert follows.remedy not in text  # it would lead the wrong way
    assert from_plain(Finding, to_plain(finding)) == finding


def split_twice() -> None:
    batch, seq_len = 2, 5
    k, v = torch.randn(batch, seq_len, 8).chunk(2, dim=-1)
    k = k.reshape(seq_len, batch, 4)
    v = v.reshape(seq_len, batch, 4)


def test_a_fault_written_again_stands_with_the_first() -> None:
    (finding,) = found(split_twice)
    (again,) = finding.related
    assert again.place.line == finding.place.line + 1
    assert finding.cites == (again.place,)
    assert ("likewise", f"line {again.place.line}") in finding.rows()
