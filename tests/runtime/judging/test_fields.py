"""Dataclasses: the fields are judged together, once the object is built."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from shapecheck import Finding, ShapeError, checked
from shapecheck.check import guard


@pytest.fixture(autouse=True)
def no_error_of_ours() -> Iterator[None]:
    yield
    assert guard.record.internal_errors == []


def refused(make: Any, *args: Any, **kwargs: Any) -> Finding:
    with pytest.raises(ShapeError) as caught:
        make(*args, **kwargs)
    return caught.value.finding


zeros = torch.zeros


@checked
@dataclass
class State:
    h: Float[Tensor, "batch hidden"]
    c: Float[Tensor, "batch hidden"]
    scale: ClassVar[int] = 3
    note: Float[Tensor, "batch"] = None  # type: ignore[assignment]  # a default is not judged


def test_fields_share_their_bindings() -> None:
    State(zeros(2, 3), zeros(2, 3))
    State(zeros(2, 3), zeros(2, 3), zeros(2))
    found = refused(State, zeros(2, 3), c=zeros(4, 3))
    assert found.message == "`State.c` disagrees about the size of `batch`"
    assert found.bindings == ("batch=2 from h", "hidden=3 from h")
    assert found.place.file == __file__


def test_an_object_made_from_another_is_judged() -> None:
    state = State(zeros(2, 3), zeros(2, 3))
    assert refused(dataclasses.replace, state, h=zeros(5, 3)).slug == "axis-conflict"


@pytest.mark.parametrize("options", [{"frozen": True}, {"slots": True}, {"kw_only": True}], ids=str)
def test_every_kind_of_dataclass(options: dict[str, bool]) -> None:
    @checked
    @dataclass(**options)
    class Pair:
        x: Float[Tensor, "n"]
        y: Float[Tensor, "n"] = field(default_factory=lambda: zeros(3))

    assert Pair(x=zeros(3)).y.shape == (3,)
    assert refused(Pair, x=zeros(4)).message == "`Pair.y` disagrees about the size of `n`"


def test_what_post_init_converts_is_judged_afterwards() -> None:
    @checked
    @dataclass
    class Sample:
        x: Float[Tensor, "n"]
        size: InitVar[int]
        y: Float[Tensor, "n"] = field(init=False)

        def __post_init__(self, size: int) -> None:
            self.x = torch.as_tensor(self.x)[:size]
            self.y = self.x * 2

    assert Sample(np.zeros(5), 3).y.shape == (3,)  # type: ignore[arg-type]  # that is the case
    assert refused(Sample, np.zeros((5, 2)), 3).message == "`Sample.x` has an axis too many"


def test_a_field_that_is_not_set_is_not_judged() -> None:
    @checked
    @dataclass
    class Lazy:
        x: Float[Tensor, "n"] = field(init=False)

    assert not hasattr(Lazy(), "x")


def test_a_users_own_init_is_judged_for_both() -> None:
    @checked
    @dataclass
    class Own:
        x: Float[Tensor, "n"]

        def __init__(self, x: Float[Tensor, "n"], drop: bool = False) -> None:
            self.x = x[None] if drop else x

    Own(zeros(3))
    assert refused(Own, zeros(3, 3)).message == "`x` of Own.__init__ has an axis too many"
    assert refused(Own, zeros(3), True).message == "`Own.x` has an axis too many"


def test_a_child_is_judged_once_with_the_fields_of_its_parent() -> None:
    @checked
    @dataclass
    class Child(State):
        extra: Float[Tensor, "hidden"] = field(default_factory=lambda: zeros(3))

    Child(zeros(2, 3), zeros(2, 3))
    assert refused(Child, zeros(2, 4), zeros(2, 4)).message.startswith("`Child.extra` disagrees")


def test_a_plain_child_is_judged_as_its_parent() -> None:
    class Child(State):
        pass

    assert refused(Child, zeros(2, 3), zeros(4, 3)).slug == "axis-conflict"


def test_a_parent_waits_until_its_child_is_built() -> None:
    @checked
    @dataclass
    class Child(State):
        def __init__(self) -> None:
            super().__init__(None, None)  # type: ignore[arg-type]  # filled in below
            self.h = self.c = zeros(2, 3)

    assert Child().h.shape == (2, 3)


def test_a_field_is_read_where_its_class_was_defined(tmp_path: Any, monkeypatch: Any) -> None:
    (tmp_path / "parents.py").write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from jaxtyping import Float as F\n"
        "from torch import Tensor as T\n"
        "@dataclass\n"
        "class Parent:\n"
        "    x: F[T, 'n']\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import parents  # type: ignore[import-not-found]  # written above

    @checked
    @dataclass
    class Child(parents.Parent):  # type: ignore[misc]  # see above
        y: Float[Tensor, "n"]

    assert refused(Child, zeros(3), zeros(4)).message == "`Child.y` disagrees about the size of `n`"


def test_symbolic_sizes_see_the_object() -> None:
    @checked
    @dataclass
    class Sized:
        n: int
        x: Float[Tensor, "{self.n}"]

    Sized(3, zeros(3))
    assert refused(Sized, 3, zeros(4)).slug == "size-mismatch"


def test_a_property_that_fails_is_the_users_own_affair() -> None:
    @checked
    @dataclass
    class Odd:
        x: int

        @property
        def y(self) -> int:
            raise RuntimeError("not yet")

    Odd.__dataclass_fields__["y"] = Odd.__dataclass_fields__["x"]
    assert Odd(3).x == 3


def test_equal_dataclasses_are_counted_apart() -> None:
    """Their generated `__init__`s are equal code objects."""

    @checked
    @dataclass
    class One:
        x: int

    @checked
    @dataclass
    class Other:
        x: int

    One(1), One(2), Other(3)
    counts = {c.function: c.calls for c in guard.record.functions()}
    assert (counts["One"], counts["Other"]) == (2, 1)
