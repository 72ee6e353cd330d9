"""A layer of torch.nn was given an input in another layout than it reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from shapecheck.core.diagnosis import expected_text, spec_of
from shapecheck.core.evidence import Argument, Crash
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.layers import BUILT_WITH
from shapecheck.core.match import AxisMismatch, Mismatch, Size, match
from shapecheck.core.plain import to_plain
from shapecheck.core.remedy import remedies
from shapecheck.core.rule import Rule
from shapecheck.rules._crash import Refused, first_refused, torch_says


def check(crash: Crash) -> Iterator[Finding]:
    """Fires where torch raised and an input contradicts what the layer reads."""
    refused = first_refused(crash.inputs)
    if refused is None:
        return
    name, actual = _written(crash, refused.argument), refused.argument.observation
    at = _classes_at(crash)
    if at is not None:
        yield _classes(crash, at)
        return
    size = _size(refused)
    remedy = _remedy(crash, refused, size)
    yield Finding(
        RULE.slug,
        RULE.severity,
        crash.place,
        message=_message(crash, refused, size, remedy),
        expected=f"{name} {expected_text(refused.spec, refused.bindings)}",
        actual=f"{name} {actual}",
        cause=_cause(crash, refused),
        remedy=remedy,
        bindings=tuple(f"{n}={s} from {refused.sources[n]}" for n, s in refused.bindings.items()),
        notes=torch_says(crash),
        evidence={"crash": to_plain(replace(crash, raised=None))},
    )


def _classes_at(crash: Crash) -> int | None:
    """The axis of the scores that the targets of a loss leave over, where it is not axis 1."""
    first = spec_of(crash.inputs[0].declaration)
    if first is None or len(crash.inputs) != 2 or "classes" not in first.names:
        return None
    scores, target = (one.observation.shape or () for one in crash.inputs)
    left = [i for i in range(len(scores)) if (*scores[:i], *scores[i + 1 :]) == target]
    return left[-1] if left and 1 not in left else None


def _classes(crash: Crash, at: int) -> Finding:
    """The classes stand at another axis than the loss reads them at."""
    scores, target = crash.inputs
    shape = scores.observation.shape or ()
    name, other = _written(crash, scores), _written(crash, target)
    rest = (*shape[:at], *shape[at + 1 :])
    moved = (rest[0], shape[at], *rest[1:])
    step = f".transpose(1, {at})" if len(shape) == 3 and at == 2 else f".movedim({at}, 1)"
    return Finding(
        RULE.slug,
        RULE.severity,
        crash.place,
        message=f"{crash.layer} reads the classes at axis 1 of {name}, but they are at axis {at}",
        expected=f"{name} (batch, classes, …), as {moved}",
        actual=f"{name} {scores.observation} with {other} {target.observation}",
        cause=f"{other} has a number for each index of every axis of {name} but axis {at}",
        remedy=f"{name}{step} gives {moved}",
        notes=torch_says(crash)[:1],
        evidence={"crash": to_plain(replace(crash, raised=None))},
    )


def _written(crash: Crash, argument: Argument) -> str:
    """An argument as the user wrote it; the layer's own name for it where that is not known."""
    name = argument.declaration.name
    try:
        call = ast.parse(crash.expression, mode="eval").body
    except SyntaxError:
        return name
    if not isinstance(call, ast.Call):
        return name
    for keyword in call.keywords:
        if keyword.arg == name:
            return ast.unparse(keyword.value)
    at = [one.declaration.name for one in crash.inputs].index(name)
    given = [ast.unparse(one) for one in call.args[at : at + 1]]
    seen = {value.text: value.observation for value in crash.values}
    return given[0] if given and seen.get(given[0]) == argument.observation else name


def _size(refused: Refused) -> AxisMismatch | None:
    """The one axis whose size is another than the layer was built with, where that is all."""
    shape = refused.argument.observation.shape or ()
    found = match(shape, refused.spec, refused.bindings)
    if not isinstance(found, Mismatch) or len(found.wrong) != 1:
        return None
    (wrong,) = found.wrong
    one_of_many = any(axis.spans_many for axis in refused.spec.axes)  # then any order may fit
    if not one_of_many and remedies(shape, refused.spec, refused.bindings):
        return None
    return wrong if wrong.axis.name in BUILT_WITH else None


def _message(crash: Crash, refused: Refused, size: AxisMismatch | None, remedy: str) -> str:
    name = _written(crash, refused.argument)
    shape = refused.argument.observation.shape or ()
    if size is not None:
        return (
            f"{crash.layer} was built for {BUILT_WITH[size.axis.name]}={size.expected}, "
            f"but axis {size.position} of `{name}` has size {size.actual}"
        )
    if not refused.spec.accepts_rank(len(shape)):
        many = "1 axis" if len(shape) == 1 else f"{len(shape)} axes"
        return f"{crash.layer} was given `{name}` with {many}, and reads another number of them"
    found = match(shape, refused.spec, refused.bindings)
    if not remedy and isinstance(found, Mismatch) and len(found.wrong) == 1:
        (wrong,) = found.wrong
        axis = wrong.axis.name or wrong.axis.text
        return (
            f"{crash.layer} reads axis {wrong.position} of `{name}` as {axis}, "
            f"which is {wrong.expected}, but it has size {wrong.actual}"
        )
    return f"{crash.layer} was given `{name}` in another layout than it reads"


def _cause(crash: Crash, refused: Refused) -> str:
    reads = ", ".join(axis.name or axis.text for axis in refused.spec.axes)
    cause = f"{crash.layer} reads `{refused.argument.declaration.name}` as ({reads})"
    first = crash.inputs[0]
    if first is not refused.argument:
        spec = spec_of(first.declaration)
        names = ", ".join(a.name or a.text for a in spec.axes) if spec is not None else ""
        cause += f" and `{first.declaration.name}` {first.observation.shape} as ({names})"
    return cause


def _remedy(crash: Crash, refused: Refused, size: AxisMismatch | None) -> str:
    """A step on the refused input, or on the first one, after which all inputs fit together."""
    steps = []
    if size is not None:
        steps = [f"build the layer with {BUILT_WITH[size.axis.name]}={size.actual}"]
    elif refused.argument is not crash.inputs[0]:
        steps = [_reordered_first(crash)]
        if steps[0] and "batch_first" in crash.layer:
            # a layer built the other way reads the first input with these two axes exchanged
            other = "True" if "batch_first=False" in crash.layer else "False"
            steps.insert(0, f"build the layer with batch_first={other}")
    shape = refused.argument.observation.shape or ()
    tried = remedies(shape, refused.spec, refused.bindings)
    if tried and (size is not None or not any(steps)):
        name = _written(crash, refused.argument)
        steps.append(f"{name}{tried[0].code} gives {tried[0].shape}")
    return ", or ".join(step for step in steps if step)


def _reordered_first(crash: Crash) -> str:
    """Exchange the first two axes of the first input: what `batch_first` would have done."""
    first = crash.inputs[0]
    shape = first.observation.shape or ()
    if len(shape) < 3:
        return ""
    swapped = (shape[1], shape[0], *shape[2:])
    fits = _all_fit(crash, swapped)
    return f"{_written(crash, first)}.transpose(0, 1) gives {swapped}" if fits else ""


def _all_fit(crash: Crash, first: tuple[int, ...]) -> bool:
    """True where every input fits with the first one in another shape."""
    bindings: dict[str, Size] = {}
    for argument in crash.inputs:
        spec, seen = spec_of(argument.declaration), argument.observation.shape
        if spec is None or seen is None:
            continue
        found = match(first if argument is crash.inputs[0] else seen, spec, bindings)
        if isinstance(found, Mismatch):
            return False
        bindings = found.bindings
    return True


RULE = Rule(
    "layer-input",
    Severity.ERROR,
    "A layer of torch.nn was given an input in another layout than it reads.",
    Crash,
    check,
)
