"""A function's annotations as declarations, and what a contract keeps of the world around it."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Annotated, Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck.core.finding import DeclarationError
from shapecheck.runtime.contract import Contract, declares, enclosing_names, names_used
from shapecheck.runtime.judging.tally import Tally

Row = Float[Tensor, "n"]


def contract_of(function: Callable[..., Any], **scope: Any) -> Contract:
    return Contract(function, Tally("f", function.__code__), scope)


def declared(function: Callable[..., Any], **scope: Any) -> dict[str, Any]:
    return {n: d.annotation for n, d in contract_of(function, **scope).declared.items()}


def test_what_is_declared_and_what_is_anything() -> None:
    def f(a: Row, b: "Row", c: Any, d: object, e, *args: int, **kw: str) -> None: ...  # type: ignore[no-untyped-def]  # e has none

    assert declared(f) == {"a": Row, "b": Row, "args": int, "kw": str, "return": None}


def test_a_string_within_a_string_is_read_through() -> None:
    def f(x: "'Row'") -> None: ...

    assert declared(f)["x"] is Row


def test_annotated_metadata_may_be_anything() -> None:
    def f(x: Annotated[Row, {"unhashable": 1}]) -> None: ...

    assert "x" in declared(f)


def test_an_unreadable_shape_names_parameter_and_line() -> None:
    def f(x: "Float[Tensor, '*a *b']") -> None: ...

    with pytest.raises(DeclarationError, match="annotation of `x` in f cannot be read") as caught:
        declared(f)
    assert caught.value.place.line == f.__code__.co_firstlineno


def parts(function: Callable[..., Any]) -> dict[str, Any]:
    return {n: d.annotation for n, d in contract_of(function).stepwise().items()}


def test_what_a_generator_yields_takes_and_returns() -> None:
    def f() -> Generator[Row, int, str]: ...
    def g() -> Iterator[Row]: ...
    def h() -> AsyncIterator[Row]: ...
    def i() -> Generator[Row, Any, None]: ...
    def j() -> Iterator: ...  # type: ignore[type-arg]  # that is the case
    def k(): ...  # type: ignore[no-untyped-def]  # that is the case

    assert parts(f) == {"yield": Row, "send": int, "return": str}
    assert parts(g) == parts(h) == {"yield": Row}
    assert parts(i) == {"yield": Row, "return": None}
    assert parts(j) == parts(k) == {}


def test_a_decorator_that_changes_the_kind_is_not_held_to_the_return() -> None:
    @contextlib.contextmanager
    def f(x: Row) -> Iterator[Row]:
        yield x

    contract = contract_of(f)
    assert set(contract.declared) == {"x"}
    (left,) = contract.tally.unchecked
    assert left.declaration.name == "return"


def test_names_in_annotations_even_deep_inside() -> None:
    def f(a: "Out | In['Deep']", b: list["Item"], c: int) -> "Callable[[X], Y]": ...

    f.__annotations__["b"] = list["Item"]
    assert names_used(f) == {"Out", "In", "Deep", "Item", "Callable", "X", "Y", "int"}


def test_of_a_closure_only_what_annotations_name_is_kept() -> None:
    tensor = torch.zeros(3)
    alive = weakref.ref(tensor)
    Local = Row

    def f(x: "Local") -> Any:
        return tensor, Local

    contract = contract_of(f)
    assert contract.names.locals == {"Local": Row}
    f = None  # type: ignore[assignment]  # let go of the closure, all but the contract's function
    contract.function = len
    del tensor
    assert alive() is None


def test_the_scope_around_a_definition_is_read_for_the_names_used() -> None:
    Around, other = Row, 3

    def f(x: "Around") -> None: ...

    assert enclosing_names(f) == {"Around": Row}
    assert other == 3


def test_whether_there_is_anything_to_judge() -> None:
    def with_some(x: int): ...  # type: ignore[no-untyped-def]  # half is declared
    def without(x): ...  # type: ignore[no-untyped-def]  # that is the case

    assert declares(with_some)
    assert not declares(without)
    assert not declares(len)
