"""What is wrong with a refused value: one fault, told apart from the others, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Literal

from shapecheck.core.axis import Axis, AxisKind
from shapecheck.core.evidence import Argument, Declaration, Observation, Violation
from shapecheck.core.grammar import GrammarError, parse_shape
from shapecheck.core.match import AxisMismatch, Match, Mismatch, Size, bound_size, evaluate, match
from shapecheck.core.remedy import Remedy, remedies, reorderings
from shapecheck.core.spec import Spec
from shapecheck.core.spelling import Numpy, Spelling, Torch

FaultKind = Literal[
    "type",  # not a tensor at all, or of another library
    "dtype",  # the right shape of another dtype
    "arguments",  # right, had two arguments been exchanged
    "order",  # the axes in another order
    "missing",  # an axis too few
    "extra",  # an axis too many
    "merged",  # axes flattened into one, or one split into several
    "conflict",  # a name has two sizes in one call
    "size",  # a size that was declared as a number
    "unknown",  # the judge alone knows
]


@dataclass(frozen=True)
class Diagnosis:
    """The fault of a violation, with the facts a message needs.

    `spec` is the declared spec, `bindings` the sizes bound before this value, `wrong` the axes
    that differ, `remedies` the steps that were tried and fit, `exchanged` the argument that the
    refused one was exchanged with. `odd` are the declared axes that are missing, or the positions
    that are too many, where only they can be. `fits` says that the shape is right and something
    else is not. `elsewhere` is an earlier argument, and a step on it after which every
    declaration of the call holds.
    """

    fault: FaultKind
    spec: Spec | None = None
    bindings: tuple[tuple[str, Size], ...] = ()
    wrong: tuple[AxisMismatch, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    exchanged: str = ""
    odd: tuple[int, ...] = ()
    fits: bool = False
    elsewhere: tuple[str, Remedy] | None = None


def diagnose(violation: Violation) -> Diagnosis:
    """Tell which fault a violation shows; "unknown" where only the judge can say."""
    spec, actual = spec_of(violation.declaration), violation.actual
    if spec is None or actual.shape is None:
        return Diagnosis("type" if violation.declaration.shape is not None else "unknown", spec)
    bindings = {b.name: b.size for b in violation.bindings}
    found = match(actual.shape, spec, bindings, violation.values)
    base = Diagnosis("unknown", spec, tuple(bindings.items()), fits=isinstance(found, Match))
    if violation.wrong_type:
        return replace(base, fault="type")
    partner = _exchanged_with(violation)
    if partner:
        return replace(base, fault="arguments", exchanged=partner)
    if not dtype_fits(spec, actual):
        return replace(base, fault="dtype", wrong=_wrong(found))
    if isinstance(found, Match):
        symbolic = any(axis.kind is AxisKind.SYMBOLIC for axis in spec.axes)
        return replace(base, fault="size" if symbolic else "unknown")
    spelling = _spelling(actual)
    tried = remedies(actual.shape, spec, bindings, violation.values, spelling)
    fault = _fault(found, tried)
    return replace(
        base,
        fault=fault,
        wrong=found.wrong,
        remedies=tried,
        odd=_odd(actual.shape, spec, bindings, violation.values),
        elsewhere=_elsewhere(violation) if fault == "conflict" else None,
    )


def _spelling(seen: Observation) -> Spelling:
    return Numpy() if seen.type == "ndarray" else Torch()


def _elsewhere(violation: Violation) -> tuple[str, Remedy] | None:
    """An earlier argument whose axes stand in another order, if that alone explains the conflict.

    The argument bound the name wrongly, and the refused one, which is right, met it first.
    """
    refused = Argument(violation.declaration, violation.actual)
    if violation.element or violation.declaration.declared_as != "parameter":
        return None
    for other in violation.others:
        spec, shape = spec_of(other.declaration), other.observation.shape
        if spec is None or shape is None or len(shape) < 2:
            continue
        rest = [o for o in violation.others if o is not other]
        for step in reorderings(shape, _spelling(other.observation)):
            moved = replace(other, observation=replace(other.observation, shape=step.shape))
            if all_fit([moved, refused, *rest], violation.values):
                return other.declaration.name, step
    return None


def _odd(
    shape: tuple[int, ...], spec: Spec, bindings: dict[str, Size], values: dict[str, str] | None
) -> tuple[int, ...]:
    """The declared axes without which the shape fits, or the positions of the shape without
    which it does; () unless there is one such choice.
    """
    if spec.rank is None or not 1 <= abs(spec.rank - len(shape)) <= 2:
        return ()
    longer, count = max(spec.rank, len(shape)), abs(spec.rank - len(shape))
    fitting = []
    for places in combinations(range(longer), count):
        rest = [i for i in range(longer) if i not in places]
        if spec.rank > len(shape):
            part = replace(spec, axes=tuple(spec.axes[i] for i in rest))
            found = match(shape, part, bindings, values)
        else:
            found = match(tuple(shape[i] for i in rest), spec, bindings, values)
        if isinstance(found, Match):
            fitting.append(places)
    return fitting[0] if len(fitting) == 1 else ()


def spec_of(declaration: Declaration) -> Spec | None:
    """The spec a declaration states, where it is a tensor's and can be read."""
    if declaration.shape is None:
        return None
    try:
        return parse_shape(declaration.shape, dtype=declaration.dtype, dtypes=declaration.dtypes)
    except GrammarError:
        return None


def _wrong(found: Match | Mismatch) -> tuple[AxisMismatch, ...]:
    return found.wrong if isinstance(found, Mismatch) else ()


def _fault(found: Mismatch, tried: tuple[Remedy, ...]) -> FaultKind:
    if tried:
        kind = tried[0].fault
        if kind == "flattened" or kind == "split":
            return "merged"
        return kind
    if found.rank_differs:
        return "missing" if len(found.shape) < len(found.spec.axes) else "extra"
    if any(w.axis.kind in (AxisKind.NAMED, AxisKind.VARIADIC) for w in found.wrong):
        return "conflict"
    return "size"


def _exchanged_with(violation: Violation) -> str:
    """The argument that, had it been exchanged with the refused one, makes the whole call right."""
    if violation.declaration.declared_as != "parameter" or violation.element:
        return ""
    refused = Argument(violation.declaration, violation.actual)
    for other in violation.others:
        if other.observation.shape is None or other.observation == refused.observation:
            continue
        if spec_of(other.declaration) is None:
            continue  # what its declaration would say of the other value is not known here
        rest = [o for o in violation.others if o is not other]
        swapped = [
            Argument(refused.declaration, other.observation),
            Argument(other.declaration, refused.observation),
        ]
        if all_fit(chain(swapped, rest), violation.values):
            return other.declaration.name
    return ""


def all_fit(arguments: Iterable[Argument], values: dict[str, str] | None) -> bool:
    """True where the arguments satisfy their declarations together, from no bindings on."""
    bindings: dict[str, Size] = {}
    for argument in arguments:
        spec, seen = spec_of(argument.declaration), argument.observation
        if spec is None:
            continue
        if seen.shape is None or not dtype_fits(spec, seen):
            return False
        found = match(seen.shape, spec, bindings, values)
        if isinstance(found, Mismatch):
            return False
        bindings = found.bindings
    return True


def dtype_fits(spec: Spec, seen: Observation) -> bool:
    """True where the dtype is one the spec accepts."""
    return not spec.dtypes or seen.dtype in spec.dtypes


def expected_text(
    spec: Spec, bindings: Mapping[str, Size], values: Mapping[str, str] | None = None
) -> str:
    """The spec with the sizes known so far: `(layers, batch=4, hidden) Float`."""
    parts = [_known(axis, bindings, values or {}) for axis in spec.axes]
    inner = ", ".join(parts) + ("," if len(parts) == 1 else "")
    return f"({inner}) {spec.dtype}".rstrip()


def _known(axis: Axis, bindings: Mapping[str, Size], values: Mapping[str, str]) -> str:
    size = bound_size(axis, bindings)
    if axis.kind is AxisKind.SYMBOLIC:
        size = evaluate(values.get(axis.expression, axis.expression), bindings)
    return axis.text if size is None else f"{axis.text}={size}"


def named_shape(shape: tuple[int, ...], spec: Spec) -> str:
    """A shape that fits a spec, with the names of its axes: `(batch=4, seq=10, 1)`."""
    parts = []
    for axis, size in zip(spec.lay(len(shape)), shape, strict=True):
        named = axis.name and not axis.spans_many
        parts.append(f"{axis.name}={size}" if named else str(size))
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
