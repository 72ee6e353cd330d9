"""What a function says of an axis, `for each query`, where it normalises over that very axis.

Probabilities for each query add up to one over something else, for each query apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from shapecheck.core.evidence import Trial
from shapecheck.core.facts import Fact, Normalised
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.constructed import stem

_APART = re.compile(r"\b(?:for|per|within)\s+(?:each|every)\s+(\w+)", re.IGNORECASE)
_NORMALISES = frozenset(("softmax", "log_softmax", "softmin", "gumbel_softmax"))


def broken_promises(
    bench: Bench, facts: Iterable[Fact], names: Mapping[int, str]
) -> Iterator[Trial]:
    """One trial for each softmax over an axis for each index of which the function promises one.

    `names` are the declared names of axes by serial number.
    """
    call = bench.call
    said = " ".join((call.function.__doc__ or "").split())
    apart = {stem(match.group(1)): match.group() for match in _APART.finditer(said)}
    for fact in facts:
        if not isinstance(fact, Normalised) or fact.operation not in _NORMALISES or not apart:
            continue
        axis = names.get(fact.operand.axes[fact.position].identity, "")
        if stem(axis) in apart and fact.place.function == call.function.__qualname__:
            yield Trial(
                call.name, call.place, "alignment", axis, "", "broken", pattern="promised",
                first_break=fact.place, operation=f"{fact.operation} over axis {fact.position}",
                detail=apart[stem(axis)], seen_sizes=(bench.size(axis),),
            )  # fmt: skip
