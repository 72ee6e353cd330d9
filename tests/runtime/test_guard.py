"""`@checked` on whatever can be called: what it refuses, and everything it leaves alone."""

from __future__ import annotations

import abc
import contextlib
import copy
import functools
import gc
import inspect
import pickle
import threading
import types
import typing
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pytest
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

import shapecheck
from shapecheck import DeclarationError, ShapeError, checked
from shapecheck.check import explain, guard
from shapecheck.runtime import compile as compile_module
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.judging import pieces

if TYPE_CHECKING:
    from nowhere import Missing

BatchSeq = Float[Tensor, "batch seq"]


@pytest.fixture(autouse=True)
def no_error_of_ours() -> Iterator[None]:
    yield
    assert guard.record.internal_errors == []


@pytest.fixture(autouse=True, params=["judged", "written"])
def from_the_first_call(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything holds for calls that the judge sees, and for code written at the first call."""
    if request.param == "written":
        monkeypatch.setattr(compile_module, "_AFTER", 0)
        monkeypatch.setattr(pieces, "_AFTER", 1)


def refused(function: Callable[..., Any], *args: Any, **kwargs: Any) -> shapecheck.Finding:
    with pytest.raises(ShapeError) as caught:
        function(*args, **kwargs)
    return caught.value.finding


# --- kinds of callables -----------------------------------------------------------------------


class Net:
    hidden = 3

    def __init__(self, width: Int[Tensor, ""] | int) -> None:
        self.width = width

    @checked
    def method(self, x: BatchSeq) -> Float[Tensor, "batch {self.hidden}"]:
        return x[:, :3]

    @checked
    @classmethod
    def of_class(cls, x: BatchSeq) -> BatchSeq:
        assert cls is Net
        return x

    @classmethod
    @checked
    def of_class_inner(cls, x: BatchSeq) -> Self:
        return cls(int(x.sum()))

    @checked
    @staticmethod
    def static(x: BatchSeq) -> BatchSeq:
        return x

    @checked
    @property
    def value(self) -> Float[Tensor, "n"]:
        """The doc."""
        return torch.zeros(self.width)

    @value.setter
    def value(self, new: Float[Tensor, "n"]) -> None:
        self.width = new

    @functools.cached_property
    @checked
    def cached(self) -> Float[Tensor, "3"]:
        return torch.zeros(self.width)

    @checked
    def me(self, other: Self | None = None) -> Self:
        return other if other is not None else self


def test_a_method() -> None:
    assert Net(1).method(torch.zeros(2, 5)).shape == (2, 3)
    assert refused(Net(1).method, torch.zeros(2)).message == "`x` of Net.method lacks an axis"
    assert refused(Net(1).method, torch.zeros(2, 2)).expected == "(batch=2, {self.hidden}=3) Float"


def test_a_classmethod_and_a_staticmethod_whatever_stands_above() -> None:
    x = torch.zeros(2, 5)
    assert Net.of_class(x) is x
    assert Net.static(x) is x
    assert Net.of_class_inner(x).width == 0
    for function in (Net.of_class, Net.static, Net.of_class_inner):
        assert refused(function, x[0]).slug == "axis-missing"


def test_a_property_keeps_its_doc_and_its_setter() -> None:
    net = Net(4)
    assert net.value.shape == (4,)
    assert Net.__dict__["value"].__doc__ == "The doc."
    net.value = (2, 2)
    assert refused(lambda: net.value).slug == "axis-extra"


def test_a_cached_property() -> None:
    assert Net(3).cached.shape == (3,)
    assert refused(lambda: Net(4).cached).slug == "size-mismatch"


def test_self_is_the_class_of_the_object() -> None:
    class Child(Net):
        pass

    assert Child(1).me(Child(2)).width == 2
    assert refused(Child(1).me, Net(2)).slug == "type-mismatch"


def test_a_class_has_all_its_methods_checked() -> None:
    @checked
    class Layer(nn.Module):
        def forward(self, x: BatchSeq) -> BatchSeq:
            return x

        @property
        def size(self) -> int:
            return 3

        @staticmethod
        def static(x: BatchSeq) -> None: ...

        def plain(self, x):  # type: ignore[no-untyped-def]  # nothing is declared
            return x

    assert refused(Layer(), torch.zeros(2)).slug == "axis-missing"
    assert refused(Layer.static, torch.zeros(2)).slug == "axis-missing"
    assert Layer().size == 3
    assert not hasattr(Layer.plain, "__wrapped__")


def test_what_declares_nothing_is_returned_as_it_is() -> None:
    def plain(x, y=1):  # type: ignore[no-untyped-def]  # that is the case
        return x

    prop = property(plain)
    static = staticmethod(plain)
    partial = functools.partial(plain, 1)
    for thing in (plain, prop, static, partial, len, 3, None, torch.relu):
        assert checked(thing) is thing


def test_a_function_is_checked_once() -> None:
    @checked
    def f(x: BatchSeq) -> None: ...

    assert checked(f) is f


# --- arguments --------------------------------------------------------------------------------


def test_arguments_by_name_by_position_and_gathered() -> None:
    @checked
    def f(
        x: BatchSeq,
        /,
        y: Float[Tensor, "batch"],
        *rest: Float[Tensor, "batch _"],
        z: Float[Tensor, "seq"],
        **named: Float[Tensor, "batch"],
    ) -> None: ...

    x, b, s = torch.zeros(2, 3), torch.zeros(2), torch.zeros(3)
    f(x, b, x, x, z=s, k=b)
    assert refused(f, x, s, z=s).message == "`y` of f disagrees about the size of `batch`"
    assert refused(f, x, b, x, b, z=s).message.startswith("`rest[1]` of f lacks")
    assert refused(f, x, b, z=b).message.startswith("`z` of f disagrees")
    assert refused(f, x, b, z=s, k=s).message.startswith("`named['k']` of f disagrees")


def test_defaults_are_the_functions_own_choice() -> None:
    @checked
    def f(x: Tensor = None, n: int = "?", y: BatchSeq = None) -> None: ...  # type: ignore[assignment]  # that is the case

    f()
    f(None)
    f(y=None)
    f(torch.zeros(1), n="?")
    assert refused(f, 3).slug == "type-mismatch"
    assert refused(f, y=torch.zeros(2)).slug == "axis-missing"


def test_a_type_error_for_wrong_arguments_is_the_functions_own() -> None:
    @checked
    def f(x: BatchSeq) -> None: ...

    for args, kwargs in (((), {}), ((1, 2), {}), ((1,), {"x": 2}), ((), {"y": 1})):
        with pytest.raises(TypeError) as ours:
            f(*args, **kwargs)
        with pytest.raises(TypeError) as theirs:
            f.__wrapped__(*args, **kwargs)  # type: ignore[attr-defined]  # set by wraps
        assert type(ours.value) is TypeError
        assert str(ours.value) == str(theirs.value)


def test_unpacked_annotations_are_of_the_whole_and_left_alone() -> None:
    @checked
    def f(*args: *tuple[int, str]) -> None: ...

    f(1, "a")


# --- what annotations may be ------------------------------------------------------------------


def test_strings_names_of_closures_and_of_type_checking() -> None:
    Seq = Float[Tensor, "3"]

    @checked
    def f(x: "Seq", y: "Missing" = 1, z: "list[Seq] | None" = None) -> "Seq":
        return x

    assert f(torch.zeros(3), object()).shape == (3,)
    assert refused(f, torch.zeros(4)).slug == "size-mismatch"
    assert refused(f, torch.zeros(3), z=[torch.zeros(2)]).message.startswith("`z[0]`")
    (left,) = f.__shapecheck__.tally.unchecked  # type: ignore[attr-defined]  # our mark
    assert left.declaration.name == "y"
    assert left.reason == "`Missing` does not exist at run time"


def test_names_of_a_class_body_inside_a_function() -> None:
    Outer = Float[Tensor, "2"]

    class Holder:
        Inner = Float[Tensor, "3"]

        @checked
        def f(self, x: Outer, y: Inner) -> None: ...

    Holder().f(torch.zeros(2), torch.zeros(3))
    assert refused(Holder().f, torch.zeros(2), torch.zeros(2)).slug == "size-mismatch"


def test_what_is_no_type_is_left_alone_and_listed() -> None:
    def f(x, y, z):  # type: ignore[no-untyped-def]  # annotated below
        return x

    f.__annotations__ = {"x": "a batch of images", "y": [int], "z": 3, "return": "x"}
    g = checked(f)
    assert g(1, 2, 3) == 1
    names = [u.declaration.name for u in g.__shapecheck__.tally.unchecked]  # type: ignore[attr-defined]  # our mark
    assert names == ["x", "y", "return"]


def test_a_shape_that_cannot_be_read_is_named_with_file_and_line() -> None:
    @checked
    def f(x: "Float[Tensor, 'batch, seq']") -> None: ...

    with pytest.raises(DeclarationError, match="spaces, not commas") as caught:
        f(1)
    assert caught.value.place.file == __file__
    assert caught.value.place.line == f.__code__.co_firstlineno or caught.value.place.line > 0


def test_a_symbolic_axis_of_a_name_that_is_not_bound_is_a_declaration_error() -> None:
    @checked
    def f(x: Float[Tensor, "seq-1"]) -> None: ...

    with pytest.raises(DeclarationError, match="seq-1"):
        f(torch.zeros(3))


# --- each call on its own ---------------------------------------------------------------------


def test_recursion_and_nested_calls_have_their_own_bindings() -> None:
    @checked
    def halve(x: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
        if len(x) > 1:
            halve(x[: len(x) // 2])
        return x

    assert len(halve(torch.zeros(8))) == 8


def test_threads_have_their_own_bindings() -> None:
    barrier = threading.Barrier(2)

    @checked
    def f(x: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
        barrier.wait(10)
        return x

    results: list[int] = []
    workers = [
        threading.Thread(target=lambda n=n: results.append(len(f(torch.zeros(n))))) for n in (2, 3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    assert sorted(results) == [2, 3]


def test_isinstance_in_the_body_sees_the_bindings_of_the_call() -> None:
    @checked
    def same(x: Float[Tensor, "n"], y: Tensor) -> bool:
        return isinstance(y, Float[Tensor, "n"])

    assert same(torch.zeros(3), torch.zeros(3))
    assert not same(torch.zeros(3), torch.zeros(4))
    assert isinstance(torch.zeros(4), Float[Tensor, "n"])


def test_an_isinstance_that_fails_in_the_body_binds_nothing() -> None:
    @checked
    def f(x: Float[Tensor, "n"], y: Tensor) -> Float[Tensor, "m"]:
        assert not isinstance(y, Float[Tensor, "m n"])
        return y[0]

    f(torch.zeros(3), torch.zeros(5, 4))


# --- decorators above and below ---------------------------------------------------------------


def test_lru_cache_above_and_below() -> None:
    calls = []

    def f(n: int) -> Float[Tensor, "3"]:
        calls.append(n)
        return torch.zeros(n)

    for g in (
        functools.lru_cache(maxsize=7)(checked(f)),
        checked(functools.lru_cache(maxsize=7)(f)),
    ):
        calls.clear()
        assert g(3) is g(3)
        assert calls == [3]
        assert g.cache_info().maxsize == 7
        assert refused(g, 4).slug == "size-mismatch"


def test_contextmanager_above_and_below() -> None:
    def f(x: BatchSeq) -> Iterator[Float[Tensor, "seq batch"]]:
        yield x.T

    with contextlib.contextmanager(checked(f))(torch.zeros(2, 3)) as y:
        assert y.shape == (3, 2)
    below = checked(contextlib.contextmanager(f))
    with below(torch.zeros(2, 3)) as y:
        assert y.shape == (3, 2)
    assert refused(below, torch.zeros(2)).slug == "axis-missing"


def test_no_grad_above_and_below() -> None:
    def f(x: BatchSeq) -> Float[Tensor, "seq"]:
        assert not torch.is_grad_enabled()
        return x.sum(0)

    for g in (torch.no_grad()(checked(f)), checked(torch.no_grad()(f))):
        assert g(torch.zeros(2, 3)).shape == (3,)
        assert refused(g, torch.zeros(2)).slug == "axis-missing"


def test_a_users_decorator_above_and_below() -> None:
    def twice(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any) -> Any:
            function(*args)
            return function(*args)

        return wrapper

    def f(x: BatchSeq) -> BatchSeq:
        return x

    for g in (twice(checked(f)), checked(twice(f)), checked(twice(checked(f)))):
        assert g(torch.zeros(2, 3)).shape == (2, 3)
        found = refused(g, torch.zeros(2))
        assert found.message.startswith("`x` of ")


def test_the_wrapper_looks_like_the_function() -> None:
    def f(x: BatchSeq, *, n: int = 3) -> BatchSeq:
        """The doc."""
        return x

    g = checked(f)
    assert (g.__name__, g.__qualname__, g.__doc__, g.__module__) == (
        f.__name__,
        f.__qualname__,
        f.__doc__,
        f.__module__,
    )
    assert inspect.signature(g) == inspect.signature(f)
    assert typing.get_type_hints(g)["n"] is int
    assert inspect.getsource(g) == inspect.getsource(f)
    assert pickle.loads(pickle.dumps(Net.static)) is Net.static


def test_abstract_methods_stay_abstract() -> None:
    class Base(abc.ABC):
        @checked
        @abc.abstractmethod
        def f(self, x: int) -> int: ...

        @checked
        @property
        @abc.abstractmethod
        def p(self) -> int: ...

    assert Base.__abstractmethods__ == {"f", "p"}


# --- exceptions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [ValueError, TypeError, StopIteration, KeyboardInterrupt, SystemExit]
)
def test_the_users_exceptions_pass_as_they_are(kind: type[BaseException]) -> None:
    raised = kind("mine")

    @checked
    def f(x: BatchSeq) -> BatchSeq:
        raise raised

    with pytest.raises(kind) as caught:
        f(torch.zeros(2, 3))
    assert caught.value is raised
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_the_users_context_is_kept() -> None:
    @checked
    def f(x: BatchSeq) -> None: ...

    def handle() -> None:
        try:
            raise KeyError("first")
        except KeyError:
            f(torch.zeros(1))

    with pytest.raises(ShapeError) as caught:
        handle()
    assert isinstance(caught.value.__context__, KeyError)
    assert not caught.value.__suppress_context__


def test_a_shape_error_pickles_and_copies_with_its_finding() -> None:
    with pytest.raises(ShapeError) as caught:
        Net.static(torch.zeros(2))
    error = caught.value
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is ShapeError
        assert twin.finding == error.finding
        assert str(twin) == str(error)


def test_a_violation_is_recorded_when_raised() -> None:
    own = Guard(explain)
    strict = own.checked(Net.static.__wrapped__)  # type: ignore[attr-defined]  # set by wraps
    with contextlib.suppress(Exception):
        strict(torch.zeros(2))
    (raised,) = own.record.raised
    assert raised.finding.slug == "axis-missing"
    assert not raised.expected
    assert raised.finding.place.line == inspect.currentframe().f_lineno - 4  # type: ignore[union-attr]  # CPython has frames


def test_switched_off_it_passes_everything_through() -> None:
    own = Guard(explain)

    @own.checked
    def f(x: BatchSeq) -> BatchSeq:
        return x

    own.enabled = False
    assert f(torch.zeros(2)).shape == (2,)
    own.enabled = True
    assert refused(f, torch.zeros(2))


# --- nothing is kept --------------------------------------------------------------------------


@pytest.fixture
def no_gc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(
        guard, "probing", None
    )  # a call kept for trials is kept until the test ends
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def dies(tensor: Tensor) -> weakref.ref[Tensor]:
    return weakref.ref(tensor)


@pytest.mark.usefixtures("no_gc")
@pytest.mark.parametrize("shape", [(2, 3), (2,)], ids=["accepted", "refused"])
@pytest.mark.parametrize(
    "annotation",
    [
        BatchSeq,
        BatchSeq | None,
        BatchSeq | Int[Tensor, "n"],
        list[BatchSeq],
        dict[str, BatchSeq | None],
        tuple[BatchSeq, ...],
    ],
    ids=str,
)
@pytest.mark.parametrize("of", ["x", "return"])
def test_no_tensor_outlives_its_call(shape: tuple[int, ...], annotation: Any, of: str) -> None:
    def f(x):  # type: ignore[no-untyped-def]  # annotated below
        return x

    f.__annotations__ = {of: annotation}
    g = checked(f)
    origin = typing.get_origin(annotation)
    tensor = torch.zeros(shape)
    alive = dies(tensor)
    held = {list: [tensor], dict: {"k": tensor}, tuple: (tensor,)}.get(origin, tensor)
    try:
        result = g(held)
    except ShapeError as error:
        assert shape == (2,)
        found: Any = error
        del error
    else:
        assert shape == (2, 3)
        found = result
        del result
    del tensor, held, found
    assert alive() is None


@pytest.mark.usefixtures("no_gc")
def test_a_declaration_error_keeps_no_tensor() -> None:
    @checked
    def f(x: Float[Tensor, "n-1"]) -> None: ...

    tensor = torch.zeros(3)
    alive = dies(tensor)
    with contextlib.suppress(DeclarationError):
        f(tensor)
    del tensor
    assert alive() is None


@pytest.mark.usefixtures("no_gc")
def test_a_closure_defined_anew_is_not_kept() -> None:
    def outer(x: Tensor) -> Any:
        @checked
        def inner(y: BatchSeq) -> Tensor:
            return x + y

        return inner(torch.zeros(2, 3))

    tensor = torch.zeros(2, 3)
    alive = dies(tensor)
    before = len(guard.record.tallies)
    for _ in range(5):
        outer(tensor)
    del tensor
    assert alive() is None
    assert len(guard.record.tallies) <= before + 1


@pytest.mark.usefixtures("no_gc")
def test_the_frame_of_a_definition_keeps_no_tensor() -> None:
    """Reading a frame's locals would leave a copy of each in the frame, for as long as it lives."""
    tensor = torch.zeros(3)
    alive = dies(tensor)

    @checked
    def f(x: "BatchSeq | None") -> None: ...

    del tensor
    assert alive() is None


# --- torch's own machinery --------------------------------------------------------------------


class Doubling(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 3)

    @checked
    def forward(self, x: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch 3"]:
        return self.layer(x) * 2


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_tracing_passes_through() -> None:
    model = Doubling()
    x = torch.zeros(2, 3)
    traced = torch.jit.trace(model, x)
    assert torch.equal(traced(torch.ones(5, 3)), model(torch.ones(5, 3)))


class Scripted(nn.Module):
    @checked
    def forward(self, x: Tensor) -> Tensor:
        return x * 2


@checked
def scripted(x: Tensor, n: int = 2) -> Tensor:
    return x * n


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_scripting_reads_the_users_own_code() -> None:
    for target in (Scripted(), scripted):
        assert torch.jit.script(target)(torch.ones(3)).sum() == 6


def test_fx_passes_through() -> None:
    model = Doubling()
    graph = torch.fx.symbolic_trace(model)
    assert torch.equal(graph(torch.ones(5, 3)), model(torch.ones(5, 3)))


def test_export_passes_through() -> None:
    model = Doubling()
    program = torch.export.export(model, (torch.ones(2, 3),))
    assert torch.equal(program.module()(torch.ones(2, 3)), model(torch.ones(2, 3)))


def test_vmap_sees_each_sample() -> None:
    @checked
    def f(x: Float[Tensor, "n"]) -> Float[Tensor, ""]:
        return x.sum()

    assert torch.vmap(f)(torch.ones(4, 3)).tolist() == [3, 3, 3, 3]
    assert refused(torch.vmap(f), torch.ones(4, 3, 2)).slug == "axis-extra"


def test_gradients_and_functional_calls_pass_through() -> None:
    model = Doubling()
    model(torch.ones(2, 3)).sum().backward()
    assert model.layer.weight.grad is not None
    twin = torch.func.functional_call(model, dict(model.named_parameters()), torch.ones(2, 3))
    assert torch.equal(twin, model(torch.ones(2, 3)))
    assert copy.deepcopy(model)(torch.ones(2, 3)).shape == (2, 3)


@pytest.mark.slow
@pytest.mark.parametrize("fullgraph", [False, True])
def test_compiled_code_is_not_refused(fullgraph: bool) -> None:
    @checked
    def f(x: BatchSeq) -> Float[Tensor, "seq batch"]:
        return x.T * 2

    compiled = torch.compile(f, backend="eager", fullgraph=fullgraph)
    assert compiled(torch.ones(2, 3)).shape == (3, 2)
    model = Doubling()
    twin = torch.compile(model, backend="eager", fullgraph=fullgraph)
    for batch in (2, 5, 7):
        assert torch.equal(twin(torch.ones(batch, 3)), model(torch.ones(batch, 3)))


def test_numpy_is_judged_as_torch_is() -> None:
    @checked
    def f(x: Float[np.ndarray, "batch seq"]) -> Float[np.ndarray, "seq batch"]:
        return x.T

    assert f(np.zeros((2, 3))).shape == (3, 2)
    found = refused(f, np.zeros(3))
    assert "unsqueeze" not in found.remedy
    assert "[None]" in found.remedy


def test_training_with_and_without_the_guard_gives_the_same_bits() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(1, 8, batch_first=True)
            self.drop = nn.Dropout(0.3)
            self.out = nn.Linear(8, 1)

        def forward(self, x: Float[Tensor, "batch seq 1"]) -> Float[Tensor, "batch seq 1"]:
            states: Float[Tensor, "batch seq 8"]
            states, _ = self.rnn(x)
            return self.out(self.drop(states))

    def train(kind: type[Net]) -> list[Tensor]:
        torch.manual_seed(0)
        net = kind()
        optimiser = torch.optim.Adam(net.parameters(), 0.01)
        losses = []
        for _ in range(5):
            x = torch.randn(4, 6, 1)
            loss = (net(x) - x.cos()).square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        return [*losses, *(p.detach() for p in net.parameters()), torch.get_rng_state()]

    plain = train(Net)
    under_guard = train(types.new_class("Guarded", (checked(Net),)))
    assert all(torch.equal(a, b) for a, b in zip(plain, under_guard, strict=True))


def test_a_target_that_we_fail_on_is_returned_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard(explain)

    def fail(*_: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(guard, "_wrap", fail)

    def own(x: Float[Tensor, "batch"]) -> None: ...

    assert guard.checked(own) is own
    (error,) = guard.record.internal_errors
    assert "RuntimeError: ours" in error
