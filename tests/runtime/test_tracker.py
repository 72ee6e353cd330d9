"""The tracker: it changes no bits, steps aside where it must, and leaves nothing behind."""

from __future__ import annotations

import copy
import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch._C import _len_torch_function_stack
from torch.overrides import TorchFunctionMode
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split
from torch.utils.data.dataloader import _BaseDataLoaderIter

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisReading
from shapecheck.core.site import Place
from shapecheck.runtime.tracker import Tracker
from shapecheck.runtime.trials.bench import ProbeSettings
from shapecheck.runtime.trials.outermost import Outermost


def lstm() -> list[Tensor]:
    net, head = nn.LSTM(3, 8, 2, batch_first=True, dropout=0.3), nn.Linear(8, 2)
    parameters = [*net.parameters(), *head.parameters()]
    optimiser = torch.optim.Adam(parameters)
    data = TensorDataset(torch.randn(10, 5, 3), torch.randint(0, 2, (10,)))
    losses = []
    for x, y in DataLoader(data, batch_size=4, shuffle=True):
        out, _ = net(x)
        loss = F.cross_entropy(head(out[:, -1]), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    return [*losses, *parameters]


def encoder_with_padding() -> list[Tensor]:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    net = nn.TransformerEncoder(layer, 2).eval()
    mask = torch.tensor([[False, False, True, True], [True, True, True, True]])
    with torch.no_grad():
        return [net(torch.randn(2, 4, 8), src_key_padding_mask=mask)]


def attention_in_eval() -> list[Tensor]:
    net = nn.MultiheadAttention(8, 2, batch_first=True).eval()
    x = torch.randn(2, 5, 8)
    with torch.no_grad():
        return [t for t in net(x, x, x) if t is not None]


def decoder_training() -> list[Tensor]:
    net = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
    out = net(torch.randn(2, 4, 8), torch.randn(2, 3, 8))
    out.sum().backward()
    return [out, *(p.grad for p in net.parameters() if p.grad is not None)]


def convolutions() -> list[Tensor]:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.4), nn.Linear(36, 2),
    )  # fmt: skip
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        optimiser.zero_grad()
        net(torch.randn(4, 3, 8, 8)).pow(2).mean().backward()
        optimiser.step()
    return [*net.parameters(), *net.buffers(), torch.randn(2)]


def lbfgs() -> list[Tensor]:
    x = torch.randn(3, requires_grad=True)
    optimiser = torch.optim.LBFGS([x])

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = (x**2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return [x]


PROGRAMS = [lstm, encoder_with_padding, attention_in_eval, decoder_training, convolutions, lbfgs]


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_no_bit_changes(program: Callable[[], list[Tensor]]) -> None:
    torch.manual_seed(3)
    plain = program()
    torch.manual_seed(3)
    tracker = Tracker()
    with tracker:
        tracked = program()
    assert tracker.errors == []
    assert len(plain) == len(tracked)
    assert all(torch.equal(a, b) for a, b in zip(plain, tracked, strict=True))


def stack_depth() -> int:
    return torch._C._len_torch_function_stack()


def test_leaving_puts_everything_back() -> None:
    methods = _BaseDataLoaderIter.__next__, DataLoader.__init__
    hooks = torch.nn.modules.module
    with Tracker():
        assert stack_depth() == 1
        assert methods != (_BaseDataLoaderIter.__next__, DataLoader.__init__)
    assert stack_depth() == 0
    assert methods == (_BaseDataLoaderIter.__next__, DataLoader.__init__)
    assert not hooks._has_any_global_hook()
    assert not hooks._global_forward_hooks
    assert not hooks._global_forward_pre_hooks
    assert not hooks._global_parameter_registration_hooks


class Interrupting(nn.MultiheadAttention):
    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt


def test_an_interrupt_inside_attention_does_not_end_tracking() -> None:
    tracker = Tracker()
    with tracker:
        x = torch.randn(2, 3, 4)
        with pytest.raises(KeyboardInterrupt):
            Interrupting(4, 2)(x, x, x)
        nn.ReLU()(x)
        assert stack_depth() == 1
        assert tracker.axes_of(x + 1)
    assert stack_depth() == 0


def test_a_failing_layer_is_recorded_and_the_mode_put_back() -> None:
    tracker = Tracker()
    with tracker:
        with pytest.raises(RuntimeError):
            nn.LSTM(3, 4)(torch.randn(2, 3, 5))
        assert stack_depth() == 1
    assert [type(fact).__name__ for fact in tracker.facts()] == ["Raised"]


def test_another_mode_stays_where_it_is() -> None:
    with torch.device("cpu"), Tracker(), torch.device("meta"):
        x = torch.zeros(2, 3)
        assert x.device.type == "meta"
        assert nn.LSTM(3, 4)(x)[0].device.type == "meta"
        assert stack_depth() == 3
    assert stack_depth() == 0


def test_an_alias_keeps_its_axes_and_a_copy_has_the_same() -> None:
    batch_size = 4
    tracker = Tracker()
    with tracker:
        x = torch.randn(batch_size, 3)
        same = [x.contiguous(), x.to(torch.float32), nn.Identity()(x), x.relu_()]
        copies = [copy.deepcopy(x), x.clone(), x.detach()]
    for tensor in (*same, *copies):
        assert tracker.axes_of(tensor)[0].names == ("batch_size",)


def test_shapes_are_plain() -> None:
    with Tracker():
        x = torch.randn(4, 3)
        assert type(x.shape) is torch.Size
        assert type(x.size(0)) is int


def test_tensors_are_not_kept_alive() -> None:
    tracker = Tracker()
    with tracker:
        for _ in range(5):
            x = torch.randn(6, 2)
            y = x * 2
        del x, y
    gc.collect()
    assert len(tracker._held) == 0


def test_a_loop_is_worked_out_once() -> None:
    tracker = Tracker()
    with tracker:
        net = nn.Linear(3, 2)
        for _ in range(20):
            net(torch.randn(4, 3)).relu().sum()
            remembered = len(tracker._memo)
        for _ in range(20):
            pass
    assert remembered < 20


def test_names_through_unpacking_calls_and_attributes() -> None:
    def make(batch_size: int, steps: int) -> Tensor:
        return torch.zeros(batch_size, steps, 2)

    n = 3
    tracker = Tracker()
    with tracker:
        x = make(n, 5)
        batch, seq_len, *_ = x.shape
        state = torch.zeros(1, batch, 4)
    views = tracker.axes_of(x)
    assert views[0].names == ("n", "batch_size", "batch")
    assert views[1].role is Role.TIME
    assert tracker.axes_of(state)[1].identity == views[0].identity
    assert seq_len == 5


def test_a_loader_orders_data_by_batch() -> None:
    tracker = Tracker()
    with tracker:
        loader = DataLoader(TensorDataset(torch.randn(6, 4), torch.zeros(6)), batch_size=3)
        for x, y in loader:
            axis = tracker.axes_of(x)[0]
            assert axis.role is Role.BATCH
            assert axis.sure
            assert axis.identity == tracker.axes_of(y)[0].identity
            assert axis.witnesses[0].place.file == __file__


def test_rows_that_torch_alone_stacks_keep_their_axes_and_are_not_followed() -> None:
    n, steps = 6, 4

    class Same(Dataset[Any]):
        def __len__(self) -> int:
            return n

        def __getitem__(self, i: int) -> Any:
            return x[i], y[i]

    tracker, followed = Tracker(), []
    with tracker:
        x, y = torch.randn(n, steps, 2), torch.zeros(n)
        data = TensorDataset(x, y)
        one, other = random_split(data, [3, 3])
        for source in (data, one, other, Same()):
            seen: list[tuple[Any, ...]] = []
            loader = DataLoader(source, batch_size=3, shuffle=True)
            tracker.observer = _Counting(seen)
            for batch, _ in loader:
                views = tracker.axes_of(batch)
                assert views[0].role is Role.BATCH
                assert views[1].identity == tracker.axes_of(x)[1].identity
                assert views[1].names == ("steps",)
            tracker.observer = None
            followed.append(len(seen))
    assert max(followed[:3]) < n < followed[3]  # the iterator's own seed, nothing of the samples
    assert not tracker.errors


def test_another_thread_does_not_move_the_mode() -> None:
    """A model that runs in another thread while the mode is lifted in this one."""
    inside, done = threading.Event(), threading.Event()

    class Slow(nn.GRU):
        def forward(self, *args: Any) -> Any:
            inside.set()
            assert done.wait(30)
            return super().forward(*args)

    def other() -> None:
        assert inside.wait(30)
        nn.Sequential(nn.Linear(2, 2), nn.GRU(2, 2))(torch.ones(3, 2))
        left.append(_len_torch_function_stack())
        done.set()

    left: list[int] = []
    tracker = Tracker()
    with tracker:
        thread = threading.Thread(target=other)
        thread.start()
        Slow(2, 2)(torch.ones(4, 1, 2))
        thread.join()
        assert _len_torch_function_stack() == 1
    assert left == [0]
    assert not tracker.errors


class _Counting:
    """An observer that counts the frames it is told of."""

    def __init__(self, seen: list[Any]) -> None:
        self._seen, self.settled = seen, set[int]()
        self.awaited = None

    def awaits(self, frame: Any) -> bool:
        return True

    def met(self, frame: Any) -> None:
        self._seen.append(frame.f_code.co_name)


def test_a_custom_collate_function_is_not_guessed_at() -> None:
    tracker = Tracker()
    with tracker:
        data = TensorDataset(torch.randn(6, 4))
        for x in DataLoader(
            data, batch_size=3, collate_fn=lambda items: torch.cat([i[0] for i in items])
        ):
            assert tracker.axes_of(x)[0].role is None


def test_declared_names_reach_the_contract() -> None:
    tracker = Tracker()
    x = torch.randn(3, 5, 2)
    with tracker:
        tracker.name_axes(x, ("batch", "seq", "feature"), Place("model.py", 7))
        nn.GRU(2, 4)(x)
    first = next(fact for fact in tracker.facts() if isinstance(fact, AxisReading))
    assert first.operand.axes[0].witnesses[0].place == Place("model.py", 7)
    assert first.role is Role.TIME
    assert first.operand.axes[0].role is Role.BATCH


def test_our_own_failure_is_kept_and_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = Tracker()

    def broken(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(tracker, "_work_out", broken)
    with tracker:
        assert torch.equal(torch.ones(2) + 1, torch.full((2,), 2.0))
    assert tracker.errors
    assert "ZeroDivisionError" in tracker.errors[0]


@pytest.mark.filterwarnings("error")
def test_compiling_ends_tracking_and_tells() -> None:
    x = torch.randn(3, 4)
    original = torch.compile
    tracker = Tracker()
    with tracker:
        y = x + 1
        compiled = torch.compile(nn.ReLU(), backend="eager", fullgraph=True)
        assert torch.equal(compiled(x), x.relu())
        z = x + 2
    assert torch.compile is original
    assert "torch.compile" in tracker.skipped[0].reason
    assert tracker.axes_of(y)
    assert not tracker.axes_of(z)


@pytest.mark.filterwarnings("error", "ignore:.*torch.jit:DeprecationWarning")
def test_tracing_to_torchscript_is_left_alone() -> None:
    tracker = Tracker()
    with tracker:
        traced = torch.jit.trace(lambda x: x.view(x.size(0), -1) * 2, torch.randn(2, 3))
        assert traced(torch.randn(5, 2)).shape == (5, 2)
    assert tracker.errors == []


def test_transforms_of_functions_are_followed_without_failing() -> None:
    tracker = Tracker()
    x = torch.randn(3, 4)
    with tracker:
        assert torch.vmap(lambda row: row * row.sum())(x).shape == (3, 4)
        assert torch.equal(torch.func.grad(lambda a: (a**2).sum())(x), 2 * x)
    assert tracker.errors == []


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged], ids=["strided", "jagged"])
def test_tensors_without_sizes_are_left_alone(layout: torch.layout) -> None:
    tracker = Tracker()
    with tracker:
        rows = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)], layout=layout)
        rows.requires_grad_(False)
        doubled = rows * 2
        rows.mul_(3)
        assert [len(row) for row in doubled.unbind()] == [2, 4]
    assert not tracker.errors


def test_what_we_read_of_a_tensor_of_the_users_kind_is_not_for_it_to_see() -> None:
    seen: list[str] = []

    class Loud(torch.Tensor):
        @classmethod
        def __torch_function__(
            cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            seen.append(func.__name__)
            return super().__torch_function__(func, types, args, kwargs or {})  # type: ignore[no-untyped-call]  # torch declares none

    def program() -> None:
        x = torch.ones(3, 4).as_subclass(Loud)
        nn.Linear(4, 2)(x @ x.t() @ x).unsqueeze_(0).sum(0)

    program()
    plainly = seen.copy()
    seen.clear()
    tracker = Tracker()
    with tracker:
        program()
    assert seen == plainly
    assert not tracker.errors


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_modules_and_objects_of_odd_kinds_are_left_alone() -> None:
    """Lazy parameters, frozen TorchScript, objects that are no tensors and act like one."""

    class Wrapped:
        def __init__(self, inner: Tensor) -> None:
            self.inner = inner

        @classmethod
        def __torch_function__(
            cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            return Wrapped(func(*(a.inner for a in args), **(kwargs or {})))

    tracker = Tracker()
    calls = Outermost(tracker, ProbeSettings(), 5.0)
    tracker.observer = calls
    with tracker:
        lazy = nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d())
        assert lazy(torch.ones(3, 7)).shape == (3, 4)
        wrapped: Any = Wrapped(torch.ones(2, 3))
        given: Any = torch.relu(wrapped)
        assert given.inner.shape == (2, 3)
        frozen = torch.jit.freeze(torch.jit.script(nn.Linear(3, 2).eval()))
        assert frozen(torch.ones(4, 3)).shape == (4, 2)
    assert not tracker.errors


def test_a_mode_of_the_programs_sees_nothing_of_ours() -> None:
    class Counting(TorchFunctionMode):
        seen = 0

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            Counting.seen += 1
            return func(*args, **(kwargs or {}))

    def program() -> int:
        Counting.seen = 0
        net = nn.Sequential(nn.Linear(3, 4), nn.LSTM(4, 2))
        with Counting():
            net(torch.ones(5, 2, 3))
        return Counting.seen

    plainly = program()
    tracker = Tracker()
    tracker.observer = Outermost(tracker, ProbeSettings(), 5.0)
    with tracker:
        assert program() == plainly
