"""What was measured as tables of a Markdown page: medians, spread, and ratios to the named peer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.benchmarks.timing import Taken

MISSING = "not installed"


def spread(taken: Taken, unit: str, scale: float, digits: int = 2) -> str:
    """`0.81 µs (0.79–0.86)`."""
    low, high = min(taken.rounds) * scale, max(taken.rounds) * scale
    return f"{taken.median * scale:.{digits}f} {unit} ({low:.{digits}f}–{high:.{digits}f})"


def ratio(one: Taken, other: Taken) -> str:
    """How many times the other `one` is."""
    return f"×{one.median / other.median:.1f}" if other.median > 0 else "–"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


def call_rows(found: Mapping[str, Mapping[str, Taken]], peers: Sequence[str]) -> list[list[str]]:
    """One row a case: what ours adds, then what each peer adds, as a multiple of ours."""
    rows = []
    for case, ours in found["shapecheck"].items():
        row = [case, spread(ours, "µs", 1e-3)]
        for peer in peers:
            if peer not in found:
                row.append(MISSING)
            elif case not in found[peer]:
                row.append("cannot say it")
            else:
                theirs = found[peer][case]
                row.append(f"{theirs.median * 1e-3:.2f} µs, **{ratio(theirs, ours)}**")
        rows.append(row)
    return rows


def command_rows(
    taken: Mapping[str, Taken], against: str, *, missing: Sequence[str] = ()
) -> list[list[str]]:
    """One row a command: seconds, and how many times those of the one named."""
    base = taken[against]
    rows = [[name, spread(t, "s", 1.0), ratio2(t, base)] for name, t in taken.items()]
    return [*rows, *([name, MISSING, ""] for name in missing)]


def ratio2(one: Taken, other: Taken) -> str:
    """Like `ratio`, with two digits: for what lies close to 1."""
    return f"×{one.median / other.median:.2f}"
