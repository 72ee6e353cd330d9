"""Which laws held, by function and axis, in a few words each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from shapecheck.core.evidence import Skipped, Trial
from shapecheck.report.text import many, shown


def law_lines(trials: Iterable[Trial], skipped: Iterable[Skipped], root: str = "") -> list[str]:
    """`Net.forward  batch independent ✓  seq causal  feature fixed by weights`, by file.

    Then what was not tried, with the reason.
    """
    lines: list[str] = []
    ordered = sorted(trials, key=lambda t: (t.place.file, t.place.line, t.function))
    for file, of_file in groupby(ordered, key=lambda t: t.place.file):
        lines.append(shown(file, root))
        for (line, function), group in groupby(of_file, key=lambda t: (t.place.line, t.function)):
            lines.append(f"  {line:>4}  {function}  {'  '.join(_axes(list(group)))}")
    for entry in sorted(skipped, key=lambda s: (s.place.file, s.place.line)):
        place = f"{shown(entry.place.file, root)}:{entry.place.line}"
        lines.append(f"not tried: {entry.function} ({place}): {entry.reason}")
    return lines


def law_total(trials: Sequence[Trial], skipped: Sequence[Skipped]) -> str:
    """One line: how many laws held and broke, and what was not tried; "" where nothing was."""
    laws = {(t.place, t.axis): t for t in trials if t.law and t.kind == "disturbance"}
    broken = {(t.place, t.axis) for t in trials if t.outcome == "broken" and not t.excuse}
    excused = {(t.place, t.axis) for t in trials if t.excuse and t.outcome != "held"} - broken
    held = [key for key, t in laws.items() if t.outcome == "held" and key not in broken | excused]
    parts = [f"{many(len(held), 'law')} held"] if held else []
    parts += [f"{len(broken)} broken"] if broken else []
    parts += [f"{len(excused)} excused"] if excused else []
    if skipped:
        reasons = Counter(entry.reason for entry in skipped)
        most = ", ".join(f"{reason} ({n}×)" for reason, n in reasons.most_common(2))
        parts.append(f"{many(len(skipped), 'call')} not tried: {most}")
    return "; ".join(parts)


def _axes(trials: list[Trial]) -> list[str]:
    by_axis: dict[str, list[Trial]] = {}
    for trial in trials:
        by_axis.setdefault(trial.axis, []).append(trial)
    return [_axis(axis, group) for axis, group in by_axis.items()]


def _axis(axis: str, trials: list[Trial]) -> str:
    """The most telling of the trials of one axis: a broken law, a held one, what was seen."""
    broken = next((t for t in trials if t.outcome == "broken" and not t.excuse), None)
    if broken is not None:
        pattern = f" ({broken.pattern})" if broken.pattern else ""
        return f"{axis} {broken.law} ✗{pattern}"
    for trial in trials:
        if trial.excuse and trial.outcome != "held":
            return f"{axis} {trial.law}: excused, {trial.excuse}"
    for trial in trials:
        if trial.kind == "disturbance" and trial.outcome == "held":
            return f"{axis} {trial.law} ✓" + (f" (excused: {trial.excuse})" if trial.excuse else "")
    for trial in trials:
        if trial.kind == "dependency" and trial.pattern:
            return f"{axis} {trial.pattern}"
    fixed = next((t for t in trials if t.outcome == "fixed"), None)
    if fixed is not None:
        return f"{axis} {fixed.detail.partition(':')[0] or 'fixed'}"
    return f"{axis} free ✓"
