"""A mask of attention hides queries, so that no key is hidden from any of them."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._trial import finding


def check(trial: Trial) -> Iterator[Finding]:
    """Fires where all that masks the scores is one along the axis of the softmax."""
    if trial.kind != "alignment":
        return
    if trial.pattern == "masked in vain":
        yield finding(
            trial,
            RULE.slug,
            Severity.WARNING,
            f"the mask in {trial.function} hides nothing: it is the same all along the axis of the "
            "softmax, and the weights are summed over the other, along which it varies",
            expected="a softmax over the axis that is masked and summed",
            actual=f"{trial.operation}, then {trial.detail}",
            cause="where all scores of a softmax are filled alike, it gives them equal weights",
        )
    if trial.pattern != "queries":
        return
    yield finding(
        trial,
        RULE.slug,
        RULE.severity,
        f"the mask in {trial.function} hides queries, not keys: every key keeps its weight",
        expected="a mask that varies along the axis of the softmax, mask[:, None, None, :]",
        actual=f"{trial.operation}, then {trial.detail}",
        cause="where all scores of a row are filled alike, the softmax gives them equal weights",
    )


RULE = Rule(
    "queries-masked",
    Severity.ERROR,
    "A mask of attention hides queries, so that no key is hidden from any of them.",
    Trial,
    check,
)
