"""What is gathered of the lines of a program."""

import gc
import weakref
from typing import Any

import pytest
import torch

from shapecheck.core.plain import from_plain, to_plain
from shapecheck.core.trace import TracedValue, TraceEvidence
from shapecheck.runtime.trace import TraceRecorder
from shapecheck.runtime.tracing import Tracing
from shapecheck.runtime.tracker import Tracker
from shapecheck.source.units import CodeUnit


def traced(text: str) -> tuple[TraceEvidence, dict[str, Any]]:
    unit, tracing = CodeUnit("traced.py", text), Tracing()
    tree = unit.tree()
    tracing.attach(tree, unit)
    names: dict[str, Any] = {"torch": torch}
    with Tracker() as tracker:
        recorder = TraceRecorder(tracing, tracker)
        tracing.listen(recorder)
        exec(compile(tree, "traced.py", "exec"), names)
    tracing.listen(None)
    assert recorder.errors == []
    return recorder.evidence(), names


def value(evidence: TraceEvidence, name: str) -> TracedValue:
    (found,) = (v for v in evidence.values if v.name + v.part == name)
    return found


def shapes(found: TracedValue) -> list[tuple[object, int]]:
    return [(form.shape, form.count) for form in found.forms]


def test_loops_are_folded() -> None:
    evidence, _ = traced("for i in range(100):\n    x = torch.ones(4 if i % 10 else 2, 3) * i\n")
    x = value(evidence, "x")
    assert x.times == 100
    assert sorted(shapes(x)) == [((2, 3), 10), ((4, 3), 90)]
    assert [(form.first, form.last) for form in x.forms] == [(1, 91), (2, 100)]


def test_an_axis_is_the_same_wherever_it_stands() -> None:
    evidence, _ = traced(
        "x = torch.randn(4, 5, 6)\ny = x.transpose(0, 1)\nz = y.sum(0)\nw = x.reshape(20, 6)\n"
    )
    of = {
        name: [axis.identities for axis in value(evidence, name).forms[0].axes] for name in "xyzw"
    }
    (a,), (b,), (c,) = of["x"]
    assert of["y"] == [(b,), (a,), (c,)]
    assert of["z"] == [(a,), (c,)]
    assert of["w"] == [(a, b), (c,)]
    assert {a, b, c} <= {identity.number for identity in evidence.identities}


def test_an_axis_that_was_split_is_kin() -> None:
    evidence, _ = traced("x = torch.randn(4, 8)\ny = x.view(4, 2, 4)\n")
    whole = value(evidence, "x").forms[0].axes[1].identities
    assert [axis.kin for axis in value(evidence, "y").forms[0].axes[1:]] == [whole, whole]


def test_axes_met_anew_in_each_round_are_one() -> None:
    evidence, _ = traced(
        "rnn = torch.nn.GRU(3, 8, batch_first=True)\n"
        "for n in (2, 5, 2):\n    out, h = rnn(torch.randn(n, 7, 3))\n"
    )
    forms = value(evidence, "out").forms
    assert [form.shape for form in forms] == [(2, 7, 8), (5, 7, 8)]
    assert forms[0].axes[2].identities == forms[1].axes[2].identities


def test_containers_sizes_and_what_has_no_shape() -> None:
    evidence, _ = traced(
        "d = {'a': torch.ones(2), 'b': [torch.ones(3), 'text', 7]}\nB, T = torch.ones(4, 5).shape\n"
        "n = 12 * 2\ns = 'text'\nself = type('S', (), {})()\nself.h, k = torch.ones(6), 1\n"
        "p = torch.nn.Parameter(torch.ones(7))\nnone = None\n"
    )
    made = {v.name + v.part: v.forms[0] for v in evidence.values if v.made_as == "assigned"}
    assert {name: form.shape or form.number for name, form in made.items()} == {
        "d['a']": (2,),
        "d['b'][0]": (3,),
        "B": 4,
        "T": 5,
        "self.h": (6,),
        "p": (7,),
    }
    assert made["p"].type == "Parameter"


def test_no_tensor_lives_longer() -> None:
    _, names = traced("x = torch.randn(4, 5)\ny = (x @ x.T).sum(0)\n")
    kept = [weakref.ref(names[name]) for name in "xy"]
    names.clear()
    gc.collect()
    assert [ref() for ref in kept] == [None, None]


def test_the_same_bits() -> None:
    text = (
        "torch.manual_seed(0)\n"
        "net = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Dropout())\n"
        "opt = torch.optim.Adam(net.parameters())\nlosses = []\nfor _ in range(5):\n"
        "    loss = net(torch.randn(6, 3)).square().mean()\n    opt.zero_grad()\n"
        "    loss.backward()\n    opt.step()\n    losses.append(loss.item())\n"
    )
    names: dict[str, Any] = {"torch": torch}
    exec(text, names)
    assert traced(text)[1]["losses"] == names["losses"]


def test_more_forms_than_are_kept_are_counted() -> None:
    evidence, _ = traced("for n in range(1, 401):\n    x = torch.ones(n)\n")
    x = value(evidence, "x")
    assert len(x.forms) == 200
    assert (x.times, x.left_out) == (400, 200)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compiled_functions_are_left_alone() -> None:
    evidence, names = traced(
        "def f(x):\n    y = x.cos() + 1\n    return y.sum(0)\n"
        "g = torch.compile(f, backend='eager', fullgraph=True)\nr = g(torch.ones(3, 4))\n"
    )
    assert names["r"].shape == (4,)
    assert shapes(value(evidence, "r")) == [((4,), 1)]


def test_evidence_crosses_processes() -> None:
    evidence, _ = traced("x = torch.randn(4, 8)\ny = x.view(4, 2, 4)\n")
    assert from_plain(TraceEvidence, to_plain(evidence)) == evidence
