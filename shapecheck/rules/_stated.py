"""What the rules about shape comments have in common: the readings of a comment's placement,
and the witnesses that give its names a size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from shapecheck.core.axis import Role, role_of
from shapecheck.core.comment_evidence import CommentEvidence, Moment, ShapeComment, Value
from shapecheck.core.comment_grammar import ShapeNote
from shapecheck.core.comment_labels import joined_meaning
from shapecheck.core.comment_match import fits, names_in, spelled_alike, stem

_PLAIN = frozenset(("tuple", "NoneType", "int", "float", "bool", "str", "Size", "complex"))
# A recurrent state has no time axis: a comment that names one does not speak of it.
_STATE = re.compile(r"[hc]_?[0nxt]?|(?:\w+_)?(?:hidden|state|hiddens|cell)(?:_state)?(?:_?[0nt])?")
_JUDGED = ("beside", "above", "docstring")


@dataclass(frozen=True)
class Candidate:
    """A value that a comment may describe, and the moment at which it was seen."""

    value: Value
    moment: Moment
    primary: bool

    @property
    def shape(self) -> tuple[int, ...]:
        shape = self.value.actual.shape
        assert shape is not None
        return shape


@dataclass(frozen=True)
class Claim:
    """One shape of a comment with everything that it may describe.

    `subject` is the variable it is said to belong to, empty where the comment names none that
    the code has. `judged` is false where something it may describe could not be seen.
    """

    comment: ShapeComment
    note: ShapeNote
    subject: str
    candidates: tuple[Candidate, ...]
    judged: bool

    @property
    def primaries(self) -> tuple[Candidate, ...]:
        """The values that it most likely describes: results, or the named variable."""
        return tuple(candidate for candidate in self.candidates if candidate.primary)


@dataclass
class Stated:
    """The claims of one file, with what was seen of them."""

    evidence: CommentEvidence
    _moments: dict[str, list[Moment]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for moment in self.evidence.moments:
            self._moments.setdefault(moment.statement, []).append(moment)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Every shape that a comment states with certainty, of a value that was seen."""
        return tuple(
            claim
            for comment in self.evidence.comments
            if comment.standing in _JUDGED
            for note in comment.notes
            if note.certain and note.side != "between"
            for claim in self._claims(comment, note)
            if claim.judged and claim.primaries
        )

    def _claims(self, comment: ShapeComment, note: ShapeNote) -> Iterator[Claim]:
        named = comment.named or {}
        labels = [label for label in note.labels if label in named]
        for label in labels:
            yield self._labelled(comment, note, label)
        if not labels and not note.loose and comment.standing != "docstring":
            yield self._unlabelled(comment, note)

    def _labelled(self, comment: ShapeComment, note: ShapeNote, label: str) -> Claim:
        """A named variable: as it was and became here; elsewhere where this line has none of it."""
        assert comment.named is not None
        here = (*comment.statements, *comment.previous)
        ids = dict.fromkeys(here)
        if comment.standing != "beside" or not self._sees(comment.statements, label):
            ids |= dict.fromkeys(comment.named[label])
        # What stands after an arrow in a docstring is what comes out, by whatever name.
        after = comment.standing == "docstring" and note.side == "after"
        out = comment.named.get("return", ()) if after or label == "return" else ()
        ids |= dict.fromkeys(out)
        candidates: list[Candidate] = []
        judged = True
        for moment in self._at(ids):
            for value in moment.values:
                returned = value.seen_as == "made" and moment.statement in out
                if value.name != label and not returned:
                    continue
                if value.actual.shape is None and not value.part:
                    judged = judged and value.seen_as != "made"
                elif value.actual.shape is not None and value.actual.type != "Size":
                    primary = value.seen_as == "made" or comment.standing != "beside"
                    candidates.append(Candidate(value, moment, primary))
        return Claim(comment, note, label, tuple(candidates), judged and self._kept(ids))

    def _sees(self, ids: Iterable[str], name: str) -> bool:
        return any(
            value.name == name and value.actual.shape is not None and value.seen_as == "made"
            for moment in self._at(ids)
            for value in moment.values
        )

    def _unlabelled(self, comment: ShapeComment, note: ShapeNote) -> Claim:
        """The results of the line or paragraph; then the state before, arguments, line before."""
        candidates: list[Candidate] = []
        judged = True
        ids = dict.fromkeys((*comment.statements, *comment.previous))
        timed = any(role(n) is Role.TIME for axis in note.spec.axes for n in names_in(axis))
        first = comment.statements[:1] if comment.standing == "above" else comment.statements
        for moment in self._at(ids):
            for value in moment.values:
                if value.seen_as == "before" and value.name not in comment.states:
                    continue
                if value.name == "_" or (timed and _STATE.fullmatch(value.name)):
                    continue
                own = moment.statement in first and value.seen_as == "made"
                if value.actual.shape is None:
                    if own and value.actual.type not in _PLAIN:
                        judged = False
                    continue
                candidates.append(Candidate(value, moment, own and value.actual.type != "Size"))
        candidates = _about_tensors(candidates) or _about_shapes(candidates, first)
        return Claim(comment, note, "", tuple(candidates), judged and self._kept(ids))

    def _at(self, ids: Iterable[str]) -> Iterator[Moment]:
        for id in ids:
            yield from self._moments.get(id, ())

    def _kept(self, ids: Iterable[str]) -> bool:
        """True where every content of these statements was kept."""
        return not set(ids) & set(self.evidence.overflowing)

    @cached_property
    def _sized(self) -> frozenset[str]:
        return frozenset(name.rsplit(".", 1)[-1] for name in self.evidence.sized)

    def witnesses(self, note: ShapeNote, moment: Moment) -> dict[str, frozenset[int]]:
        """The sizes that variables of the code give to the names of a note.

        Only variables that the code itself uses as sizes count. Where several variables of the
        same name differ, each may be meant.
        """
        words = {w for reading in note.readings for axis in reading.axes for w in names_in(axis)}
        result = {}
        for word in words:
            sizes = self._sizes_of(word, moment)
            if sizes:
                result[word] = sizes
        return result

    def _sizes_of(self, word: str, moment: Moment) -> frozenset[int]:
        known = [
            (name.rsplit(".", 1)[-1], size)
            for name, size in moment.sizes
            if name.rsplit(".", 1)[-1] in self._sized
        ]
        meant = [legend for legend in self.evidence.legends if _means(legend.meaning, word)]
        symbols = {legend.symbol for legend in meant}
        exact = frozenset(s for name, s in known if spelled_alike(name, word) or name in symbols)
        if exact:
            return exact
        return frozenset(s for name, s in known if stem(word) and stem(name) == stem(word))

    def bindings(self, claim: Claim, call: int) -> dict[str, frozenset[int]]:
        """The sizes that the other comments of a call give to names."""
        found: dict[str, set[int]] = {}
        for other in self.claims:
            if other.comment is claim.comment:
                continue
            for candidate in other.primaries:
                if candidate.moment.call == call:
                    laid = fits(other.note, candidate.shape, {})
                    for name, size in laid.sizes.items() if laid is not None else ():
                        found.setdefault(name, set()).add(size)
        return {name: frozenset(sizes) for name, sizes in found.items() if len(sizes) == 1}

    @cached_property
    def agreements(self) -> dict[str, dict[int, frozenset[int]]]:
        """For each name, by the number of the comment, the sizes it has where the comment fits."""
        found: dict[str, dict[int, set[int]]] = {}
        for number, claim in enumerate(self.claims):
            for candidate in claim.primaries:
                laid = fits(claim.note, candidate.shape, {})
                for name, size in laid.sizes.items() if laid is not None else ():
                    found.setdefault(name, {}).setdefault(number, set()).add(size)
        return {
            name: {number: frozenset(sizes) for number, sizes in by.items()}
            for name, by in found.items()
        }

    def agreed(self, name: str, size: int, claim: Claim) -> bool:
        """True where a comment on another line gives the name this one size."""
        return any(
            sizes == {size} and self.claims[number].comment.place != claim.comment.place
            for number, sizes in self.agreements.get(name, {}).items()
        )


def _about_tensors(candidates: list[Candidate]) -> list[Candidate]:
    """The tensors, where the line makes one."""
    tensors = [c for c in candidates if c.value.actual.type != "Size"]
    return tensors if any(candidate.primary for candidate in tensors) else []


def _about_shapes(candidates: list[Candidate], own: Iterable[str]) -> list[Candidate]:
    """`print(x.size())  # (64, 100)`: the shapes that the line shows, and nothing else."""
    ids = set(own)
    return [
        Candidate(c.value, c.moment, primary=True)
        for c in candidates
        if c.value.actual.type == "Size" and c.moment.statement in ids
    ]


def _means(meaning: str, word: str) -> bool:
    joined = joined_meaning(meaning)
    return spelled_alike(joined, word) or (bool(stem(word)) and stem(joined) == stem(word))


def role(name: str) -> Role | None:
    """The role that a name of more than a letter suggests."""
    hint = role_of(name)
    return hint.role if hint is not None and not hint.weak else None
