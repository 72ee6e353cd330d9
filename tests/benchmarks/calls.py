"""What a check adds to one call: a child process that times one implementation beside bare code.

    python tests/benchmarks/calls.py IMPLEMENTATION [ROUNDS]

Prints JSON: for each case the nanoseconds that one call takes, bare and checked, round by round.
Bare and checked take turns. The other package is imported here and nowhere else.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

import torch
from jaxtyping import Float, jaxtyped
from torch import Tensor, nn

_SECONDS = 0.03  # of one round of one side
_NAMES = "abcde"
_AGAIN, _CALLS = "3 tensors, names", 20_000
Function = Callable[..., Any]
Wrap = Callable[[str, "list[str]"], "Function | None"]

# The case, the shapes declared, those passed. `Optional`, tuples and lists are written out below.
PLAIN: dict[str, tuple[list[str], list[tuple[int, ...]]]] = {
    **{
        f"{n} tensor{'s' * (n > 1)}, names": (
            [f"batch {_NAMES[i]}" for i in range(n)],
            [(4, 8 + i) for i in range(n)],
        )
        for n in (1, 2, 3, 5)
    },
    "3 tensors, fixed sizes": (["4 8"] * 3, [(4, 8)] * 3),
    "3 tensors, `*batch d`": (["*batch d"] * 3, [(4, 5, 8)] * 3),
    "3 tensors, `n`, `n+1`, `2*n`": (["n", "n+1", "2*n"], [(4,), (5,), (8,)]),
}
RANKS = {
    f"1 tensor, {rank} {'axis' if rank == 1 else 'axes'}": (
        [" ".join(_NAMES[:rank])],
        [(2,) * rank],
    )
    for rank in range(1, 6)
}
NESTED = {
    "Optional, given": ("{} | None", lambda x: x),
    "Optional, None": ("{} | None", lambda x: None),
    "tuple of two": ("tuple[{0}, {0}]", lambda x: (x, x)),
    "list of four": ("list[{}]", lambda x: [x] * 4),
    "dict of two": ("dict[str, {}]", lambda x: {"k": x, "l": x}),
}


def empty(annotations: list[Any]) -> Function:
    """A function that does nothing, with these annotations."""
    names = [f"x{i}" for i in range(len(annotations))]
    made: dict[str, Any] = {}
    exec(f"def f({', '.join(names)}):\n    pass", made)
    function: Function = made["f"]
    function.__annotations__ = dict(zip(names, annotations, strict=True))
    return function


def layer(annotate: Callable[[str], Any], decorate: Callable[[Function], Function]) -> nn.Module:
    """A linear layer of 64 by 64 whose forward is checked."""

    class Layer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(64, 64)

        def forward(self, x):  # type: ignore[no-untyped-def]  # annotated below
            return self.linear(x)

    Layer.forward.__annotations__ = {"x": annotate("batch 64"), "return": annotate("batch 64")}
    Layer.forward = decorate(Layer.forward)  # type: ignore[method-assign]  # as a decorator would
    return Layer()


def bare(function: Function) -> Function:
    """No check."""
    return function


def ours() -> tuple[Callable[[str], Any], Callable[[Function], Function]]:
    import shapecheck

    return lambda text: Float[Tensor, text], shapecheck.checked


def with_beartype() -> tuple[Callable[[str], Any], Callable[[Function], Function]]:
    import beartype

    return lambda text: Float[Tensor, text], jaxtyped(typechecker=beartype.beartype)


def with_typeguard() -> tuple[Callable[[str], Any], Callable[[Function], Function]]:
    import typeguard

    if hasattr(typeguard, "TypeCheckConfiguration"):
        raise ImportError("typeguard 2 is wanted, this is a later one")
    return lambda text: Float[Tensor, text], jaxtyped(typechecker=typeguard.typechecked)


def dltype() -> tuple[Callable[[str], Any], Callable[[Function], Function]]:
    import dltype as library

    return lambda text: Annotated[Tensor, library.FloatTensor[text]], library.dltyped()


def check_shapes() -> tuple[Callable[[str], Any], Callable[[Function], Function]]:
    import check_shapes as library

    def decorate(function: Function) -> Function:
        lines = [f"{name}: [{_comma(text)}]" for name, text in function.__annotations__.items()]
        function.__annotations__ = {}
        return library.check_shapes(*lines)(function)  # type: ignore[no-any-return]  # untyped

    return lambda text: text, decorate


def _comma(text: str) -> str:
    parts = [part.removeprefix("*") + "..." * part.startswith("*") for part in text.split()]
    return ", ".join(parts)


IMPLEMENTATIONS = {
    "shapecheck": ours,
    "jaxtyping + beartype": with_beartype,
    "jaxtyping + typeguard 2": with_typeguard,
    "dltype": dltype,
    "check_shapes": check_shapes,
}


def timed(function: Function, args: tuple[Any, ...], calls: int) -> float:
    """Nanoseconds of processor time that one call takes."""
    before = time.process_time_ns()
    for _ in range(calls):
        function(*args)
    return (time.process_time_ns() - before) / calls


def compared(plain: Function, checked: Function, args: tuple[Any, ...], rounds: int) -> Any:
    """Rounds of both, in turns; how many calls a round has is settled by the slower side."""
    checked(*args)
    one = max(timed(checked, args, 200), 1.0)
    calls = max(200, int(_SECONDS * 1e9 / one))
    found: dict[str, list[float]] = {"bare": [], "checked": []}
    for _ in range(rounds):
        found["bare"].append(timed(plain, args, calls))
        found["checked"].append(timed(checked, args, calls))
    return found


def measure(name: str, rounds: int) -> dict[str, Any]:
    """All cases that the implementation can express."""
    annotate, decorate = IMPLEMENTATIONS[name]()
    found = {}
    for case, (texts, shapes) in {**PLAIN, **RANKS}.items():
        if name == "check_shapes" and "+" in "".join(texts):
            continue
        checked = decorate(empty([annotate(text) for text in texts]))
        plain = empty([Any] * len(texts))
        found[case] = compared(plain, checked, tuple(map(torch.ones, shapes)), rounds)
        if case == _AGAIN:
            for _ in range(_CALLS):
                checked(*map(torch.ones, shapes))
            args = tuple(map(torch.ones, shapes))
            found[f"{case}, {_CALLS:,} calls later"] = compared(plain, checked, args, rounds)
    if name.startswith(("shapecheck", "jaxtyping")):
        for case, (text, make) in NESTED.items():
            names = {"A": annotate("batch seq")}
            checked = decorate(empty([eval(text.format("A"), names)]))
            found[case] = compared(empty([Any]), checked, (make(torch.ones(4, 5)),), rounds)
    with torch.no_grad():
        x = torch.ones(16, 64)
        both = layer(annotate, bare), layer(annotate, decorate)
        found["a linear layer, 64 by 64"] = compared(*both, (x,), rounds)
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    asked = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    sys.stdout.write(json.dumps(measure(sys.argv[1], asked)))
