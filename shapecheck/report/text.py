"""What was checked and found, as plain lines for a terminal of 80 columns."""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from shapecheck.core.evidence import CheckedFunction, Unchecked
from shapecheck.core.finding import Finding
from shapecheck.core.site import Place


def finding_lines(finding: Finding, root: str = "") -> list[str]:
    """A finding below its place and the line of code that stands there."""
    code = linecache.getline(finding.place.file, finding.place.line).strip()
    head = Place(shown(finding.place.file, root), finding.place.line)
    function = f" in {finding.place.function}" if finding.place.function else ""
    return [f"{head}:{function}", *([f"    {code}"] if code else []), *finding.lines()]


def total(
    findings: int, functions: Sequence[CheckedFunction], unchecked: Sequence[Unchecked]
) -> str:
    """One line: findings, then how much was checked, then what was not."""
    called = [f for f in functions if f.calls]
    parts = [many(findings, "finding")] if findings else []
    checked = many(sum(f.declarations for f in called), "declaration")
    calls = many(sum(f.calls for f in called), "call")
    parts.append(f"{checked} of {many(len(called), 'function')} checked in {calls}")
    if unchecked:
        parts.append(f"{many(len(unchecked), 'declaration')} not checked")
    return "; ".join(parts)


def listing(
    functions: Iterable[CheckedFunction], unchecked: Iterable[Unchecked], root: str = ""
) -> list[str]:
    """Every function by file and line, with counts; then what was not checked, with the reason."""
    lines: list[str] = []
    by_place = sorted(functions, key=lambda f: (f.place.file, f.place.line))
    for file, group in groupby(by_place, key=lambda f: f.place.file):
        lines += [shown(file, root), *_rows(list(group))]
    for entry in sorted(unchecked, key=lambda u: (u.place.file, u.place.line)):
        lines += _unchecked(entry, root)
    return lines


def shown(file: str, root: str) -> str:
    """A file as it is shown: below the root, without it."""
    return file.removeprefix(root.rstrip("/") + "/") if root else file


def _rows(functions: list[CheckedFunction]) -> Iterator[str]:
    width = max(len(f.function) for f in functions)
    for f in functions:
        counts = (
            f"{many(f.declarations, 'declaration')}, {many(f.calls, 'call')}"
            if f.calls
            else "never called"
        )
        yield f"  {f.place.line:>4}  {f.function:<{width}}  {counts}"


def _unchecked(entry: Unchecked, root: str) -> list[str]:
    declaration = entry.declaration
    place = Place(shown(entry.place.file, root), entry.place.line)
    return [
        f"not checked: `{declaration.name}: {declaration.text}` of {entry.function} ({place})",
        f"    {entry.reason}",
    ]


def many(count: int, noun: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")
