"""What a function says of its axes in words, where its operations run over others.

Probabilities `for each query` add up to one over something else, for each query apart.
Differences `between successive positions` run over time, and over nothing that stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from shapecheck.core.axis import Role, role_of
from shapecheck.core.evidence import Trial
from shapecheck.core.facts import Fact, Normalised
from shapecheck.core.samples import stem
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.pooling import Differences

_APART = re.compile(r"\b(?:for|per|within)\s+(?:each|every)\s+(\w+)", re.IGNORECASE)
_NORMALISES = frozenset(("softmax", "log_softmax", "softmin", "gumbel_softmax"))

_IN_TURN = re.compile(r"\b(?:successive|consecutive)\s+(?:\w+ing\s+)?(\w+)", re.IGNORECASE)


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


def out_of_turn(
    bench: Bench, found: Iterable[Differences], names: Mapping[int, str]
) -> Iterator[Trial]:
    """One trial for each `diff` over an axis other than what the function takes in turn.

    That is time, or the axis that the words name: `between consecutive bands`.
    """
    call = bench.call
    said = " ".join((call.function.__doc__ or "").split())
    matches = list(_IN_TURN.finditer(said))
    declared = bench.names()
    turns = {stem(match.group(1)) for match in matches}
    meant = {name for name in declared if stem(name) in turns or _is_time(name)}
    ran = [(names.get(each.axis.serial, ""), each) for each in found]
    if not meant or not matches or any(name in meant for name, _ in ran):
        return
    for name, each in ran:
        if name in declared and each.place.function == call.function.__qualname__:
            yield Trial(
                call.name, call.place, "alignment", name, "", "broken", pattern="out of turn",
                first_break=each.place, operation=each.operation, detail=matches[0].group(),
                declared=" or ".join(f"`{one}`" for one in declared if one in meant),
                seen_sizes=(bench.size(name),),
            )  # fmt: skip


def _is_time(name: str) -> bool:
    hint = role_of(name)
    return hint is not None and hint.role is Role.TIME and not hint.weak
