"""Our verdict is jaxtyping's own, argument after argument, in containers and unions as well."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, Optional, TypedDict

import jaxtyping
import numpy as np
import pytest
import torch
import typeguard
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import AnnotationError, Float, Int, Shaped, _storage, jaxtyped
from torch import Tensor

from shapecheck import DeclarationError, ShapeError
from shapecheck.check import explain
from shapecheck.core.finding import Finding
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.judging.judge import Names, judge
from shapecheck.runtime.judging.scope import Scope

# --- the oracle: jaxtyping's isinstance, and what containers and unions mean ------------------


def fits(value: Any, annotation: Any) -> bool:
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is None or annotation is type(None):
        return value is None
    if origin in (typing.Union, types.UnionType):
        return any(fits_or_leaves_nothing(value, member) for member in args)
    if origin is tuple and args[-1] is Ellipsis:
        return isinstance(value, tuple) and all(fits(item, args[0]) for item in value)
    if origin is tuple:
        same = isinstance(value, tuple) and len(value) == len(args)
        return same and all(fits(item, part) for item, part in zip(value, args, strict=True))
    if origin is list:
        return isinstance(value, list) and all(fits(item, args[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(
            fits(k, args[0]) and fits(v, args[1]) for k, v in value.items()
        )
    return isinstance(value, annotation)


def fits_or_leaves_nothing(value: Any, member: Any) -> bool:
    single, variadic, trees, arguments = _storage.get_shape_memo()
    before = dict(single), dict(variadic), dict(trees), arguments
    if fits(value, member):
        return True
    _storage.set_shape_memo(*before)
    return False


def verdict_of_jaxtyping(values: list[Any], annotations: list[Any]) -> str:
    with jaxtyped("context"):
        for value, annotation in zip(values, annotations, strict=True):
            try:
                if not fits(value, annotation):
                    return "refused"
            except AnnotationError:
                return "unreadable"
    return "accepted"


def verdict_of_ours(values: list[Any], annotations: list[Any]) -> str:
    def function(a: Any = None, b: Any = None, c: Any = None, d: Any = None) -> None: ...

    function.__annotations__ = dict(zip("abcd", annotations, strict=False))
    guard = Guard(explain)
    try:
        guard.checked(function)(*values)
    except ShapeError:
        return "refused"
    except DeclarationError:
        return "unreadable"
    assert guard.record.internal_errors == []
    return "accepted"


# --- what is generated ------------------------------------------------------------------------

elements = st.sampled_from(
    ["a", "b", "c", "#a", "#b", "2", "3", "k=2", "#3", "_", "a-1", "2*a", "{n}", "#a+1", "a/2"]
)
TORCH = [torch.float32, torch.float16, torch.int64, torch.uint8, torch.bool, torch.complex64]
NUMPY = [np.float64, np.float32, np.int64, np.uint8, np.bool_, np.complex128]
DTYPES = "Shaped Float Float32 Float64 Int Int64 Integer UInt8 Bool Complex Inexact Num Real"


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    parts = draw(st.lists(elements, max_size=3))
    if draw(st.booleans()):
        many = draw(st.sampled_from(["...", "*a", "*v", "*#v", "*_v"]))
        parts.insert(draw(st.integers(0, len(parts))), many)
    # f-strings of jaxtyping find `n` among the arguments; there is none of that name
    text = " ".join(part.replace("{n}", "{1+1}") for part in parts)
    dtype = getattr(jaxtyping, draw(st.sampled_from(["Shaped", "Float", *DTYPES.split()])))
    return dtype[draw(st.sampled_from([Tensor, Tensor, np.ndarray, Any])), text]


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        some.map(lambda parts: tuple[*parts]),
        inner.map(lambda part: tuple[part, ...]),
        inner.map(lambda part: list[part]),
        inner.map(lambda part: dict[str, part]),
        inner.map(lambda part: Optional[part]),  # noqa: UP045
        some.map(lambda parts: typing.Union[*parts]),
    )


annotations = st.recursive(st.one_of(arrays(), arrays(), st.just(int)), containers, max_leaves=4)


@st.composite
def tensors(draw: st.DrawFn) -> Any:
    shape = tuple(draw(st.lists(st.integers(1, 3), max_size=4)))
    if draw(st.booleans()):
        return torch.zeros(shape, dtype=draw(st.sampled_from([torch.float32, *TORCH])))
    return np.zeros(shape, dtype=draw(st.sampled_from(NUMPY)))


def values_for(annotation: Any) -> st.SearchStrategy[Any]:
    """Values of the right make most of the time; their tensors are whatever they are."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*map(values_for, args))
    if origin is tuple and Ellipsis not in args:
        made = st.tuples(*map(values_for, args))
        return st.one_of(made, made, st.lists(tensors(), max_size=3).map(tuple))
    if origin is tuple:
        return st.lists(values_for(args[0]), max_size=3).map(tuple)
    if origin is list:
        return st.lists(values_for(args[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(st.sampled_from("xyz"), values_for(args[1]), max_size=3)
    if annotation is type(None):
        return st.none()
    if annotation is int:
        return st.one_of(st.just(3), tensors())
    return tensors()


@st.composite
def calls(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    declared = draw(st.lists(annotations, min_size=1, max_size=4))
    return [draw(values_for(annotation)) for annotation in declared], declared


@st.composite
def near_misses(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """Tensors built from their specs under common sizes, some of them then changed."""
    sizes = {"a": draw(st.integers(1, 3)), "b": draw(st.integers(1, 3)), "c": 2}
    values, declared = [], []
    for _ in range(draw(st.integers(1, 4))):
        parts = draw(st.lists(st.sampled_from(["a", "b", "c", "#a", "2", "_", "*v"]), max_size=3))
        if parts.count("*v") > 1:
            parts = [part for part in parts if part != "*v"]
        shape: list[int] = []
        for part in parts:
            if part == "*v":
                shape += [2, 3]
            else:
                shape.append(sizes.get(part.lstrip("#"), 2))
        if shape and draw(st.integers(0, 3)) == 0:
            shape[draw(st.integers(0, len(shape) - 1))] += draw(st.sampled_from([1, 2]))
        values.append(torch.zeros(shape))
        declared.append(Float[Tensor, " ".join(parts)])
    return values, declared


def same_verdict(call: tuple[list[Any], list[Any]]) -> None:
    values, declared = call
    if not any(value is None for value in values):  # the default of our function is not judged
        assert verdict_of_ours(values, declared) == verdict_of_jaxtyping(values, declared)


@settings(max_examples=300, deadline=None)
@given(calls())
def test_a_call_is_refused_exactly_where_jaxtyping_refuses_it(call: Any) -> None:
    same_verdict(call)


@settings(max_examples=300, deadline=None)
@given(near_misses())
def test_a_call_that_nearly_fits_is_judged_as_jaxtyping_judges_it(call: Any) -> None:
    same_verdict(call)


@pytest.mark.slow
@settings(max_examples=6000, deadline=None)
@given(st.one_of(calls(), near_misses()))
def test_thousands_of_calls_are_judged_as_jaxtyping_judges_them(call: Any) -> None:
    same_verdict(call)


# --- one by one -------------------------------------------------------------------------------

Batch = Float[Tensor, "batch seq"]
zeros = torch.zeros


class Local(NamedTuple):
    x: Float[Tensor, "batch seq"]
    n: int = 0


class Typed(TypedDict, total=False):
    x: Float[Tensor, "batch seq"]


def refusal(value: Any, annotation: Any, **names: Any) -> Any:
    return judge(value, annotation, Scope({}), Names({**globals(), **names}), "x")


@pytest.mark.parametrize(
    ("value", "annotation", "element"),
    [
        ([torch.zeros(2, 3), torch.zeros(2)], list[Batch], "[1]"),
        ((torch.zeros(2, 3), torch.zeros(2)), tuple[Batch, ...], "[1]"),
        ({"a": torch.zeros(2, 3), "h": torch.zeros(2)}, dict[str, Batch], "['h']"),
        ((1, {"h": [torch.zeros(2)]}), tuple[int, dict[str, list[Batch]]], "[1]['h'][0]"),
        (Local(torch.zeros(2)), Local, ".x"),
        ({"x": torch.zeros(2)}, Typed, "['x']"),
        ([torch.zeros(2)], list[Optional[Batch]], "[0]"),  # noqa: UP045
        ((1, "two"), tuple[int, int], "[1]"),
        ({"k" * 99: 1}, dict[str, str], "[…]"),
        ({3}, set[str], " (an item)"),
        ({1: "x"}, dict[str, str], " (key 1)"),
    ],
)
def test_the_element_that_was_refused_is_named(value: Any, annotation: Any, element: str) -> None:
    assert refusal(value, annotation).element == element


def test_every_item_of_a_container_is_checked() -> None:
    many = [torch.zeros(2, 3)] * 50
    assert refusal(many, list[Batch]) is None
    assert refusal([*many, torch.zeros(2, 4)], list[Batch]).element == "[50]"
    assert refusal(dict(enumerate([*many, 1])), dict[int, Batch]).element == "[50]"


def test_a_union_member_that_failed_leaves_no_bindings() -> None:
    """Its first part has bound `n` when the second is refused."""
    annotation = tuple[Float[Tensor, "n"], Float[Tensor, "m"]] | tuple[Float[Tensor, "m"], int]
    scope = Scope({})
    assert judge((zeros(3), 1), annotation, scope, Names({}), "x") is None
    assert {b.name: b.size for b in scope.bindings()} == {"m": 3}
    assert judge((zeros(4), "no"), annotation, scope, Names({}), "x") is not None
    assert {b.name: b.size for b in scope.bindings()} == {"m": 3}


def test_a_union_is_explained_by_the_member_that_is_closest() -> None:
    annotation = Int[Tensor, "batch"] | Float[Tensor, "batch 3"] | Float[np.ndarray, "batch 3"]
    found = refusal(torch.zeros(5, 4), annotation)
    assert found.leaf.dim_str == "batch 3"
    assert found.leaf.array_type is Tensor
    assert (
        found.text == 'Int[Tensor, "batch"] | Float[Tensor, "batch 3"] | Float[ndarray, "batch 3"]'
    )


def test_bindings_say_where_they_were_made_even_within_one_value() -> None:
    scope, names = Scope({}), Names({})
    judge(torch.zeros(4, 3), Float[Tensor, "b s"], scope, names, "x")
    found = judge(
        (torch.zeros(7), torch.zeros(9)),
        tuple[Float[Tensor, "h"], Float[Tensor, "b h"]],
        scope,
        names,
        "y",
    )
    assert found is not None
    assert list(map(str, found.bindings)) == ["b=4 from x", "s=3 from x", "h=7 from y"]
    assert list(map(str, scope.bindings())) == ["b=4 from x", "s=3 from x"]


def test_what_is_not_kept_binds_nothing() -> None:
    scope = Scope({})
    assert judge(torch.zeros(4), Float[Tensor, "b"], scope, Names({}), "x", keep=False) is None
    assert judge(torch.zeros(3), Float[Tensor, "b"], scope, Names({}), "x", keep=False) is None
    assert scope.bindings() == ()


def test_a_string_inside_an_annotation_is_evaluated() -> None:
    text = "Float[Tensor, 'batch seq']"
    assert refusal([torch.zeros(2, 3)], list[text]) is None
    assert refusal([torch.zeros(2)], list[text]).element == "[0]"
    assert refusal([torch.zeros(2)], Optional[list[text]]).element == "[0]"  # noqa: UP045


def test_a_name_that_does_not_exist_is_unresolved() -> None:
    from shapecheck.runtime.judging.judge import Unresolved

    with pytest.raises(Unresolved, match="`Missing` does not exist at run time"):
        refusal([1], list["Missing"])


def test_a_shape_that_cannot_be_read_is_unreadable() -> None:
    from shapecheck.runtime.judging.judge import Unreadable

    with pytest.raises(Unreadable, match="spaces, not commas"):
        refusal([1], list["Float[Tensor, 'a, b']"])
    with pytest.raises(Unreadable, match="a-1"):
        refusal(torch.zeros(2), Float[Tensor, "a-1"])


def test_a_named_tuple_is_read_where_it_was_defined(tmp_path: Any, monkeypatch: Any) -> None:
    (tmp_path / "states.py").write_text(
        "from __future__ import annotations\n"
        "from typing import NamedTuple\n"
        "from jaxtyping import Float as F\n"
        "from torch import Tensor as T\n"
        "class State(NamedTuple):\n"
        "    h: F[T, 'batch hidden']\n"
        "    extra: object = None\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import states  # type: ignore[import-not-found]  # written above

    assert refusal(states.State(torch.zeros(2, 3)), states.State) is None
    assert refusal(states.State(torch.zeros(2)), states.State).element == ".h"
    assert refusal((torch.zeros(2, 3), None), states.State) is not None


def test_a_named_tuple_without_annotations_is_still_a_type() -> None:
    from collections import namedtuple

    Pair = namedtuple("Pair", "a b")
    assert refusal(Pair(1, 2), Pair) is None
    assert refusal((1, 2), Pair) is not None


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (3, float),
        (True, int),
        (print, Callable[..., None]),
        (lambda x: x, Callable[[Batch], Batch]),
        ("a", Literal["a", "b"]),
        (torch.nn.Linear(1, 1), Callable[[Tensor], Tensor]),
        (torch.nn.Parameter(torch.zeros(2, 3)), Batch),
        (torch.zeros(()), Float[Tensor, ""]),
        (np.float32(1), Float[Any, ""]),
        (3.0, Float[float, ""]),
        (torch.zeros(1), Shaped[Tensor, "..."]),
    ],
)
def test_what_is_right_is_accepted(value: Any, annotation: Any) -> None:
    assert refusal(value, annotation) is None


def test_an_array_of_another_library_is_the_wrong_type_whatever_its_shape() -> None:
    found = refusal(np.zeros((2, 3, 4)), Batch)
    assert found.wrong_type
    assert not refusal(torch.zeros(2, 3, 4), Batch).wrong_type


def test_others_who_use_typeguard_keep_its_behaviour() -> None:
    """Union members leave their bindings, lists are checked by their first item."""
    good, bad = torch.zeros(2, 3), torch.zeros(2)
    typeguard.check_type([good, bad], list[Batch])
    with pytest.raises(typeguard.TypeCheckError, match=r"not an instance of jaxtyping\.Float"):
        typeguard.check_type([bad], list[Batch])
    with pytest.raises(typeguard.TypeCheckError, match="did not match any element in the union"):
        typeguard.check_type(bad, Batch | int)
    with pytest.warns(typeguard.TypeHintWarning, match="Skipping type check against 'int'"):
        typeguard.check_type([1], list["int"])
    with pytest.raises(typeguard.TypeCheckError, match="is not a named tuple of type"):
        typeguard.check_type((good, 1), Local)


def test_a_failure_of_ours_is_recorded_and_the_program_goes_on() -> None:
    def broken(violation: Any) -> Finding:
        raise ZeroDivisionError("ours")

    guard = Guard(broken)

    def double(x: Batch) -> Batch:
        return x * 2

    assert guard.checked(double)(torch.ones(3)).sum() == 6
    assert "ZeroDivisionError: ours" in guard.record.internal_errors[0]
    assert "the program went on unchecked" in guard.record.internal_errors[0]
