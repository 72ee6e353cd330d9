"""One cause, one finding: what only follows from a fault is told with it, not beside it.

An axis that is read as another goes on as what it was read as, and all that comes of it looks
wrong as well. Whoever mends a consequence first goes the wrong way, so each stands below the
finding whose line its tensors came by, about one of the same axes. So do the lines on which the
same fault is written again: `q`, `k` and `v` split in the same wrong way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace

from shapecheck.core.evidence import Crash, Trial
from shapecheck.core.facts import AxisView, Fact, Operand, Raised
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.site import Place


@dataclass(frozen=True)
class _Judged:
    finding: Finding
    piece: object
    order: int

    @property
    def place(self) -> Place:
        return self.finding.place


def by_cause(found: Sequence[tuple[Finding, object]]) -> list[Finding]:
    """The findings that stand for themselves, each with those that follow from it as `related`.

    `found` are findings with the evidence that shows them, in the order in which it was gathered.
    """
    judged = [_Judged(finding, piece, i) for i, (finding, piece) in enumerate(found)]
    cause: dict[int, _Judged] = {}
    for one in judged:
        first = next((other for other in judged if _follows(one, other)), None)
        if first is not None:
            cause[one.order] = first
    told: dict[int, list[Finding]] = {}
    for one in judged:
        root = one
        while root.order in cause:
            root = cause[root.order]
        told.setdefault(root.order, [])
        if root is not one:
            told[root.order].append(one.finding)
    return _once([_with(judged[order].finding, follows) for order, follows in told.items()])


def _once(findings: list[Finding]) -> list[Finding]:
    """A fault that is written several times in one function stands once, where it is first."""
    first: list[Finding] = []
    again: dict[int, list[Finding]] = {}
    for one in sorted(findings, key=_line):
        at = next((i for i, other in enumerate(first) if other.likewise(one)), None)
        if at is None:
            first.append(one)
        else:
            again.setdefault(at, []).append(one)
    return [_again(one, again.get(i, [])) for i, one in enumerate(first)]


def _again(finding: Finding, written: list[Finding]) -> Finding:
    related = [one for each in written for one in (replace(each, related=()), *each.related)]
    places = dict.fromkeys((*finding.cites, *(one.place for one in written)))
    return replace(finding, related=(*finding.related, *related), cites=tuple(places))


def _with(finding: Finding, follows: list[Finding]) -> Finding:
    if not follows:
        return finding
    surest = min((finding, *follows), key=lambda one: one.severity.rank).severity
    places = dict.fromkeys((*finding.cites, *(f.place for f in follows)))
    cites = tuple(p for p in places if (p.file, p.line) != (finding.place.file, finding.place.line))
    related = tuple(sorted(follows, key=_line))
    return replace(finding, severity=surest, related=related, cites=cites)


def _line(finding: Finding) -> tuple[str, int]:
    return finding.place.file, finding.place.line


def _follows(one: _Judged, first: _Judged) -> bool:
    """True where `one` is a consequence of `first`. Of two, never each of the other."""
    if one is first:
        return False
    less_sure = first.finding.severity.rank > one.finding.severity.rank
    if less_sure and (first.finding.severity is Severity.NOTE or not _cites(one, first)):
        return False
    if isinstance(one.piece, Trial):
        return _shows_again(one, first)
    if isinstance(one.piece, Crash):
        # What torch refused is told in its own words only where nothing knows the cause.
        return isinstance(first.piece, Raised) and _same_line(one, first)
    if not (isinstance(one.piece, Fact) and isinstance(first.piece, Fact)):
        return False
    if isinstance(one.piece, Raised):
        return False
    if _same_line(one, first):
        if _sureness(one) < _sureness(first):
            return False
    elif first.place not in one.piece.through:
        return False
    elif one.place in first.piece.through and one.order < first.order:
        return False  # a loop: each comes by the other's line, and the first was seen first
    return bool(_at_fault(one.piece) & _axes(first.piece))


def _shows_again(one: _Judged, first: _Judged) -> bool:
    """A trial shows again what is wrong with an operation, or with what is inside a function."""
    if isinstance(first.piece, Trial):
        return _same_line(one, first) and first.order < one.order
    if not isinstance(first.piece, Fact):
        return False
    trial = one.piece
    assert isinstance(trial, Trial)
    if trial.first_break is None:
        return first.place.function != "" and first.place.function == trial.place.function
    return _same_line(one, first) or _cites(first, one)


def _sureness(one: _Judged) -> tuple[int, int]:
    return one.finding.severity.rank, one.order


def _cites(one: _Judged, other: _Judged) -> bool:
    """True where a finding names the other's line as the one that it comes from."""
    at = (other.place.file, other.place.line)
    return any((place.file, place.line) == at for place in one.finding.cites)


def _same_line(one: _Judged, other: _Judged) -> bool:
    return (one.place.file, one.place.line) == (other.place.file, other.place.line)


def _at_fault(fact: Fact) -> frozenset[int]:
    """The identities of the axes that a fact is about; of all its operands', where it names none.

    It names an axis by itself, or as the position in an operand.
    """
    named: list[AxisView] = []
    operands: list[Operand] = []
    for one in fields(fact):
        value = getattr(fact, one.name)
        if isinstance(value, Operand):
            operands.append(value)
        elif one.name != "others":
            named += _views(value)
    position = getattr(fact, "position", None)
    if isinstance(position, int) and operands and position < len(operands[0].axes):
        named.append(operands[0].axes[position])
    return _identities(named) if named else _axes(fact)


def _axes(fact: Fact) -> frozenset[int]:
    """The identities of all axes that take part in a fact."""
    return _identities(_views(fact))


def _views(value: object) -> Iterator[AxisView]:
    if isinstance(value, AxisView):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _views(item)
    elif is_dataclass(value) and not isinstance(value, (type, Place)):
        for one in fields(value):
            yield from _views(getattr(value, one.name))


def _identities(views: Iterator[AxisView] | list[AxisView]) -> frozenset[int]:
    return frozenset(number for view in views for number in view.identities if number)
