"""Samples of a batch mix: an output of one sample depends on the others."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import at_fault, finding, sure

_DEPENDS = {
    "causal": "output sample i depends on samples 0…i",
    "anticausal": "output sample i depends on samples i and later",
    "full": "every output sample depends on every sample",
    "one fixed index": "every output sample depends on the same one",
    "permutation": "output samples come from other samples",
    "scrambled": "output samples are made of pieces of several samples",
}
_MEANS = {
    "causal": "something reads the axis as time",
    "anticausal": "something reads the axis as time, backwards",
    "full": "something reduces, normalises or attends over the axis",
    "one fixed index": "something picks one sample for all",
    "permutation": "something puts the samples in another order",
    "scrambled": "something moves data across the axis where it was to be moved as a whole",
}


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where a kept sample's output moved with the others; a note where that is meant."""
    if trial.kind != "disturbance" or trial.law not in ("independent", "mixes"):
        return
    if trial.excuse and trial.outcome != "held":
        message = f"samples of `{trial.axis}` meet in {trial.function}: {trial.excuse}"
        yield finding(trial, RULE.slug, Severity.NOTE, message)
    elif trial.outcome == "broken":
        yield _mixing(trial)


def _mixing(trial: Trial) -> Finding:
    depends = _DEPENDS.get(trial.pattern, "an output sample depends on other samples")
    means = _MEANS.get(trial.pattern, "something mixes the samples")
    fault = at_fault(trial)
    notes: tuple[str, ...] = ()
    if trial.before != trial.seen_sizes:
        seen, tried = trial.seen_sizes[0], trial.before[0]
        notes = (f"latent: the call had a batch of {seen}; a trial with {tried} shows it",)
    doubted = bool(trial.detail)  # it might be meant, but something speaks against it
    return finding(
        trial,
        RULE.slug,
        Severity.WARNING if doubted else sure(trial),
        f"`{trial.axis}` should be independent, but {depends}",
        expected=f"sample k of {trial.output} follows from sample k alone",
        actual=f"with sample k kept and the others replaced, sample k of {trial.output} changes",
        cause="; ".join(filter(None, (trial.detail or means, fault))),
        notes=notes,
    )


RULE = Rule(
    "batch-mixing",
    Severity.ERROR,
    "Samples of a batch mix: an output of one sample depends on the others.",
    Trial,
    check,
)
