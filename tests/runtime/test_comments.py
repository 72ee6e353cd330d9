"""The probes where shape comments stand: what they see, and that they change nothing."""

from __future__ import annotations

import inspect
import pickle
import traceback
import warnings
from typing import Any

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from shapecheck.core.comment_evidence import Moment
from shapecheck.runtime.comment_probes import PROBES
from shapecheck.runtime.comments import CommentWatch
from shapecheck.source.declarations import read_comments
from shapecheck.source.units import CodeUnit


class Run:
    """A program that was run with probes."""

    def __init__(self, text: str, **namespace: Any) -> None:
        self.unit = CodeUnit("a.py", text)
        self.namespace: dict[str, Any] = {"__name__": "__main__", "torch": torch, **namespace}
        self.watch = CommentWatch("a.py")
        code = self.watch.compile(self.unit, read_comments(self.unit), self.namespace)
        try:
            exec(code, self.namespace)
        finally:
            assert self.watch.failures == 0

    @property
    def moments(self) -> tuple[Moment, ...]:
        return self.watch.evidence().moments

    def shapes(self, seen_as: str = "made") -> list[tuple[str, Any]]:
        return [
            (v.name + v.part, v.actual.shape or v.actual.type)
            for m in self.moments
            for v in m.values
            if v.seen_as == seen_as
        ]


def test_results_go_by_the_names_they_are_assigned_to() -> None:
    run = Run("a, (b, c) = torch.zeros(2), (torch.zeros(3), 4)  # (B, T)\n")
    assert run.shapes() == [("a", (2,)), ("b", (3,)), ("c", "int")]


def test_arguments_receivers_and_operands_are_seen() -> None:
    run = Run(
        "x = torch.zeros(2, 3)\ny = torch.relu(x.t()) @ x  # (B, T)\n",
    )
    assert run.shapes("argument") == [("x", (2, 3)), ("", (3, 2)), ("", (3, 2)), ("x", (2, 3))]


def test_the_state_before_is_seen() -> None:
    run = Run("x = torch.zeros(2, 3)\nx = x.sum(0)  # (B, T)\n")
    assert run.shapes("before") == [("x", (2, 3))]


def test_loops_calls_returns_and_updates_are_seen() -> None:
    text = (
        "def f(x):  # x: (B, T)\n"
        "    x += 1  # (B, T)\n"
        "    for y in x:  # y: (T,)\n"
        "        pass\n"
        "    return x.sum(0)  # (T,)\n"
        "f(torch.zeros(2, 3))\n"
    )
    assert Run(text).shapes() == [("x", (2, 3)), ("x", (2, 3)), ("y", (3,)), ("", (3,))]


def test_calls_are_told_apart_even_when_one_is_inside_another() -> None:
    text = (
        "def f(x):\n"
        "    y = x + 0  # (B, T)\n"
        "    if len(x) > 2:\n"
        "        f(x[1:])\n"
        "    z = y + 0  # (B, T)\n"
        "f(torch.zeros(4, 2))\n"
    )
    seen = [(m.call, m.statement, m.values[-1].actual.shape) for m in Run(text).moments]
    by_call: dict[int, set[Any]] = {}
    for call, _, shape in seen:
        by_call.setdefault(call, set()).add(shape)
    assert by_call == {1: {(4, 2)}, 2: {(3, 2)}, 3: {(2, 2)}}


def test_sizes_come_from_locals_self_and_globals() -> None:
    text = (
        "N_HEADS = 7\n"
        "class M:\n"
        "    def __init__(self):\n"
        "        self.hidden_size = 5\n"
        "    def go(self, x, seq_len):\n"
        "        flag = True\n"
        "        y = x + 0  # (seq len, n_heads, hidden, flag)\n"
        "M().go(torch.zeros(1), 3)\n"
    )
    (moment,) = Run(text).moments
    assert moment.sizes == (("N_HEADS", 7), ("self.hidden_size", 5), ("seq_len", 3))


def test_equal_contents_are_kept_once_a_call() -> None:
    text = "def f(x):\n    y = x + 0  # (B, T)\nfor _ in range(100):\n    f(torch.zeros(2, 3))\n"
    assert len(Run(text).moments) == 20


PROGRAM = """
import torch
seen = []
class Odd:
    def __init__(self):
        self.log = []
    def __getattr__(self, name):
        self.__dict__['log'].append(name)
        return 3
    def __len__(self):
        seen.append('len')
        return 2
def order(n):
    seen.append(n)
    return torch.ones(n, 2)
def generator():
    got = yield order(1)  # (B, T)
    seen.append(got)
def work(x, *rest, key=None, **more):
    '''Work.

    x: (B, T)
    '''
    # (B, T)
    y = order(2) @ order(2).t() if rest else (order(3), order(4))[0]  # (B, T)
    a = b = [order(5), *rest]  # (B, T)
    odd = Odd()  # (B, T)
    z = odd.shape_like  # (B, T)
    w = [i for i in range(3)]  # (B, T)
    v = (lambda q: q + 1)(2)  # (B, T)
    u: int = 3  # (B, T)
    t = f'{x!r:>5}'  # (B, T)
    s = x if (r := 5) else y  # (B, T)
    return sorted(locals()), super, odd.log, work.__doc__  # (B, T)
g = generator()  # (B, T)
next(g)
try:
    g.send(7)
except StopIteration:
    pass
result = work(torch.rand(2, 3), 1, key=2, other=3)  # (B, T)
"""


def test_the_program_computes_the_same() -> None:
    plain: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(PROGRAM, "a.py", "exec"), plain)
    probed = Run(PROGRAM).namespace
    assert probed["seen"] == plain["seen"]
    assert str(probed["result"]) == str(plain["result"])
    assert set(probed) - set(plain) == {PROBES}


def test_random_numbers_and_losses_stay_the_same() -> None:
    text = (
        "import torch, torch.nn as nn\n"
        "torch.manual_seed(3)\n"
        "net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1))\n"
        "opt = torch.optim.Adam(net.parameters())\n"
        "losses = []\n"
        "for _ in range(5):\n"
        "    x = torch.randn(6, 4)  # x: (batch, features)\n"
        "    y = net(x)  # (batch, 1)\n"
        "    loss = y.pow(2).mean()  # (batch, 1)\n"
        "    opt.zero_grad(); loss.backward(); opt.step()\n"
        "    losses.append(loss.item())\n"
        "after = torch.rand(3).tolist()\n"
    )
    plain: dict[str, Any] = {}
    exec(compile(text, "a.py", "exec"), plain)
    probed = Run(text).namespace
    assert (probed["losses"], probed["after"]) == (plain["losses"], plain["after"])


def test_the_user_s_error_keeps_its_line_and_stack() -> None:
    text = "def f(x):\n    y = 1\n    return x.view(5, 5)  # (B, T)\nf(torch.zeros(2))\n"
    with pytest.raises(RuntimeError) as raised:
        Run(text)
    frames = [f for f in traceback.extract_tb(raised.value.__traceback__) if f.filename == "a.py"]
    assert [(f.name, f.lineno) for f in frames] == [("<module>", 4), ("f", 3)]


def test_what_a_called_function_sees_of_its_caller_stays() -> None:
    def caller() -> str:
        frame = inspect.currentframe()
        assert frame is not None
        assert frame.f_back is not None
        return frame.f_back.f_code.co_name

    run = Run("def f():\n    who = caller()  # (B, T)\n    return who\nwho = f()\n", caller=caller)
    assert run.namespace["who"] == "f"


def test_a_function_mode_sees_no_more_than_before() -> None:
    class Count(TorchFunctionMode):
        calls = 0

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            self.calls += 1
            return func(*args, **(kwargs or {}))

    text = "x = torch.zeros(2, 3)  # (B, T)\ny = x.t() @ x  # (B, T)\n"
    with Count() as plain:
        exec(text, {"torch": torch})
    with Count() as probed:
        Run(text)
    assert probed.calls == plain.calls


def test_a_compiled_function_is_one_graph_and_is_not_watched() -> None:
    text = (
        "def f(x, n):\n"
        "    h = n + 1  # (B, T)\n"
        "    y = torch.relu(x) * h  # y: (B, T)\n"
        "    return y.sum(0)  # (T,)\n"
        "g = torch.compile(f, backend='eager', fullgraph=True)\n"
        "out = g(torch.ones(2, 3), 2)\n"
    )
    run = Run(text)
    assert run.namespace["out"].tolist() == [6.0, 6.0, 6.0]
    assert run.moments == ()


def test_tracing_is_left_alone_and_warns_of_nothing() -> None:
    text = (
        "def f(x):\n"
        "    y = x.relu()  # (B, T)\n"
        "    return y\n"
        "g = torch.jit.trace(f, torch.ones(2, 3), check_trace=False)\n"
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # of tracing itself
        run = Run(text)
    assert run.namespace["g"](torch.ones(1, 2)).tolist() == [[1.0, 1.0]]
    assert run.moments == ()


def test_a_function_that_goes_to_another_process_by_value_takes_silent_probes_along() -> None:
    run = Run("x = torch.zeros(2)  # (B,)\n")
    silent = pickle.loads(pickle.dumps(run.namespace[PROBES]))
    assert silent.made(0, 5) == silent.seen(0, 0, "made", 5) == 5
    silent.called()
    silent.state(0, 1)
    silent.bound(0, 1)


def test_lazy_and_nested_tensors_are_seen_by_their_type() -> None:
    run = Run("p = nn.LazyLinear(3).weight  # (B, T)\n", nn=nn)
    assert run.shapes() == [("p", "UninitializedParameter")]


def test_a_value_whose_attributes_raise_is_no_matter() -> None:
    class Rude:
        @property
        def shape(self) -> Any:
            raise RuntimeError("no")

    assert Run("x = rude()  # (B, T)\n", rude=Rude).shapes() == [("x", "Rude")]


def test_cells_share_a_watch_and_a_namespace() -> None:
    watch = CommentWatch("n.ipynb")
    namespace: dict[str, Any] = {"torch": torch}
    for part, text in [("cell 1", "x = torch.zeros(2)  # (B,)\n"), ("cell 2", "y = x  # (B,)\n")]:
        unit = CodeUnit("n.ipynb", text, part)
        exec(watch.compile(unit, read_comments(unit), namespace), namespace)
    assert [m.statement for m in watch.evidence().moments] == [
        "n.ipynb:cell 1:1:0",
        "n.ipynb:cell 2:1:0",
    ]
