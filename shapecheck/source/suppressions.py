"""`# shapecheck: ignore[slug]`: findings that the author has looked at and does not want."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shapecheck.source.statements import Statements
from shapecheck.source.units import CodeUnit

_IGNORE = re.compile(r"#\s*shapecheck:\s*ignore(?![\w-])\s*(?:\[([^\]]*)\])?", re.IGNORECASE)


@dataclass(frozen=True)
class Suppression:
    """One comment that ignores findings: where it stands, which slugs, on which lines.

    Empty `slugs` means every finding. `lines` are the statement's, since a finding may be placed
    on any of them.
    """

    line: int
    slugs: tuple[str, ...]
    lines: range


@dataclass(frozen=True)
class Suppressions:
    """Those of a unit."""

    label: str
    entries: tuple[Suppression, ...] = field(default=())

    def covering(self, slug: str, line: int) -> Suppression | None:
        """The one that ignores this finding on this line, if there is one."""
        return next(
            (e for e in self.entries if line in e.lines and (not e.slugs or slug in e.slugs)),
            None,
        )


def read_suppressions(unit: CodeUnit) -> Suppressions:
    """The ignoring comments of a unit.

    One at the end of a line covers its statement (of a compound one, the header); one on a line
    of its own covers the next statement. What the unit ignores as a whole covers all its lines.
    """
    entries = []
    if unit.ignores:
        last = unit.first_line + unit.text.count("\n")
        slugs = () if "*" in unit.ignores else unit.ignores
        entries.append(Suppression(unit.first_line, slugs, range(unit.first_line, last + 1)))
    statements = _statements(unit)
    for comment in unit.comments():
        found = _IGNORE.search(comment.text)
        if found is None:
            continue
        listed = found.group(1)
        slugs = tuple(s.strip() for s in listed.split(",") if s.strip()) if listed else ()
        if listed is not None and not slugs:
            continue  # `ignore[]` names nothing
        lines = _covered(statements, comment.line, comment.alone)
        entries.append(Suppression(comment.line, slugs, lines))
    return Suppressions(unit.label, tuple(entries))


def _statements(unit: CodeUnit) -> Statements:
    try:
        return Statements.of(unit.tree())
    except (SyntaxError, ValueError, RecursionError):
        return Statements()


def _covered(statements: Statements, line: int, alone: bool) -> range:
    inside = [s for s in statements.all if s.line <= line <= s.header_end]
    if inside:
        return range(inside[-1].line, inside[-1].header_end + 1)
    following = statements.after(line) if alone else None
    if following is None:
        return range(line, line + 1)
    return range(line, following.header_end + 1)
