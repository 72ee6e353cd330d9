"""Two arguments of a call were exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shapecheck.core.diagnosis import diagnose, expected_text, spec_of
from shapecheck.core.evidence import Argument, Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._violation import finding


def check(violation: Violation) -> Iterator[Finding]:
    """Fires where exchanging two arguments makes every declaration of the call hold."""
    diagnosis = diagnose(violation)
    if diagnosis.fault != "arguments":
        return
    one = Argument(violation.declaration, violation.actual)
    other = next(o for o in violation.others if o.declaration.name == diagnosis.exchanged)
    names = (one.declaration.name, other.declaration.name)
    message = (
        f"`{names[0]}` and `{names[1]}` of {violation.function} were given the wrong way round"
    )
    cause = "with the two exchanged, every argument fits its declaration"
    remedy = f"exchange the two in the call, or pass them by name: {names[0]}=…, {names[1]}=…"
    found = finding(RULE.slug, violation, diagnosis, message, cause, remedy)
    yield replace(
        found,
        expected=f"{_declared(one)}, {_declared(other)}",
        actual=f"{names[0]} {one.observation}, {names[1]} {other.observation}",
        bindings=(),  # made by the arguments that are in question
    )


def _declared(argument: Argument) -> str:
    spec = spec_of(argument.declaration)
    text = argument.declaration.text if spec is None else expected_text(spec, {})
    return f"{argument.declaration.name} {text}"


RULE = Rule(
    "arguments-swapped",
    Severity.ERROR,
    "Two arguments of a call were passed in each other's place.",
    Violation,
    check,
)
