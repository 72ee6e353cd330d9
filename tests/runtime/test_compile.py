"""The compiled acceptor takes nothing that the judge refuses, and binds what the judge binds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shapecheck.check import explain
from shapecheck.runtime.compile import compiled
from shapecheck.runtime.contract import Contract
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.judging.call import Call
from shapecheck.runtime.judging.judge import judge
from shapecheck.runtime.judging.tally import Tally
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
        for _ in range(5):
            self.accepted(None, None, [None], *self.declarations.parameters)

    def _returned(self, arguments: Any, sizes: Any, result: Any) -> Any:
        return self._part(self.guard.accepted(self.contract, arguments, sizes), "return", result)

    def judged(self, *args: Any) -> Any:
        """What the judge says of the arguments and, where these are right, of the result."""
        given = self.contract.signature.bind(*args).arguments
        call = Call(self.contract, explain, self.guard.record, given)
        for declared in self.contract.parameters:
            refusal = self._part(call, declared.name, given[declared.name])
            if refusal is not None:
                return refusal
        return self._part(call, "return", self.function(*args))

    def _part(self, call: Call, name: str, value: Any) -> Any:
        declared = self.contract.declared.get(name)
        if declared is None:
            return None
        try:
            return judge(value, declared.annotation, call.scope, call.names, name)
        except Exception as error:  # what it cannot read or evaluate is not accepted either
            return repr(error)


def hunt(declarations: Declarations, seed: int, tally: Counter[str]) -> None:
    """Calls of one contract: whatever is not left in doubt is what the judge says."""
    twins = Twins(declarations)
    for i in range(CALLS):
        values = Values(seed + i)
        args = [values.of(annotation) for annotation in declarations.parameters]
        out = values.of(declarations.returned)
        call = [values.owner, values.k, [out], *args]
        said = twins.accepted(*call)
        judged = twins.judged(*call)
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
def test_nothing_of_a_hundred_thousand_is_accepted_that_the_judge_refuses(
    record_property: Callable[[str, object], None],
) -> None:
    tally: Counter[str] = Counter()

    @settings(
        parent=quickly, max_examples=2_000, phases=[Phase.explicit, Phase.generate, Phase.shrink]
    )
    @given(contracts(), st.integers(0, 2**32))
    def many(declarations: Declarations, seed: int) -> None:
        hunt(declarations, seed, tally)

    many()
    for name, count in tally.items():
        record_property(name, count)
    assert tally["cases"] >= 100_000
    assert tally["accepted"] > tally["fine"] / 2
