"""What a run gathers: checked functions, violations, what was left unchecked, our own errors."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field

from shapecheck.core.evidence import CheckedFunction, Unchecked
from shapecheck.core.finding import Finding
from shapecheck.core.site import Place
from shapecheck.runtime.contract import Contract


@dataclass
class Raised:
    """A finding that was raised as ShapeError, and whether a handler asked for it by name.

    `caught_by` is the nearest handler that catches it without naming it (`except Exception`).
    """

    finding: Finding
    expected: bool
    caught_by: Place | None = None


@dataclass
class Record:
    """Evidence and findings of one run, in the order they came."""

    contracts: list[Contract] = field(default_factory=list)
    raised: list[Raised] = field(default_factory=list)
    internal_errors: list[str] = field(default_factory=list)

    def functions(self) -> Iterator[CheckedFunction]:
        """Checked functions that were called, with counts."""
        for contract in self.contracts:
            if contract.calls:
                yield CheckedFunction(contract.place, contract.name, contract.size, contract.calls)

    def unchecked(self) -> Iterator[Unchecked]:
        """Declarations that could not be evaluated."""
        for contract in self.contracts:
            yield from contract.unchecked

    def internal_error(self, doing: str) -> None:
        """Keep our own failure, which must not become the user's."""
        text = f"shapecheck failed while {doing}; the program went on unchecked.\n"
        entry = text + traceback.format_exc(limit=-6)
        if entry not in self.internal_errors:
            self.internal_errors.append(entry)
