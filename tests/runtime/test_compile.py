"""The compiled acceptor takes nothing that the judge refuses, and binds what the judge binds."""

from __future__ import annotations

import inspect
import linecache
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, NewType, TypedDict

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jaxtyping import Bool, Float, Float32, Int, Shaped
from torch import Tensor, nn

from shapecheck import ShapeError
from shapecheck.check import explain
from shapecheck.runtime import compile as compile_module
from shapecheck.runtime.compile import as_called, compiled
from shapecheck.runtime.contract import Contract
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.judging.asking import asks_jaxtyping
from shapecheck.runtime.judging.call import Call
from shapecheck.runtime.judging.judge import Refusal, judge
from shapecheck.runtime.judging.pieces import written
from shapecheck.runtime.judging.tally import Tally
from shapecheck.runtime.trials.probing import Probing
from tests.runtime.contracts import Declarations, Values, contracts

CALLS = 50
DOUBT = object()


@dataclass
class Twins:
    """One function under the acceptor alone, and under the judge alone."""

    declarations: Declarations
    guard: Guard = field(default_factory=lambda: Guard(explain))

    def __post_init__(self) -> None:
        self.function: Any = self.declarations.function()
        self.contract = Contract(self.function, Tally("f", self.function.__code__, calls=1))
        names: list[Any] = [self.function, self.contract, self.guard, self.function]
        self.accepted = compiled(*names, lambda *_, **__: DOUBT, self._returned)
        self.pieces = {n: written(d.annotation) for n, d in self.contract.declared.items()}
        for _ in range(CALLS):
            self.accepted(None, None, [None], *self.declarations.parameters)

    def _returned(self, arguments: Any, sizes: Any, result: Any) -> Any:
        return self._part(self.guard.accepted(self.contract, arguments, sizes), "return", result)

    def judged(self, *args: Any, in_pieces: bool = False) -> tuple[Any, Any]:
        """What is said of the arguments and, where these are right, of the result; the bindings.

        By the judge alone, or `in_pieces` by what is written for each declaration before it.
        """
        given = self.contract.signature.bind(*args).arguments
        call = Call(self.contract, explain, self.guard.record, given)
        for declared in self.contract.parameters:
            refusal = self._part(call, declared.name, given[declared.name], in_pieces)
            if refusal is not None:
                return refusal, call.scope.bindings()
        refusal = self._part(call, "return", self.function(*args), in_pieces)
        return refusal, call.scope.bindings()

    def _part(self, call: Call, name: str, value: Any, in_pieces: bool = False) -> Any:
        declared = self.contract.declared.get(name)
        if declared is None:
            return None
        piece = self.pieces.get(name) if in_pieces else None
        if piece and call.scope.accepts(piece, value, name):
            return None
        try:
            return judge(value, declared.annotation, call.scope, call.names, name)
        except Exception as error:  # what it cannot read or evaluate is not accepted either
            return repr(error)


def ordered(refusal: Any) -> Any:
    """A refusal without the order in which members of a union bound their names."""
    if not isinstance(refusal, Refusal):
        return refusal
    return replace(refusal, bindings=tuple(sorted(refusal.bindings, key=str)))


def hunt(declarations: Declarations, seed: int, tally: Counter[str]) -> None:
    """Calls of one contract: whatever is not left in doubt is what the judge says."""
    twins = Twins(declarations)
    for i in range(CALLS):
        values = Values(seed + i)
        args = [values.of(annotation) for annotation in declarations.parameters]
        out = values.of(declarations.returned)
        call = [values.owner, values.k, [out], *args]
        said = twins.accepted(*call)
        judged, bound = twins.judged(*call)
        again, bound_again = twins.judged(*call, in_pieces=True)
        assert ordered(again) == ordered(judged)
        assert sorted(bound_again, key=str) == sorted(bound, key=str)
        tally["cases"] += 1
        tally["fine"] += judged is None
        if said is out:
            tally["accepted"] += 1
            assert judged is None, (declarations, vars(values), call)
        elif said is not DOUBT:
            assert judged == said, (declarations, vars(values), call)


quickly = settings(
    max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@quickly
@given(contracts(), st.integers(0, 2**32))
def test_nothing_is_accepted_that_the_judge_refuses(declarations: Declarations, seed: int) -> None:
    hunt(declarations, seed, Counter())


@pytest.mark.slow
def test_nothing_of_a_hundred_thousand_is_accepted_that_the_judge_refuses() -> None:
    tally: Counter[str] = Counter()

    @settings(
        parent=quickly, max_examples=2_000, phases=[Phase.explicit, Phase.generate, Phase.shrink]
    )
    @given(contracts(), st.integers(0, 2**32))
    def many(declarations: Declarations, seed: int) -> None:
        hunt(declarations, seed, tally)

    many()
    assert tally["cases"] >= 100_000
    assert tally["accepted"] > tally["fine"] / 2


# --- what the written code keeps to --------------------------------------------------------------

Pair = Float[Tensor, "b d"]


def prepared(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Guard, Any]:
    """A checked function after so many calls that its code is written."""
    own = Guard(explain)
    f = own.checked(function)
    for _ in range(CALLS):
        f(*args, **kwargs)
    return own, f


def no_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("the judge was asked")

    monkeypatch.setattr(Guard, "begin", fail)
    monkeypatch.setattr(Guard, "accepted", fail)


Either = Pair | Float[Tensor, "b"] | None


class State(NamedTuple):
    h: Pair
    c: Pair


Batch = TypedDict("Batch", {"x": Pair, "rows": Float[Tensor, "b"]})  # noqa: UP013  (no strings)


Deep = dict[str, list[tuple[Pair, Float[Tensor, "b"]]]]


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Float[Tensor, "b d"], torch.zeros(2, 3)),
        (Float[Tensor, "b d"], nn.Parameter(torch.zeros(2, 3))),
        (Float32[Tensor, "... d"], torch.zeros(4, 2, 3)),
        (Shaped[Tensor, "*many d"], torch.zeros(4, 2, 3)),
        (Float[Tensor, "#b 3"], torch.zeros(1, 3)),
        (Float[Tensor, "*#many d"], torch.zeros(4, 2, 3)),
        (Float[Tensor, "b b+1 2*b"], torch.zeros(2, 3, 4)),
        (Float[Tensor, "{k}"], torch.zeros(1)),
        (Float[Tensor, "rows=2 _"], torch.zeros(2, 3)),
        (Int[Tensor, ""], torch.tensor(1)),
        (Bool[Tensor, "b"], torch.ones(2, dtype=torch.bool)),
        (Float[np.ndarray, "b d"], np.zeros((2, 3))),
        (Either, None),
        (Either, torch.zeros(2)),
        (tuple[Pair, Pair] | None, (torch.zeros(2, 3), torch.zeros(2, 3))),
        (tuple[Pair, ...], (torch.zeros(2, 3), torch.zeros(2, 3))),
        (State | None, State(torch.zeros(2, 3), torch.zeros(2, 3))),
        (list[State], [State(torch.zeros(2, 3), torch.zeros(2, 3))] * 3),
        (Batch, {"x": torch.zeros(2, 3), "rows": torch.zeros(2)}),
        (Sequence[Pair], [torch.zeros(2, 3)]),
        (Deep, {"x": [(torch.zeros(2, 3), torch.zeros(2))]}),
        (Callable[[Tensor], Tensor], torch.relu),
        (Literal["sum", "mean"], "sum"),
        (nn.Module | type | str, nn.ReLU()),
        (NewType("Count", int), 3),
    ],
)
def test_what_people_write_is_accepted_without_the_judge(
    annotation: Any, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def f(x, k=1):  # type: ignore[no-untyped-def]  # annotated below
        return x

    f.__annotations__ = {"x": annotation, "return": annotation}
    _, g = prepared(f, value)
    no_judge(monkeypatch)
    assert g(value) is value


def test_a_call_is_counted_once_whoever_decides() -> None:
    def f(x: Pair) -> Pair:
        return x

    own, g = prepared(f, torch.zeros(2, 3))
    with pytest.raises(ShapeError):
        g(torch.zeros(2))
    (function,) = own.record.functions()
    assert (function.declarations, function.calls) == (2, CALLS + 1)


def test_switched_off_once_the_code_is_written() -> None:
    def f(x: Pair) -> None: ...

    own, g = prepared(f, torch.zeros(2, 3))
    own.enabled = False
    g(torch.zeros(2))
    own.enabled = True
    with pytest.raises(ShapeError):
        g(torch.zeros(2))


def test_parameters_may_have_the_names_that_the_code_needs() -> None:
    def f(type: Pair, len: Pair, isinstance: list[Pair], /, *, Exception: Pair) -> Pair:
        return type

    x = torch.zeros(2, 3)
    _, g = prepared(f, x, x, [x], Exception=x)
    assert g(x, x, [x], Exception=x) is x
    with pytest.raises(ShapeError):
        g(x, x, [x, x[0]], Exception=x)


def test_the_written_code_stands_at_one_line_of_ours() -> None:
    def f(x: Pair) -> Pair:
        return x

    _, g = prepared(f, torch.zeros(2, 3))
    lines = {line for *_, line in g.__code__.co_lines() if line is not None}
    (line,) = lines
    assert "return function(*args, **kwargs)" in linecache.getline(g.__code__.co_filename, line)
    assert Path(g.__code__.co_filename) == Path(compile_module.__file__)


def test_a_size_that_a_parameter_bound_is_credited_to_it_when_the_result_is_refused() -> None:
    def f(x: Pair | None, y: Float[Tensor, "b"], out: Any) -> Float[Tensor, "b d"]:
        return out

    _, g = prepared(f, None, torch.zeros(2), torch.zeros(2, 5))
    for x in (None, torch.zeros(2, 3)):
        with pytest.raises(ShapeError) as written_says:
            g(x, torch.zeros(2), torch.zeros(4, 3))
        with pytest.raises(ShapeError) as judge_says:
            Guard(explain).checked(f)(x, torch.zeros(2), torch.zeros(4, 3))
        assert str(written_says.value) == str(judge_says.value)


def test_sizes_that_may_be_broadcast_still_may_when_the_result_is_looked_at() -> None:
    def f(x: Float[Tensor, "*#many d"], out: Any) -> Float[Tensor, "*#many d"]:
        return out

    _, g = prepared(f, torch.zeros(1, 3), torch.zeros(1, 3))
    longer = torch.zeros(4, 3)
    assert g(torch.zeros(1, 3), longer) is longer
    with pytest.raises(ShapeError):
        g(torch.zeros(2, 3), longer)


def test_the_prober_sees_each_kind_of_call_once_the_code_is_written() -> None:
    def f(x: Pair) -> Pair:
        return x

    own, g = prepared(f, torch.zeros(2, 3))
    probing = own.probing = Probing()
    for batch in (2, 2, 1, 1, 2):
        g(torch.zeros(batch, 3))
    assert len([kind for kind, _ in probing.conclude() if kind is not None]) == 2


def test_what_the_prober_knows_does_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def f(x: Pair) -> Pair:
        return x

    own, g = prepared(f, torch.zeros(2, 3))
    own.probing = Probing()
    g(torch.zeros(2, 3))
    no_judge(monkeypatch)
    g(torch.zeros(2, 3))


def test_defaults_stay_the_functions_own_where_the_prober_looks() -> None:
    def f(a, b=2, /, c=3, d=4, *args, e=5, **named): ...  # type: ignore[no-untyped-def]  # only read

    parameters = inspect.signature(f).parameters
    for args, kwargs, short in [
        ((1, 2, 3, 4), {"e": 5}, ((1,), {})),
        ((1, 2, 3, 0), {"e": 5}, ((1, 2), {"d": 0})),
        ((1, 0, 3, 4), {"e": 6, "x": 1}, ((1, 0), {"e": 6, "x": 1})),
        ((1, 2, 3, 4, 7), {"e": 5}, ((1, 2, 3, 4, 7), {})),
        ((1, 2, 0, 4), {"e": 5}, ((1, 2, 0), {})),
    ]:
        assert as_called(parameters, args, kwargs) == short


class Kind:
    """Not a tensor annotation."""


@pytest.mark.parametrize(
    ("body", "asks"),
    [
        ("isinstance(x, Kind)", False),
        ("isinstance(x, (int, Kind))", False),
        ("isinstance(x.y, nn.Module)", False),
        ("isinstance(x, Pair)", True),
        ("isinstance(x, (int, Pair))", True),
        ("isinstance(x, x.kind)", True),
        ("isinstance(f(x, x), Kind)", True),
        ("isinstance(x, unheard_of)", True),
        ("isinstance", True),
        ("print_bindings()", True),
        ("x", False),
    ],
)
def test_which_bodies_ask_jaxtyping(body: str, asks: bool) -> None:
    made: dict[str, Any] = {}
    exec(f"def f(x): return {body}", {"Kind": Kind, "Pair": Pair, "nn": nn}, made)
    assert asks_jaxtyping(made["f"]) is asks
