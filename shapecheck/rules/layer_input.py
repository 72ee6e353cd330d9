"""A layer of torch.nn was given an input in another layout, or of another size, than it reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from shapecheck.core.diagnosis import expected_text, spec_of
from shapecheck.core.evidence import Argument, Crash
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.layers import BUILT_WITH
from shapecheck.core.match import AxisMismatch, Mismatch, match
from shapecheck.core.plain import to_plain
from shapecheck.core.rule import Rule
from shapecheck.core.tracked import Operand
from shapecheck.core.tried import Tried
from shapecheck.rules._axes import line
from shapecheck.rules._axes import shape as shape_of
from shapecheck.rules._crash import Refused, first_refused, of_dtypes, torch_says
from shapecheck.rules._mending import chosen
from shapecheck.rules._mending_layers import is_one_sample
from shapecheck.rules._origins import told_origin
from shapecheck.rules._remedied import remedy


def check(crash: Crash) -> Iterator[Finding]:
    """Fires where torch raised and an input contradicts what the layer reads."""
    refused = first_refused(crash.inputs)
    if refused is None or of_dtypes(crash):
        return
    at = _classes_at(crash)
    if at is not None:
        yield _classes(crash, at)
        return
    name, actual = _written(crash, refused.argument), refused.argument.observation
    yield Finding(
        RULE.slug,
        RULE.severity,
        crash.place,
        message=_message(crash, refused, _size(crash, refused)),
        expected=f"{name} {expected_text(refused.spec, refused.bindings)}",
        actual=_actual(crash, refused) or f"{name} {actual}",
        cause=_cause(crash, refused),
        remedy=remedy(crash),
        bindings=tuple(f"{n}={s} from {refused.sources[n]}" for n, s in refused.bindings.items()),
        notes=torch_says(crash),
        evidence={"crash": to_plain(replace(crash, raised=None, tried=()))},
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
    return Finding(
        RULE.slug,
        RULE.severity,
        crash.place,
        message=f"{crash.layer} reads the classes at axis 1 of {name}, but they are at axis {at}",
        expected=f"{name} (batch, classes, …), as {moved}",
        actual=f"{name} {scores.observation} with {other} {target.observation}",
        cause=f"{other} has a number for each index of every axis of {name} but axis {at}",
        remedy=remedy(crash),
        notes=torch_says(crash)[:1],
        evidence={"crash": to_plain(replace(crash, raised=None, tried=()))},
    )


def _written(crash: Crash, argument: Argument) -> str:
    """An argument as the user wrote it; the layer's own name for it where that is not known."""
    name = argument.declaration.name
    operand = _operand(crash, argument)
    if operand is not None and operand.text:
        return operand.text
    if operand is not None and crash.built_as:
        return f"the {name} of {crash.built_as}"
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


def _operand(crash: Crash, argument: Argument) -> Operand | None:
    """The same tensor as the failed operation has it; a layer inside may be given another."""
    if argument.declaration.name not in crash.names:
        return None
    found = crash.operands[crash.names.index(argument.declaration.name)]
    return found if found.shape == argument.observation.shape else None


def _actual(crash: Crash, refused: Refused) -> str:
    """The refused input with what is known of its axes."""
    operand = _operand(crash, refused.argument)
    if operand is None or not any(axis.label != "?" for axis in operand.axes):
        return ""
    return f"{shape_of(replace(operand, text=_written(crash, refused.argument)))} {operand.dtype}"


def _size(crash: Crash, refused: Refused) -> AxisMismatch | None:
    """The one axis whose size is another than the layer was built with, where that is all."""
    shape = refused.argument.observation.shape or ()
    found = match(shape, refused.spec, refused.bindings)
    if not isinstance(found, Mismatch) or len(found.wrong) != 1:
        return None
    (wrong,) = found.wrong
    kinds = [one.kind for one in chosen(crash)]
    if kinds and kinds[0] not in ("setting", "merged"):
        return None
    return wrong if wrong.axis.name in BUILT_WITH else None


def _message(crash: Crash, refused: Refused, size: AxisMismatch | None) -> str:
    name = _written(crash, refused.argument)
    shape = refused.argument.observation.shape or ()
    cut = _cut(crash)
    if cut is not None:
        rows, samples = (len_of(one) for one in crash.operands[:2])
        said = f"{crash.layer} was given {rows} rows of scores"
        return f"{said} for the {samples} targets in {_quoted(name)}"
    if size is not None:
        return (
            f"{crash.layer} was built for {BUILT_WITH[size.axis.name]}={size.expected}, "
            f"but axis {size.position} of {_quoted(name)} has size {size.actual}"
        )
    if not refused.spec.accepts_rank(len(shape)):
        many = "1 axis" if len(shape) == 1 else f"{len(shape)} axes"
        return (
            f"{crash.layer} was given {_quoted(name)} with {many}, and reads another number of them"
        )
    found = match(shape, refused.spec, refused.bindings)
    if isinstance(found, Mismatch) and len(found.wrong) == 1 and not _turned(crash):
        (wrong,) = found.wrong
        axis = wrong.axis.name or wrong.axis.text
        return (
            f"{crash.layer} reads axis {wrong.position} of {_quoted(name)} as {axis}, "
            f"which is {wrong.expected}, but it has size {wrong.actual}"
        )
    return f"{crash.layer} was given {_quoted(name)} in another layout than it reads"


def _cut(crash: Crash) -> Tried | None:
    """The view that made other rows of the samples."""
    found = [one for one in chosen(crash) if one.kind == "earlier" and one.name == "rows"]
    return found[0] if found else None


def len_of(operand: Operand) -> int:
    """The size of the first axis."""
    return operand.shape[0]


def _quoted(name: str) -> str:
    """An expression in quotes; words as they are."""
    return name if name.startswith("the ") else f"`{name}`"


def _turned(crash: Crash) -> bool:
    return any(one.kind == "order" or one.name == "batch_first" for one in chosen(crash))


def _cause(crash: Crash, refused: Refused) -> str:
    """Which layout the layer reads, and where the size came from."""
    cut = _cut(crash)
    if cut is not None:
        rows, samples = (len_of(one) for one in crash.operands[:2])
        return f"the view ({line(cut.at, crash.place)}) laid {samples} samples out as {rows} rows"
    reads = ", ".join(axis.name or axis.text for axis in refused.spec.axes)
    cause = f"{crash.layer} reads `{refused.argument.declaration.name}` as ({reads})"
    first = crash.inputs[0]
    if first is not refused.argument:
        spec = spec_of(first.declaration)
        names = ", ".join(a.name or a.text for a in spec.axes) if spec is not None else ""
        cause += f" and `{first.declaration.name}` {first.observation.shape} as ({names})"
    picked = next((one for one in chosen(crash) if one.name == "elsewhere"), None)
    if picked is not None:
        taken = crash.operands[picked.operand].text
        return f"{taken} is one index of axis 0, {picked.code} is one of axis {picked.value}"
    if is_one_sample(crash):
        values = "·".join(map(str, crash.operands[0].shape))
        whole = f"{values} values are what {crash.layer} reads of one sample"
        return f"{whole}: an axis for the samples is missing"
    operand = _operand(crash, refused.argument)
    found = match(refused.argument.observation.shape or (), refused.spec, refused.bindings)
    if operand is None or not isinstance(found, Mismatch) or not found.wrong:
        return cause
    wrong = found.wrong[0]
    came = told_origin(crash, operand, wrong.position)
    if wrong.axis.name in BUILT_WITH and crash.built_at is not None:
        built = f"{BUILT_WITH[wrong.axis.name]}={wrong.expected}{_whole(crash)}"
        here = (crash.built_at.file, crash.built_at.line) == (crash.place.file, crash.place.line)
        cause = built + (
            " was asked for" if here else f" stands at {line(crash.built_at, crash.place)}"
        )
        return f"{came}, and {cause}" if came else cause
    return f"{cause}; {came}" if came else cause


def _whole(crash: Crash) -> str:
    """Of which axes the size that the layer reads is the product, where they were not flattened."""
    flat = [one for one in chosen(crash)[:1] if one.kind == "merged" and one.second is None]
    if not flat:
        return ""
    shape = crash.operands[flat[0].operand].shape
    sizes = [shape[i] for olds in flat[0].axes if len(olds) > 1 for i in olds]
    return " (" + "·".join(map(str, sizes)) + ", still to be flattened)"


RULE = Rule(
    "layer-input",
    Severity.ERROR,
    "A layer of torch.nn was given an input in another layout, or of another size, than it reads.",
    Crash,
    check,
)
