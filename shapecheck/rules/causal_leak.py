"""An output declared causal depends on what comes later (or, anticausal, earlier)."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.facts import Masked
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.site import Place
from shapecheck.rules._axes import finding as found
from shapecheck.rules._axes import line, shape
from shapecheck.rules._trial import at_fault, finding


def check(evidence: object) -> Iterator[Finding]:
    """Fires where outputs up to t moved although inputs up to t were kept, and at masks that hide
    the past alone."""
    if isinstance(evidence, Masked) and evidence.hides is not None:
        yield _hides_past(evidence, evidence.hides)
    if isinstance(evidence, Trial):
        yield from _tried(evidence)


def _hides_past(fact: Masked, where: Place) -> Finding:
    return found(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"the mask ({line(where, fact.place)}) hides the past: each query sees what comes "
        "after it and nothing that came before",
        expected="a triangular mask that hides the future",
        actual=shape(fact.operand),
        cause="some functions take True for what is hidden, others for what is seen; tril and triu "
        "are exchanged as easily",
    )


def _tried(trial: Trial) -> Iterator[Finding]:
    if trial.kind == "dependency" and trial.outcome == "broken":
        yield _backwards(trial)
    if trial.kind != "disturbance" or trial.law not in ("causal", "anticausal"):
        return
    if trial.outcome != "broken":
        return
    other, side = ("future", "up to t") if trial.law == "causal" else ("past", "from t on")
    known = f"is declared {trial.law}"
    if trial.law_by == "name":
        known = f"is {trial.law} by the name of {trial.function}"
    severity = Severity.NOTE if trial.excuse else Severity.ERROR
    yield finding(
        trial,
        RULE.slug,
        severity,
        f"`{trial.axis}` {known}, but {trial.output} depends on the {other}",
        expected=f"{trial.output} {side} follows from inputs {side} alone",
        actual=f"with inputs {side} kept and the others replaced, {trial.output} {side} changes",
        cause=at_fault(trial),
        notes=(trial.excuse,) if trial.excuse else (),
    )


def _backwards(trial: Trial) -> Finding:
    return finding(
        trial,
        RULE.slug,
        Severity.ERROR,
        f"the mask in {trial.function} hides the past: {trial.output} at each `{trial.axis}` "
        "depends on what comes later alone",
        expected="a triangular mask that hides the future",
        actual="outputs up to t change with inputs after t, and not the other way round",
        cause=f"{at_fault(trial)}; some functions take True for what is hidden, others for what "
        "is seen",
    )


RULE = Rule(
    "causal-leak",
    Severity.ERROR,
    "An output declared causal depends on what comes later.",
    object,
    check,
)
