"""What a docstring calls the elements of each: `Each house's sales around their mean`.

The author who declares `house sale feature` and writes *each house's sales* has said that the sales
of one house belong together, and those at one place in two houses do not: nothing is taken over the
houses for each sale apart. Only where nothing in the docstring speaks of others, of a whole, or of
what each sale has in common, and where an index of what is possessed is no time, feature or class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from shapecheck.core.axis import role_of
from shapecheck.core.evidence import Trial
from shapecheck.core.samples import stem
from shapecheck.runtime.trials.deliberate import on_purpose
from shapecheck.runtime.trials.disturbance import Disturbance
from shapecheck.runtime.trials.excuses import CENTRES, OWN_STATISTICS, SPREADS, excuse_for, summed
from shapecheck.runtime.trials.first_break import Break
from shapecheck.runtime.trials.probed import named_axes

_POSSESSED = re.compile(
    r"\b(?:each|every|an?)\s+(\w+)'s\s+(?:own\s+)?(\w+)|\b(?:each|every)\s+(\w+)\s+of\s+(?:a|an|its)\s+(\w+)"
    r"|\b(\w+)\s+(?:of|for|per|within|in)\s+(?:each|every|one|a single)\s+(\w+)",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"\b(?:others?|all|neighbou?rs?|batch|total|among|amongst|relative|between|share[sd]?|ranks?"
    r"|ranked|softmax|standard\w*|normali[sz]\w*|cent(?:re|er)\w*|scores?|overall|whole|dataset|across"
    r"|together|compare[ds]?|versus|usual|typical|common|season\w*|population|anomal\w*|pairs?"
    r"|pairwise|competes?|every other|each other|corresponding|same)\b",
    re.IGNORECASE,
)
_PARTS = frozenset((
    "feature", "column", "dimension", "coordinate", "variable", "component", "pixel", "position",
    "unit", "item", "question", "product", "sensor", "channel", "gene", "asset", "task", "metric",
    "attribute", "factor", "bin", "band", "slot", "place", "key", "group", "day", "hour", "month",
    "week", "year", "round", "period", "age", "level", "stage", "joint", "landmark", "electrode",
))  # fmt: skip
_OVER = CENTRES | SPREADS | {"sum", "nansum", "norm", "linalg_vector_norm", "softmax"}


def possessed(
    function: object, axis: str, named: Iterable[tuple[str, ...]]
) -> tuple[str, str] | None:
    """The axis right behind `axis` of which, as the docstring says, each of the former has its own.

    Beside it the words that say so; None without any.

    `named` are the declared names of the axes of every tensor taken and given; `axis` leads those
    that carry it.
    """
    said = " ".join((getattr(function, "__doc__", None) or "").split())
    found = [names for names in named if axis in names]
    leads = all(names[0] == axis and names.count(axis) == 1 for names in found)
    if not said or not leads or role_of(axis) is not None or _TOGETHER.search(said):
        return None
    inner = {names[1] for names in found if len(names) > 1 and names[1]}
    first = re.split(r"[.:;]\s", said)[0]
    for match in _POSSESSED.finditer(first):
        owner, owned = _words(match)
        for name in inner if stem(owner) == stem(axis) else ():
            once = len(re.findall(rf"\b{re.escape(stem(name))}", said, re.IGNORECASE)) == 1
            apart = role_of(name) is None and stem(name) not in _PARTS
            if stem(owned) == stem(name) and once and apart:
                return name, match.group()
    return None


def _words(match: re.Match[str]) -> tuple[str, str]:
    """Owner and owned."""
    one, two, three, four, five, six = match.groups()
    if one:
        return one.lower(), two.lower()
    return (four.lower(), three.lower()) if three else (six.lower(), five.lower())


class Possessed(Disturbance):
    """The law of what has elements of its own, by its words: nothing is taken across, index by
    index. Whatever else is done with all of them may be meant."""

    def trials(self) -> list[Trial]:
        """What the law came to; what broke it, with the words that make it one."""
        words = self._possessed()
        said = f"its words say otherwise: “{words[1]}”" if words else ""
        return [
            replace(trial, detail=said) if trial.outcome == "broken" and not trial.excuse else trial
            for trial in super().trials()
        ]

    def excuse(self, found: Break) -> str:
        """Why the mixing that starts here may be meant, or ""."""
        why = excuse_for(found, self.size)
        why = "" if why in OWN_STATISTICS else why
        meant = "" if self._across(found) else "a function may compare them"
        return why or on_purpose(found.step, self.size) or meant

    def insists(self, *given: object) -> str:
        """Nothing: the words have been heard."""
        return ""

    def _across(self, found: Break) -> bool:
        """True where a statistic is taken over the axis alone, and the elements stay apart."""
        step = found.step
        if step.name not in _OVER or not step.shapes or len(step.shapes[0]) < 2:
            return False
        words, dims = self._possessed(), summed(step)
        size = self.bench.size(words[0]) if words else 0
        return dims == frozenset({0}) and step.shapes[0][:2] == (self.size, size)

    def _possessed(self) -> tuple[str, str] | None:
        named = [named_axes(leaf.spec, self.bench.rank(leaf)) for leaf in self.bench.inputs]
        return possessed(self.bench.call.function, self.axis, named)
