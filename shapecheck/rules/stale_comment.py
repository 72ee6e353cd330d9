"""A shape comment that contradicts every value it may describe, each time it was seen."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.comment_evidence import CommentEvidence
from shapecheck.core.comment_match import fits
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.site import Place
from shapecheck.rules._refuted import Refutation, refute
from shapecheck.rules._rewritten import reversed_arrow, rewritten, shown
from shapecheck.rules._stated import Candidate, Claim, Stated


def check(evidence: CommentEvidence) -> Iterator[Finding]:
    """A finding for each comment that is wrong under every reading of it."""
    stated = Stated(evidence)
    told: set[tuple[int, str]] = set()
    for claim in stated.claims:
        place = (claim.comment.place.line, claim.comment.place.file)
        if place in told:
            continue
        finding = _arrow(stated, claim) or _plain(stated, claim)
        if finding is not None:
            told.add(place)
            yield finding


def _plain(stated: Stated, claim: Claim) -> Finding | None:
    if claim.note.side == "before" or _told_by_another(stated, claim):
        return None
    candidates = [c for c in claim.candidates if _may_be_meant(claim, c)]
    refuted = [refute(stated, claim, candidate) for candidate in candidates]
    if not candidates or any(reason is None for reason in refuted):
        return None
    pairs = [(c, r) for c, r in zip(candidates, refuted, strict=True) if r and c.primary]
    if not pairs:
        return None
    best, reason = min(pairs, key=lambda pair: _distance(pair[1]))
    return _finding(stated, claim, best, reason)


def _told_by_another(stated: Stated, claim: Claim) -> bool:
    """Of two shapes in a sentence about one value, the one that fits it leaves the other to be
    that of another tensor (`make it [C x 1 x 1], to work with an image of [B x C x H x W]`)."""
    values = {(c.moment.statement, c.value.name) for c in claim.primaries}
    if claim.subject or claim.note.side or len(values) != 1:
        return False
    return any(
        all(_fits(stated, other, c) for c in claim.primaries)
        for other in stated.claims
        if other.comment is claim.comment and other.note is not claim.note
        if not (other.subject or other.note.side)
    )


def _may_be_meant(claim: Claim, candidate: Candidate) -> bool:
    """What stands after an arrow at the end of a line is no state before and no argument."""
    result = claim.note.side != "after" or claim.comment.standing != "beside"
    return result or candidate.value.seen_as in ("made", "inner")


def _distance(reason: Refutation) -> tuple[bool, int]:
    return reason.why == "rank", abs(len(reason.laid.shape) - len(reason.laid.spec.axes))


_CAUSES = {
    "rank": "the comment counts {expected}, the value has {actual}",
    "number": "the numbers are those of another configuration",
    "repeated": "one name stands for two sizes",
    "swapped": "two axes are written in the other's place",
    "doubled": "two directions double the size",
    "factor": "the code has another multiple of the variable here",
    "name": "the axis is another one than the comment names",
}


def _finding(stated: Stated, claim: Claim, candidate: Candidate, reason: Refutation) -> Finding:
    note, comment = claim.note, claim.comment
    what = f"`{claim.subject or candidate.value.name}`" if candidate.value.name else "the value"
    if claim.subject == "return":
        what = "the return value"
    witnesses = stated.witnesses(note, candidate.moment)
    bindings = tuple(
        f"{name}={size}" for name, sizes in sorted(witnesses.items()) for size in sorted(sizes)
    )
    rank = len(reason.laid.shape)
    cause = _CAUSES[reason.why].format(
        expected=_axes(len(reason.laid.spec.axes)), actual=_axes(rank)
    )
    moments = {c.shape for c in claim.primaries}
    many = len(moments) > 1
    seen = tuple(f"also seen: {shown(shape)}" for shape in sorted(moments - {candidate.shape})[:3])
    return Finding(
        "stale-comment",
        Severity.WARNING,
        comment.place,
        f"the comment says `{note.text}`, but {what} is {shown(candidate.shape)}"
        + (", and never what it says" if many else ""),
        expected=note.text,
        actual=shown(candidate.shape),
        cause=cause,
        remedy=rewritten(stated, claim, candidate, reason),
        bindings=bindings,
        notes=seen,
        evidence={"comment": comment.text, "shape": list(candidate.shape), "why": reason.why},
        cites=_statement(comment.place, candidate.moment.statement),
    )


def _statement(place: Place, id: str) -> tuple[Place, ...]:
    """Where the statement begins, if it is not on the comment's line."""
    file, line, column = id.rsplit(":", 2)
    statement = Place(file, int(line), int(column), place.function)
    return (statement,) if (file, statement.line) != (place.file, place.line) else ()


def _axes(count: int) -> str:
    return "1 axis" if count == 1 else f"{count} axes"


def _arrow(stated: Stated, claim: Claim) -> Finding | None:
    """`(B, C, T) -> (B, T, C)` beside code that does the reverse."""
    after = claim
    befores = [
        other
        for other in stated.claims
        if other.comment is after.comment and other.note.side == "before"
    ]
    if after.note.side != "after" or len(befores) != 1:
        return None
    before = befores[0]
    made = [c for c in after.candidates if c.value.seen_as == "made"]
    given = [c for c in after.candidates if c.value.seen_as in ("before", "argument")]
    if not made or not given or not all(refute(stated, after, c) for c in made):
        return None
    came_out = all(_fits(stated, before, c) for c in made)
    went_in = any(_fits(stated, after, c) for c in given)
    if not came_out or not went_in:
        return None
    actual = f"{before.note.text} is {shown(made[0].shape)}, made here"
    return Finding(
        "stale-comment",
        Severity.WARNING,
        after.comment.place,
        f"the arrow points the wrong way: `{before.note.text}` is what comes out",
        expected=f"{before.note.text} -> {after.note.text}",
        actual=actual,
        cause="before and after are exchanged",
        remedy=reversed_arrow(before, after),
        evidence={"comment": after.comment.text, "shape": list(made[0].shape), "why": "arrow"},
    )


def _fits(stated: Stated, claim: Claim, candidate: Candidate) -> bool:
    witnesses = stated.witnesses(claim.note, candidate.moment)
    return fits(claim.note, candidate.shape, witnesses) is not None


RULE = Rule(
    slug="stale-comment",
    severity=Severity.WARNING,
    summary="A shape comment contradicts every value it may describe.",
    judges=CommentEvidence,
    check=check,
)
