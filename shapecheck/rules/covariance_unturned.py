"""A covariance is multiplied by one matrix from both sides, and by its transpose from neither."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import finding


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where `A S A` is taken of a symmetric `S` and an `A` that is not, or `x @ A` of
    states whose covariance moves by `A S Aᵀ`."""
    if trial.kind == "alignment" and trial.pattern == "unturned":
        yield _alike(trial)
    elif trial.kind == "alignment" and trial.pattern == "apart":
        yield _apart(trial)


def _alike(trial: Trial) -> Finding:
    return finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"`{trial.detail}` is multiplied by one matrix from both sides, as it stands",
        expected="A S Aᵀ: the second factor is the transpose of the first",
        actual=trial.operation,
        cause=f"`{trial.detail}` is symmetric, and what comes out is not, so it is no covariance",
    )


def _apart(trial: Trial) -> Finding:
    return finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"rows of states are multiplied by A, and `{trial.detail}`, their covariance, by A S Aᵀ",
        expected="x @ Aᵀ with A S Aᵀ, or x @ A with Aᵀ S A",
        actual=trial.operation,
        cause="the states move by the transpose of what their covariance moves by",
    )


RULE = Rule(
    "covariance-unturned",
    Severity.WARNING,
    "A covariance is multiplied by one matrix from both sides, and by its transpose from neither.",
    Trial,
    check,
)
