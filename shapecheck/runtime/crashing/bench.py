"""Do the failed operation again, alone, on stand-ins, with something changed: does it go through?

Nothing of the user's is called, and random numbers, modes of torch and warnings stay as they were.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from shapecheck.runtime.crashing.operation import Operation, Slot
from shapecheck.runtime.crashing.standins import StandIn, Unknown, built, put
from shapecheck.runtime.crashing.twins import numbers_of, rebuilt, twin

_MOST_REAL = 1_000_000  # numbers to compute with; more have sizes only (the meta device)
_MOST_INDEXED = 16_000_000  # indices mean nothing without values
_MOST_TRIED = 160

Step = Callable[[Tensor], Tensor]
Result = tuple[int, ...]


class Bench:
    """One failed operation, ready to be done again. `reproduced` says that it fails as it did."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        indexed = any(slot.stand_in.extent is not None for slot in operation.slots)
        numbers = sum(slot.stand_in.numbers for slot in operation.slots)
        if operation.module is not None:
            numbers += numbers_of(operation.module)
        real = numbers <= (_MOST_INDEXED if indexed else _MOST_REAL)
        self._device = "cpu" if real else "meta"
        self._left = _MOST_TRIED
        self.reproduced = self._fails_alike()

    def _fails_alike(self) -> bool:
        """As it was, it has to fail, and for the same reason; else no change is what mends it.

        The words differ where torch goes another way without gradients, and on the meta device.
        """
        error = self.operation.error
        try:
            self._do(self.operation.given, {})
        except Unknown:
            return False
        except NotImplementedError:
            return isinstance(error, NotImplementedError)
        except Exception as again:
            return self._device == "meta" or _topic(again) == _topic(error)
        return False

    def __call__(
        self,
        slots: tuple[Slot, ...] = (),
        step: Step | None = None,
        *,
        given: dict[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        instead: Callable[..., Any] | None = None,
    ) -> Result | None:
        """The shape of the result with a step taken on some operands, or None where it fails.

        `given` are other arguments, `settings` another layer, `instead` another operation.
        """
        if self._left <= 0:
            return None
        self._left -= 1
        try:
            changed = given if given is not None else self.operation.given
            for slot in slots if step is not None else ():
                assert step is not None
                changed = put(changed, slot.path, step(self.tensor(slot.stand_in)))
            return _shape(self._do(changed, settings or {}, instead))
        except Exception:
            return None

    def of_shape(self, slots: tuple[Slot, ...], shape: Result) -> Result | None:
        """The shape of the result with operands of another shape."""
        return self(slots, lambda t: t.new_empty(shape).fill_(0.5))

    def tensor(self, one: StandIn) -> Tensor:
        """A stand-in's tensor, on the device of this bench."""
        return one.tensor(self._device)

    def after(self, slot: Slot, step: Step) -> Result | None:
        """The shape of an operand after a step."""
        try:
            return tuple(step(slot.stand_in.tensor("meta")).shape)
        except Exception:
            return None

    def _do(
        self,
        given: dict[str, Any],
        settings: Mapping[str, Any],
        instead: Callable[..., Any] | None = None,
    ) -> Any:
        with (
            torch.no_grad(),
            torch.random.fork_rng(devices=[]),
            torch._C.DisableTorchFunction(),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            arguments = built(given, self._device)
            function = instead or self._function(settings)
            return function(*arguments["args"], **arguments["kwargs"])

    def _function(self, settings: Mapping[str, Any]) -> Callable[..., Any]:
        module = self.operation.module
        if module is None:
            assert self.operation.function is not None
            return self.operation.function
        toggled = {n: v for n, v in settings.items() if n == "batch_first"}
        if settings and not toggled:
            made: nn.Module = rebuilt(module, self._device, settings)
        else:
            made = twin(module, self._device)
            for one in made.modules() if toggled else ():
                if hasattr(one, "batch_first"):
                    one.batch_first = toggled["batch_first"]
        forward: Callable[..., Any] = made.forward
        return forward


_TOPICS = (
    ("dtype", re.compile(r"dtype|scalar type|\b(Long|Float|Double|Int|Bool)\b")),
    ("index", re.compile(r"out of (range|bounds)")),
)


def _topic(error: BaseException) -> tuple[str, str]:
    """What an error is about, as far as its words tell."""
    said = str(error)
    topics = (name for name, words in _TOPICS if words.search(said))
    return type(error).__name__, next(topics, "shape")


def _shape(result: Any) -> Result:
    """The shape of the first tensor of a result."""
    if isinstance(result, Tensor):
        return tuple(result.shape)
    for item in result if isinstance(result, (tuple, list)) else ():
        found = _shape(item)
        if found or isinstance(item, Tensor):
            return found
    return tuple(result.data.shape) if hasattr(result, "batch_sizes") else ()
