"""The calls of a guard handed to the prober: declared tensors, their axes, and the laws."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import CodeType, FunctionType
from typing import Any

from shapecheck.core.evidence import Skipped, Trial
from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
from shapecheck.runtime.contract import Contract
from shapecheck.runtime.judging.annotation import array_leaves, spec_of
from shapecheck.runtime.probe import Pending, Prober
from shapecheck.runtime.replaying import replaying
from shapecheck.runtime.trials.bench import ProbeSettings
from shapecheck.runtime.trials.laws import declared_laws, may_be_probed
from shapecheck.runtime.trials.noted import Noted
from shapecheck.runtime.trials.probed import Call, Leaf, Path

_SEVERAL = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True)
class _Leaves:
    inputs: tuple[Leaf, ...]
    outputs: tuple[Leaf, ...]


Evidence = tuple[Trial | Skipped | Fact, ...]


class Probing:
    """What a guard asks at each call; keeps the calls to be tried until `conclude`.

    `laws` are those of the project, by axis name; what a function declares wins over them. A call
    of a kind that was `marked` before is noted in `met`, so that every test that makes such a
    call can be told, not only the first. Where `measured` says that time is measured here, calls
    are noted and nothing is copied; `settle` does that afterwards.
    """

    def __init__(
        self,
        laws: Mapping[str, str] | None = None,
        settings: ProbeSettings | None = None,
        measured: Callable[[], bool] = lambda: False,
    ) -> None:
        self.prober = Prober(settings)
        self.laws = dict(laws or {})
        self.enabled = True
        self.measured = measured
        self.met: list[Any] = []
        self._noted: list[Noted] = []
        self._looks: set[Any] = set()
        self._marked: dict[CodeType, set[Any]] = {}
        self._leaves: dict[CodeType, _Leaves] = {}
        self._pending: list[Pending] = []

    def wants(self, function: FunctionType, values: tuple[Any, ...]) -> bool:
        """False where a call with these values, by parameter, needs no look. About a microsecond.

        Asked once for all calls that look alike: the answer is no from then on.
        """
        if not self.enabled:
            return False
        return function.__code__ in self._marked or self.prober.unseen(function, values)

    def before(
        self, contract: Contract, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Pending | Noted | None:
        """Take the state of a call that is about to be made, at the first call of its kind.

        Our own failure is said, and is none of the user's.
        """
        try:
            return self._before(contract, args, kwargs)
        except Exception as error:
            self._failed(contract, error)
            return None

    def _before(
        self, contract: Contract, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Pending | Noted | None:
        function = contract.function
        if not self.enabled:
            return None
        if function.__code__ not in self._marked and not self.prober.wants(function, args, kwargs):
            return None
        laws = self._laws_of(contract)
        if laws is None:
            return None
        if self.measured():
            return self._note(contract, args, kwargs, laws)
        call = self._call(contract, args, kwargs, laws)
        return self.prober.before(call) if call is not None else None

    def _failed(self, contract: Contract, error: Exception) -> None:
        self.leave(contract, f"shapecheck failed: {type(error).__name__}: {error}")

    def after(self, pending: Pending | Noted, result: object) -> None:
        """The call returned."""
        if isinstance(pending, Noted):
            pending.returned(result)
            self._noted.append(pending)
        else:
            self.prober.after(pending, result)
            self._pending.append(pending)

    def failed(self, pending: Pending | Noted) -> None:
        """The call raised."""
        if isinstance(pending, Noted):
            pending.failed()
            self._looks.clear()  # another call of its kind may return
        else:
            self.prober.failed(pending)

    def leave(self, contract: Contract, reason: str) -> None:
        """Say, once, why calls of a function are not tried."""
        if self.enabled and not replaying():
            self.prober.leave(contract.name, _place(contract), reason)

    def _note(
        self,
        contract: Contract,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        laws: Mapping[str, str],
    ) -> Noted | None:
        """Keep a call by reference, one of those that look alike."""
        look = self.prober.look(contract.function, args, kwargs)
        if look in self._looks:
            return None
        self._looks.add(look)
        return Noted(contract, args, kwargs, laws)

    def settle(self) -> None:
        """Take the state of calls that were noted where time was measured; nothing is, now."""
        noted, self._noted = self._noted, []
        self._looks.clear()
        for one in noted:
            try:
                call = self._call(one.contract, one.args, one.kwargs, one.laws)
                pending = self.prober.late(call, one) if call is not None else None
            except Exception as error:
                self._failed(one.contract, error)
                continue
            if pending is not None:
                self._pending.append(pending)

    def _laws_of(self, contract: Contract) -> dict[str, str] | None:
        """The laws that hold for a function; None where it is not to be tried.

        Asked at the call: the wrapper may be gone afterwards.
        """
        function = contract.function
        if not (may_be_probed(function) and may_be_probed(contract.wrapper)):
            self.leave(contract, "turned off for this function")
            return None
        return {**self.laws, **declared_laws(function), **declared_laws(contract.wrapper)}

    def _call(
        self,
        contract: Contract,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        laws: Mapping[str, str],
    ) -> Call | None:
        """A call with what is declared of it, noted in `met` where its kind is marked.

        None where no tensor is declared.
        """
        function, leaves, place = contract.function, self._leaves_of(contract), _place(contract)
        if not leaves.inputs and not leaves.outputs:
            return None
        call = Call(function, args, kwargs, leaves.inputs, leaves.outputs, place, laws)
        marked = self._marked.get(function.__code__)
        if marked and (kind := self.prober.kind(call)) in marked:
            self.met.append(kind)
        return call

    def conclude(self) -> Iterator[tuple[Any, Evidence]]:
        """Try the calls kept so far, outside of any code that is measured: kind and evidence."""
        waiting, self._pending = self._pending, []
        for pending in waiting:
            yield pending.kind, tuple(self.prober.run(pending))
        yield None, tuple(self.prober.skipped())

    def mark(self, kind: Any) -> None:
        """Have later calls of this kind noted in `met`."""
        self._marked.setdefault(kind[0], set()).add(kind)

    def _leaves_of(self, contract: Contract) -> _Leaves:
        found = self._leaves.get(contract.code)
        if found is None:
            found = self._leaves[contract.code] = _leaves(contract)
            self.prober.declared[contract.code] = found.inputs
        return found


def _place(contract: Contract) -> Place:
    return replace(contract.place, function=contract.name)


def _leaves(contract: Contract) -> _Leaves:
    """The tensors that a contract declares, each at one place with one spec."""
    inputs: list[Leaf] = []
    parameters = contract.signature.parameters
    for declared in contract.parameters:
        if parameters[declared.name].kind not in _SEVERAL:
            inputs += _at(declared.name, declared.annotation)
    returned = contract.declared.get("return")
    outputs = _at("return", returned.annotation) if returned is not None else []
    return _Leaves(tuple(inputs), tuple(outputs))


def _at(name: str, annotation: Any) -> list[Leaf]:
    found: dict[Path, list[Leaf]] = {}
    for path, leaf in array_leaves(annotation):
        spec = spec_of(leaf)
        if spec is not None:
            found.setdefault(path, []).append(Leaf((name, *path), spec))
    # A union of several shapes says nothing certain about the axes at its place.
    return [leaves[0] for leaves in found.values() if len(leaves) == 1]
