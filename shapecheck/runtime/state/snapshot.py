"""The state of a call before it was made, all of it copied together, to be called again from."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from shapecheck.runtime.state.copying import Copier
from shapecheck.runtime.state.memory import NoCopyError
from shapecheck.runtime.state.reach import ABSENT, Reach, Spot
from shapecheck.runtime.state.surroundings import Surroundings
from shapecheck.runtime.trials.probed import Call, Path, bound, tensor_at


@dataclass
class Live:
    """One use of a snapshot: its own copies of everything, consumed by one call."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    held: list[tuple[Spot, Any]]
    tensors: list[torch.Tensor]
    modules: list[torch.nn.Module]


class Snapshot:
    """Arguments, what the code can reach, and the surroundings, as they were before a call.

    `bytes` is the size of the tensors held.
    """

    def __init__(self, call: Call, most_bytes: int) -> None:
        """Copy. Raises NoCopyError where something is not provably copied."""
        reach = Reach(most_bytes)
        self.surroundings = Surroundings.now()
        self.function = reach.follow(call.function)
        try:
            arguments = bound(call.function, call.args, call.kwargs).arguments
        except (TypeError, ValueError) as error:
            raise NoCopyError("arguments that do not fit the function") from error
        wholes = {
            leaf.path: value
            for leaf in call.inputs
            if (value := tensor_at(arguments, leaf.path)) is not None
        }
        self.args: tuple[Any, ...]
        self.kwargs: dict[str, Any]
        self._leaves: dict[Path, torch.Tensor]
        self.args, self.kwargs, self._leaves = reach.follow((call.args, call.kwargs, wholes))
        self._held = list(reach.spots.values())
        self._classes = dict(reach.classes)
        self._dicts = {key: (owner, frozenset(owner)) for key, owner in reach.dicts.items()}
        self._most = most_bytes
        self.bytes = reach.copier.memory.bytes
        self.modules = reach.copier.modules
        self.tensors = reach.copier.tensors

    def leaf(self, path: Path) -> torch.Tensor:
        """The declared tensor at a path, as it was. Not to be changed."""
        return self._leaves[path]

    def has(self, path: Path) -> bool:
        """True where the path led to a tensor."""
        return path in self._leaves

    def arguments(self) -> dict[str, Any]:
        """The arguments by parameter name, as they were. Not to be changed."""
        return dict(bound(self.function, self.args, self.kwargs).arguments)

    def revive(
        self,
        substitutes: Mapping[Path, torch.Tensor] | None = None,
        numbers: Mapping[str, int] | None = None,
    ) -> Live:
        """Fresh copies of it all; declared tensors hold the substituted values, by path.

        `numbers` replaces integer arguments by name.
        """
        by_identity = {id(self._leaves[p]): v for p, v in (substitutes or {}).items()}
        copier = Copier(4 * self._most, substitutes=by_identity)
        args, kwargs, held = copier.copy((self.args, self.kwargs, [v for _, v in self._held]))
        if numbers:
            again = bound(self.function, args, kwargs)
            again.arguments.update(numbers)
            args, kwargs = again.args, again.kwargs
        places = [(spot, value) for (spot, _), value in zip(self._held, held, strict=True)]
        return Live(self.function, args, kwargs, places, copier.tensors, copier.modules)

    @contextlib.contextmanager
    def in_place(self, live: Live) -> Iterator[None]:
        """Exchange what globals, closures and classes hold for the copies; set back at the end."""
        now: list[Any] = [owner for owner, _ in self._dicts.values()] + list(self._classes)
        contents = [(owner, dict(_content(owner))) for owner in now]
        users = [(spot, spot.get()) for spot, _ in live.held]
        try:
            known: list[tuple[Any, frozenset[str]]] = [
                *self._dicts.values(),
                *self._classes.items(),
            ]
            for owner, names in known:
                for name in frozenset(_content(owner)) - names:  # added since the snapshot
                    Spot(owner, name).put(ABSENT)
            for spot, value in live.held:
                if spot.get() is not value:
                    spot.put(value)
            yield
        finally:
            for spot, value in users:
                if spot.get() is not value:
                    spot.put(value)
            for owner, content in contents:
                for name in frozenset(_content(owner)) - frozenset(content):
                    Spot(owner, name).put(ABSENT)
                for name, value in content.items():
                    if _content(owner).get(name, ABSENT) is not value:
                        Spot(owner, name).put(value)


def _content(owner: Any) -> Mapping[str, Any]:
    return owner if isinstance(owner, dict) else vars(owner)
