"""Output as an author shows it beside output as it is printed: where the two first differ.

Whole numbers are equal or not; other numbers agree to a thousandth, or to one step of the last
digit shown, where that is little. `...` stands for any text within a line, and for any lines where
it stands alone. Spaces at the end of lines, how many there are between words, colours and
addresses in memory do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

ELLIPSIS = "..."
_RELATIVE = 1e-3
_ROUNDED = 0.02  # a last digit may be rounded the other way, where it is not all there is
_NOISE = 1e-6  # what is this small is rounding, in either
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PADDING = re.compile(r"(?<=[\[(])\s+")
_NUMBER = r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?"
_TRACE = re.compile(r"^[ \t]*Traceback \(most recent call last\):\n(?:[ \t]+.*\n)*", re.MULTILINE)
_TOKEN = re.compile(
    rf"(?P<any>\.\.\.)|(?P<address>0x[0-9a-fA-F]+)|(?P<space>\s+)|(?P<number>(?<![\w.]){_NUMBER})"
)


@dataclass(frozen=True)
class Difference:
    """The first line that differs: its number from 0 as shown, and both texts, empty at an end."""

    line: int
    shown: str
    printed: str


def difference(shown: str, printed: str, *, as_words: bool = False) -> Difference | None:
    """Where printed output first differs from what is shown; None where it does not.

    `as_words` takes line breaks for spaces: how a long value is folded does not count.
    """
    expected, actual = _lines(shown), _lines(printed)
    if as_words and _alike(" ".join(expected), " ".join(actual)):
        return None
    at = 0
    chunks = _chunks(expected)
    for number, (start, chunk) in enumerate(chunks):
        last = number == len(chunks) - 1
        found = _find(chunk, actual, at, anywhere=number > 0, to_end=last)
        if found is None:
            from_end = last and number > 0
            place = max(at, len(actual) - len(chunk)) if from_end else at
            return _first(start, chunk, actual[place:])
        at = found + len(chunk)
    return None if at == len(actual) else Difference(len(expected), "", actual[at])


def stable(shown: str, first: str, second: str) -> str | None:
    """What two runs printed alike, the shown line where they did not; None if nothing is sure."""
    if _same(first, second):
        return first
    lines = [_lines(text) for text in (shown, first, second)]
    if len({len(each) for each in lines}) > 1:
        return None
    return "\n".join(a if _same(a, b) else wanted for wanted, a, b in zip(*lines, strict=True))


def _same(first: str, second: str) -> bool:
    one, two = (re.sub(r"0x[0-9a-fA-F]+", "0x", _COLOUR.sub("", t)) for t in (first, second))
    return one == two


def without_trace(text: str) -> str:
    """A text without the lines of tracebacks: what an exception says stays."""
    return _TRACE.sub("", text)


def _lines(text: str) -> list[str]:
    """The lines without what does not count; of a line that was written over, what stayed."""
    plain = _COLOUR.sub("", text.replace("\r\n", "\n"))
    lines = [line.rstrip("\r").rpartition("\r")[2].rstrip() for line in plain.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines


def _chunks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Runs of lines between lines that stand for any, with the number of their first."""
    chunks: list[tuple[int, list[str]]] = [(0, [])]
    for number, line in enumerate(lines):
        if line.strip() == ELLIPSIS:
            chunks.append((number + 1, []))
        else:
            chunks[-1][1].append(line)
    return chunks


def _find(
    chunk: list[str], lines: list[str], at: int, *, anywhere: bool, to_end: bool
) -> int | None:
    """Where a run of lines stands: at `at`, or anywhere from there; the last one, at the end."""
    if to_end and anywhere:
        places: Sequence[int] = [len(lines) - len(chunk)] if len(lines) - len(chunk) >= at else []
    else:
        places = range(at, len(lines) - len(chunk) + 1) if anywhere else [at]
    for place in places:
        part = lines[place : place + len(chunk)]
        if len(part) == len(chunk) and all(map(_alike, chunk, part)):
            return place
    return None


def _first(start: int, chunk: list[str], lines: list[str]) -> Difference:
    for number, line in enumerate(chunk):
        printed = lines[number] if number < len(lines) else ""
        if number >= len(lines) or not _alike(line, printed):
            return Difference(start + number, line, printed)
    rest = lines[len(chunk)] if len(lines) > len(chunk) else ""
    return Difference(start + len(chunk), "", rest)


def _alike(shown: str, printed: str) -> bool:
    # A sign moves what is set in columns: `[ 0.1,` and `[-0.0,`.
    shown, printed = _PADDING.sub("", shown), _PADDING.sub("", printed)
    if shown.split() == printed.split():
        return True
    pattern, numbers = _pattern(shown)
    found = pattern.fullmatch(printed.strip())
    return found is not None and all(map(_agree, numbers, found.groups()))


@cache
def _pattern(shown: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """What a printed line has to look like, and the numbers that its groups are held against."""
    parts: list[str] = []
    numbers: list[str] = []
    at = 0
    text = shown.strip()
    for token in _TOKEN.finditer(text):
        parts.append(re.escape(text[at : token.start()]))
        at = token.end()
        if token["any"]:
            parts.append(".*?")
        elif token["address"]:
            parts.append("0x[0-9a-fA-F]+")
        elif token["space"]:
            parts.append(r"\s+")
        else:
            numbers.append(token["number"])
            parts.append(rf"({_NUMBER}|[-+]?(?:nan|inf))")
    parts.append(re.escape(text[at:]))
    return re.compile("".join(parts)), tuple(numbers)


def _agree(shown: str, printed: str) -> bool:
    if shown == printed:
        return True
    whole = [re.fullmatch(r"[-+]?\d+", number) is not None for number in (shown, printed)]
    if any(whole):
        return all(whole) and int(shown) == int(printed)
    a, b = float(shown), float(printed)
    if a != a or b != b or abs(a) == float("inf"):
        return False
    step = 10.0 ** -len(shown.lower().partition("e")[0].partition(".")[2])
    if "e" in shown.lower():
        step *= 10.0 ** int(shown.lower().partition("e")[2])
    size = max(abs(a), abs(b))
    return abs(a - b) <= max(min(1.01 * step, _ROUNDED * size), _RELATIVE * size, _NOISE)
