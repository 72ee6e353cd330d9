"""Two shape comments of one call that give the same name two sizes, and cannot both be right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shapecheck.core.axis import Role
from shapecheck.core.comment_evidence import CommentEvidence
from shapecheck.core.comment_match import fits
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._refuted import refute
from shapecheck.rules._rewritten import shown
from shapecheck.rules._stated import Candidate, Claim, Stated, role


@dataclass(frozen=True)
class _Bound:
    """A claim's names and their sizes in one call, from the one value it speaks of."""

    claim: Claim
    candidate: Candidate
    sizes: dict[str, int]


def check(evidence: CommentEvidence) -> Iterator[Finding]:
    """A finding for each pair of comments that contradict each other wherever both were seen."""
    stated = Stated(evidence)
    calls = _bindings(stated)
    told: set[str] = set()
    claims = list({id(bound.claim): bound.claim for by in calls.values() for bound in by}.values())
    for number, second in enumerate(claims):
        for first in claims[:number]:
            if first.comment.place.function != second.comment.place.function:
                continue
            together = list(_together(calls, first, second))
            names = {_conflict(stated, a, b) for a, b in together}
            name = names.pop() if len(names) == 1 else None
            if name is not None and str(second.comment.place) not in told:
                told.add(str(second.comment.place))
                yield _finding(name, *together[0])


def _bindings(stated: Stated) -> dict[int, list[_Bound]]:
    """By call, the claims that have one value there, or several of the same shape."""
    calls: dict[int, list[_Bound]] = {}
    for claim in stated.claims:
        if claim.note.side or claim.comment.standing == "docstring":
            continue
        shapes: dict[int, dict[tuple[int, ...], Candidate]] = {}
        for candidate in claim.primaries:
            shapes.setdefault(candidate.moment.call, {})[candidate.shape] = candidate
        for call, seen in shapes.items():
            if len(seen) == 1:
                (candidate,) = seen.values()
                laid = fits(claim.note, candidate.shape, {})
                if laid is not None and not laid.omitted and not refute(stated, claim, candidate):
                    calls.setdefault(call, []).append(_Bound(claim, candidate, laid.sizes))
    return calls


def _together(
    calls: dict[int, list[_Bound]], first: Claim, second: Claim
) -> Iterator[tuple[_Bound, _Bound]]:
    for bounds in calls.values():
        a = [bound for bound in bounds if bound.claim is first]
        b = [bound for bound in bounds if bound.claim is second]
        if a and b:
            yield a[0], b[0]


def _conflict(stated: Stated, a: _Bound, b: _Bound) -> str | None:
    """The name that cannot have both sizes, where no reading of either comment saves it."""
    shared = [name for name in a.sizes if name in b.sizes and a.sizes[name] != b.sizes[name]]
    for name in shared:
        x, y = a.sizes[name], b.sizes[name]
        if 1 in (x, y) or not (_exchanged(a, b, name) or _is_one_batch(a, b, name)):
            continue
        if not _saved(a, b.sizes) and not _saved(b, a.sizes):
            return name
    return None


def _exchanged(a: _Bound, b: _Bound, name: str) -> bool:
    """Two names have each other's sizes: two axes are written in the other's place."""
    return any(
        other != name
        and other in b.sizes
        and a.sizes[other] == b.sizes[name]
        and b.sizes[other] == a.sizes[name]
        for other in a.sizes
    )


def _is_one_batch(a: _Bound, b: _Bound, name: str) -> bool:
    """A batch axis by a name of more than a letter, in one call of one function.

    A module goes through several batches; a product of the batch with something is written
    `batch` too.
    """
    x, y = a.sizes[name], b.sizes[name]
    inside = a.candidate.moment.call != 0 and role(name) is Role.BATCH
    return inside and x % y != 0 and y % x != 0


def _saved(bound: _Bound, sizes: dict[str, int]) -> bool:
    """True where the comment may speak of another value, which agrees with the other comment."""
    shared = {name: frozenset((size,)) for name, size in sizes.items() if name in bound.sizes}
    return any(
        candidate.moment.call == bound.candidate.moment.call
        and fits(bound.claim.note, candidate.shape, shared) is not None
        for candidate in bound.claim.candidates
    )


def _finding(name: str, a: _Bound, b: _Bound) -> Finding:
    first, second = a.claim.comment.place, b.claim.comment.place
    other = f"line {first.line}: `{a.claim.note.text}` is {shown(a.candidate.shape)}"
    return Finding(
        "comment-conflict",
        Severity.WARNING,
        second,
        f"`{name}` is {a.sizes[name]} in the comment of line {first.line} "
        f"and {b.sizes[name]} in this one",
        expected=f"{name}={a.sizes[name]} in `{b.claim.note.text}`",
        actual=shown(b.candidate.shape),
        cause="one of the two comments is wrong, or the code is",
        bindings=tuple(f"{key}={size} from line {first.line}" for key, size in a.sizes.items()),
        notes=(other,),
        evidence={"name": name, "sizes": [a.sizes[name], b.sizes[name]]},
        cites=(first,),
    )


RULE = Rule(
    slug="comment-conflict",
    severity=Severity.WARNING,
    summary="Two shape comments of one call give a name two sizes.",
    judges=CommentEvidence,
    check=check,
)
