"""What a rule reports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

from shapecheck.core.plain import from_plain, to_plain
from shapecheck.core.site import Place

_WIDTH = 68  # of 80 columns, what pytest's `E` and the indentation of a `with` block leave
_FIRST = 72  # a little more for the line that names the error
_LABEL = 9
_MOST_RELATED = 3
_OURS = str(Path(__file__).parents[1])


class Severity(Enum):
    """How sure, and how bad: an error is wrong; a warning is very likely wrong; a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the most severe."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Finding:
    """One fault, explained.

    `message` says in one sentence what is wrong and names the axis. `expected` and `actual` are
    short. `cause` is the likely cause in one sentence. `remedy` was tried and works, or is empty.
    `bindings` are `batch=4 from x` texts. `notes` are further facts, one sentence each.
    `picture` is a small drawing (a dependency matrix), line by line. `evidence` holds shapes and
    names (plain values, never tensor values). `cites` are the other lines that the texts name.
    `related` are findings that follow from this one, which say nothing of use before it is right,
    and those of the same fault written again.
    """

    slug: str
    severity: Severity
    place: Place
    message: str
    expected: str = ""
    actual: str = ""
    cause: str = ""
    remedy: str = ""
    bindings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    picture: tuple[str, ...] = ()
    evidence: dict[str, Any] | None = None
    cites: tuple[Place, ...] = ()
    related: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON's types."""
        data: dict[str, Any] = to_plain(self)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        """The finding that `to_dict` was called on."""
        return from_plain(cls, data)

    def rows(self) -> list[tuple[str, str]]:
        """What stands below the message, each under its label, expected before actual."""
        rows = [
            ("expected", self.expected),
            ("actual", self.actual),
            ("bindings", ", ".join(self.bindings)),
            ("cause", self.cause),
            ("remedy", self.remedy),
            *(("note", note) for note in self.notes),
            *self._told_with_it(),
        ]
        return [(label, text) for label, text in rows if text]

    def likewise(self, other: Finding) -> bool:
        """True where `other` is the same fault, written again in the same function."""
        mine, its = (
            (f.slug, f.severity, f.place.file, f.place.function, f.expected, f.cause)
            for f in (self, other)
        )
        return bool(self.expected and self.cause) and mine == its

    def _told_with_it(self) -> Iterator[tuple[str, str]]:
        again = [one for one in self.related if self.likewise(one)]
        if again:
            yield "likewise", ", ".join(f"line {one.place.line}" for one in again)
        follow = [one for one in self.related if one not in again]
        for one in follow[:_MOST_RELATED]:
            at = one.place
            file = "" if at.file == self.place.file else f" of {PurePath(at.file).name}"
            here = file == "" and at.line == self.place.line
            where = "" if here else f"line {at.line}{file}: "
            yield "follows", f"{where}{one.message} [{one.slug}]"
        if len(follow) > _MOST_RELATED:
            yield "follows", f"and {len(follow) - _MOST_RELATED} more"

    def lines(self, taken: int = 0) -> list[str]:
        """The finding as plain text: what is wrong, expected before actual, cause, remedy.

        `taken` columns of the first line are taken by what stands before it.
        """
        lines = _wrapped("", f"{self.message} [{self.slug}]", "    ", taken)
        for label, text in self.rows():
            lines += _wrapped(f"  {label:<{_LABEL}} ", text, " " * (_LABEL + 3))
        return lines + [f"    {line}" for line in self.picture]

    def __str__(self) -> str:
        return "\n".join(self.lines())


# A word, with what it holds in quotes or brackets: `(batch, seq)`, `Float[Tensor, "batch seq"]`.
_WORD = re.compile(r"""(?:`[^`]*`|\[[^][]*\]|\([^()]*\)|"[^"]*"|\S)+""")
_LONGEST_WORD = 56  # what a line of a row holds


def _wrapped(first: str, text: str, later: str, taken: int = 0) -> list[str]:
    """A text in lines of `_WIDTH`, broken between words; code stays whole."""
    words = [
        part
        for word in _WORD.findall(text)
        for part in ([word] if len(word) <= _LONGEST_WORD else word.split())
    ]
    lines: list[str] = []
    line = first
    for i, word in enumerate(words):
        room = _WIDTH if lines or not taken else _FIRST - taken
        if i and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = later + word
        else:
            line += f" {word}" if i else word
    return [*lines, line]


class ShapeError(TypeError):
    """A value contradicts its declaration. Carries its finding as plain data; pickles.

    Catch it by name to say that the failure is expected; a handler for a wider class
    (`except Exception`) hides it from the program but not from the report.
    """

    def __init__(self, finding: Finding | str) -> None:
        """`finding` may be a text: worker processes' errors are raised again from their text."""
        super().__init__(finding)
        self.finding = finding if isinstance(finding, Finding) else _told(finding)
        self._text = finding if isinstance(finding, str) else ""

    def __str__(self) -> str:
        if self._text:
            return self._text
        return "\n".join(self.finding.lines(taken=len("shapecheck.ShapeError: ")))

    def __repr__(self) -> str:
        return f"ShapeError({self.finding.message!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        if self._text:
            return (type(self), (self._text,))
        return (_restore, (type(self), self.finding.to_dict()))


def _told(text: str) -> Finding:
    """What can be read from a printed ShapeError: its message and slug, and the line above it."""
    said = re.search(r"ShapeError: (.*?) \[([a-z-]+)\]", text, re.DOTALL)
    lines = re.findall(r'File "(.*?)", line (\d+), in (.*)', text)
    theirs = [found for found in lines if not found[0].startswith(_OURS)]
    file, line, function = theirs[-1] if theirs else ("<unknown>", 0, "")
    message, slug = said.groups() if said else (text.partition("\n")[0], "declaration")
    place = Place(file, int(line), function=function)
    return Finding(slug, Severity.ERROR, place, " ".join(message.split()))


# Tracebacks name an error by its module: as `shapecheck.ShapeError`, the name to catch it by.
ShapeError.__module__ = "shapecheck"


def _restore(kind: type[ShapeError], data: dict[str, Any]) -> ShapeError:
    return kind(Finding.from_dict(data))


class DeclarationError(TypeError):
    """A declaration that cannot be read or evaluated as written: an error in the annotation."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message, place)
        self.message = message
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


DeclarationError.__module__ = "shapecheck"
