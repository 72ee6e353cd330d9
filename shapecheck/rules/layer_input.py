"""A layer of torch.nn was given an input in another layout than it reads."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.diagnosis import expected_text, spec_of
from shapecheck.core.evidence import Crash
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.match import Mismatch, Size, match
from shapecheck.core.plain import to_plain
from shapecheck.core.remedy import remedies
from shapecheck.core.rule import Rule
from shapecheck.rules._crash import Refused, first_refused, torch_says


def check(crash: Crash) -> Iterator[Finding]:
    """Fires where torch raised and an input contradicts what the layer reads."""
    refused = first_refused(crash.inputs)
    if refused is None:
        return
    name, actual = refused.argument.declaration.name, refused.argument.observation
    yield Finding(
        RULE.slug,
        RULE.severity,
        crash.place,
        message=f"{crash.layer} was given `{name}` in another layout than it reads",
        expected=f"{name} {expected_text(refused.spec, refused.bindings)}",
        actual=f"{name} {actual}",
        cause=_cause(crash, refused),
        remedy=_remedy(crash, refused),
        bindings=tuple(f"{n}={s} from {refused.sources[n]}" for n, s in refused.bindings.items()),
        notes=torch_says(crash),
        evidence={"crash": to_plain(crash)},
    )


def _cause(crash: Crash, refused: Refused) -> str:
    reads = ", ".join(axis.name or axis.text for axis in refused.spec.axes)
    cause = f"{crash.layer} reads `{refused.argument.declaration.name}` as ({reads})"
    first = crash.inputs[0]
    if first is not refused.argument:
        spec = spec_of(first.declaration)
        names = ", ".join(a.name or a.text for a in spec.axes) if spec is not None else ""
        cause += f" and `{first.declaration.name}` {first.observation.shape} as ({names})"
    return cause


def _remedy(crash: Crash, refused: Refused) -> str:
    """A step on the refused input, or on the first one, after which all inputs fit together."""
    steps = []
    if refused.argument is not crash.inputs[0]:
        steps = [_reordered_first(crash)]
        if steps[0] and "batch_first" in crash.layer:
            # a layer built the other way reads the first input with these two axes exchanged
            other = "True" if "batch_first=False" in crash.layer else "False"
            steps.insert(0, f"build the layer with batch_first={other}")
    shape = refused.argument.observation.shape or ()
    tried = remedies(shape, refused.spec, refused.bindings)
    if tried and not any(steps):
        name = refused.argument.declaration.name
        steps = [f"{name}{tried[0].code} gives {tried[0].shape}"]
    return ", or ".join(step for step in steps if step)


def _reordered_first(crash: Crash) -> str:
    """Exchange the first two axes of the first input: what `batch_first` would have done."""
    first = crash.inputs[0]
    shape = first.observation.shape or ()
    if len(shape) < 3:
        return ""
    swapped = (shape[1], shape[0], *shape[2:])
    bindings: dict[str, Size] = {}
    for argument in crash.inputs:
        spec, seen = spec_of(argument.declaration), argument.observation.shape
        if spec is None or seen is None:
            continue
        found = match(swapped if argument is first else seen, spec, bindings)
        if isinstance(found, Mismatch):
            return ""
        bindings = found.bindings
    return f"{first.declaration.name}.transpose(0, 1) gives {swapped}"


RULE = Rule(
    "layer-input",
    Severity.ERROR,
    "A layer of torch.nn was given an input in another layout than it reads.",
    Crash,
    check,
)
