"""The register of known operations: torch's functions by name, with the flow of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from shapecheck.runtime.flow.call import Call

Result = Any  # Axes for a tensor; a tuple of these for several; None where nothing is known
Rule = Callable[["Call"], Result]

_NAMESPACES: tuple[Any, ...] = (
    Tensor,
    torch,
    torch.nn.functional,
    torch._C._nn,
    torch.special,
    torch.linalg,
    torch.fft,
    torch.functional,
    torch.nn.init,
)


@dataclass(frozen=True)
class Flow:
    """How one operation moves axes.

    `rule` gives the axes of the result. `scalars` says that integers among the arguments matter
    (a dim, a size): they are part of what a remembered result hangs on. `dtypes` likewise for
    the dtypes of operands. `varies` says that the result's shape depends on values.
    """

    name: str
    family: str
    rule: Rule
    scalars: bool = True
    dtypes: bool = False
    varies: bool = False
    source: bool = False
    reads: bool = False
    index: bool = False
    in_place: bool = False


_flows: dict[Any, Flow] = {}
_silent: set[Any] = set()


def flows(family: str, names: str, **options: bool) -> Callable[[Rule], Rule]:
    """Register a rule for torch's operations of these names, in all their forms.

    A name stands for `torch.name`, `Tensor.name`, `F.name` and so on; `name_` in place as well,
    unless it is written `name!`.
    """

    def register(rule: Rule) -> Rule:
        for written in names.split():
            name = written.rstrip("!")
            plain = name if name.startswith("__") else name.rstrip("_")
            for function in functions(name):
                in_place = _is_in_place(function)
                if not (in_place and written.endswith("!")):
                    flow = Flow(plain, family, rule, in_place=in_place, **options)
                    _flows.setdefault(function, flow)
        return rule

    return register


def flows_of(family: str, *functions: Any) -> Callable[[Rule], Rule]:
    """Register a rule for these very functions."""

    def register(rule: Rule) -> Rule:
        for function in functions:
            _flows[function] = Flow(function.__name__, family, rule)
        return rule

    return register


def _is_in_place(function: Any) -> bool:
    name = getattr(function, "__name__", "")
    return name.endswith("_") and not name.endswith("__")


def functions(name: str) -> Iterator[Any]:
    """Every function of torch's under this name: as a function, a method, an attribute."""
    seen: list[Any] = []
    for space in _NAMESPACES:
        for spelling in (name, f"{name}_"):
            if spelling.endswith("__") and not spelling.startswith("__"):
                continue
            function = getattr(space, spelling, None)
            if function is None or isinstance(function, type):
                continue
            if type(function).__name__ in ("getset_descriptor", "property"):
                function = function.__get__
            if callable(function) and not any(function is other for other in seen):
                seen.append(function)
                yield function


def silent(names: Iterable[str]) -> None:
    """Register operations that move no axes and yield no tensor worth following."""
    for name in names:
        _silent.update(functions(name))


def silent_settings() -> None:
    """Register what sets an attribute of a tensor: `x.grad = None`."""
    for name in dir(Tensor):
        attribute = getattr(Tensor, name, None)
        if type(attribute).__name__ in ("getset_descriptor", "property"):
            _silent.add(attribute.__set__)  # type: ignore[union-attr]  # reason: both kinds have one


def table() -> tuple[dict[Any, Flow], frozenset[Any]]:
    """All known operations, and those that are passed by."""
    from shapecheck.runtime.flow.operations import families  # noqa: F401  (reason: registers them, late)

    return _flows, frozenset(_silent)


def known() -> dict[str, tuple[str, ...]]:
    """The names of the known operations by family: what the reference lists."""
    table()
    found: dict[str, set[str]] = {}
    for flow in _flows.values():
        found.setdefault(flow.family, set()).add(flow.name)
    return {family: tuple(sorted(names)) for family, names in sorted(found.items())}
