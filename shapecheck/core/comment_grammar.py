"""Text to shapes, as people write them in comments, docstrings and legends.

Source: a census of 6,847 distinct shape notes in public torch code. What is not surely a shape
is not guessed into one: a note that may be prose is not read, and a note whose words leave room
for doubt (`e.g.`, `or`, `if`) is read but not `certain`, so that it may explain and not convict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from shapecheck.core.axis import Axis, AxisKind
from shapecheck.core.comment_axis import is_strong_axis_name, looks_like_axis, parse_axis
from shapecheck.core.comment_labels import WIDTHS, Lead, is_hedged, is_setting, read_lead
from shapecheck.core.comment_sequence import bare_shapes, einops_axes, pieces_of
from shapecheck.core.spec import Spec

Side = Literal["", "before", "between", "after"]

_LONGEST = 400
_MOST_AXES = 8
_ARROW = re.compile(r"(?<![-=<|])(?:-{1,3}>|={1,2}>)|[→⇒⟶➜]|(?<=[)\]])\s+to\s+(?=[(\[])")
_CALLEES = re.compile(r"(?:^|[^\w.])(?:torch\.)?(?:Size|Tensor|\w*\.(?:shape|size)|shape|size)\s*$")


@dataclass(frozen=True)
class ShapeNote:
    """One shape in a comment.

    `readings` are the ways to read its text, likeliest first (`[B*T*H]`: three axes, or one).
    `labels` name the variables it is said to belong to. `side` is its place about an arrow.
    `certain` is false where it may explain but not convict. `maybe_values` is true where the
    numbers may be values instead of sizes (`# [2, 3]`). `samples` are the numbers of
    `[batch, seq] = [32, 10]`: an example of the sizes. `enclosed` tells `(B, T)` from `B, T`.
    `loose` is true where the labels count only if the code has such variables.
    """

    readings: tuple[Spec, ...]
    text: str
    start: int
    end: int
    labels: tuple[str, ...] = ()
    side: Side = ""
    certain: bool = False
    maybe_values: bool = False
    samples: tuple[int, ...] = ()
    enclosed: bool = True
    loose: bool = False

    @property
    def spec(self) -> Spec:
        """The likeliest reading."""
        return self.readings[0]

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each axis, empty where the text gives none."""
        return tuple(axis.name or axis.expression for axis in self.spec.axes)


def read_shapes(text: str) -> tuple[ShapeNote, ...]:
    """Every shape that one line of a comment or docstring states, in order.

    Positions count from the start of `text`, whose `#` may be there or not. Never raises.
    """
    plain = text[:_LONGEST].translate(WIDTHS)
    notes: list[ShapeNote] = []
    for start, sentence in _sentences(plain):
        notes += _of_sentence(sentence, start)
    outside = plain
    for note in reversed(notes):
        outside = outside[: note.start] + " " + outside[note.end :]
    if is_hedged(outside):
        notes = [replace(note, certain=False) for note in notes]
    return tuple(notes)


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Parts that do not lend each other words: split at `;` and at a full stop."""
    at = 0
    for found in re.finditer(r";|。|(?<=[)\]\w])\.\s+(?=[A-Z#])", text):
        yield at, text[at : found.start()]
        at = found.end()
    yield at, text[at:]


def _of_sentence(text: str, offset: int) -> list[ShapeNote]:
    arrows = list(_ARROW.finditer(text))
    starts = [0, *(found.end() for found in arrows)]
    ends = [*(found.start() for found in arrows), len(text)]
    notes: list[ShapeNote] = []
    led_by: tuple[str, ...] = ()
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        side = _side(index, len(arrows))
        segment = text[start:end]
        found_here = _of_segment(segment, offset + start, side)
        if index == 1 and not notes and not led_by:
            led_by = _label_before_arrow(text[: ends[0]])
        if led_by and side:
            found_here = [replace(n, labels=n.labels or led_by) for n in found_here]
        notes += found_here
    if arrows and not any(note.side == "before" for note in notes) and len(arrows) > 1:
        notes = [replace(note, certain=False) for note in notes]
    return notes


def _side(index: int, arrows: int) -> Side:
    if not arrows:
        return ""
    return "before" if index == 0 else "after" if index == arrows else "between"


def _label_before_arrow(text: str) -> tuple[str, ...]:
    """`out -> (B, T)`: the name before the arrow owns the shape after it."""
    name = text.strip().lstrip("#").strip()
    return (name,) if re.fullmatch(r"[^\W\d][\w.]*", name) else ()


def _of_segment(text: str, offset: int, side: Side) -> list[ShapeNote]:
    inside = einops_axes(text, between_arrows=bool(side))
    if inside is not None:
        start, end, axes = inside
        return [_note(axes, text, start, end, offset, Lead(bare=True), side, certain=True)]
    notes: list[ShapeNote] = []
    last = 0
    for start, end in _groups(text):
        lead = _lead(text[last:start], follows=bool(notes))
        made = _of_group(text, start, end, offset, lead, side)
        if made:
            notes += made
            last = end
    if notes:
        return _with_samples(notes, text, offset)
    return [
        _note(shape.axes, text, shape.start, shape.end, offset, shape.lead, side,
              certain=shape.certain, enclosed=False, alternatives=shape.alternatives)
        for shape in bare_shapes(text, after_arrow=bool(side))
    ]  # fmt: skip


_JOINS = frozenset(("x", "X", "×", "@", "*", "+", "&", ",", "and", "·", "和"))


def _lead(prefix: str, *, follows: bool) -> Lead:
    """What stands before a group; between two shapes a sign only joins them."""
    words = prefix.strip()
    if follows and words in _JOINS:
        return Lead(led=True)
    if follows and words in ("=", "==", ":", "≈"):
        return Lead(signed=True)
    callee = _CALLEES.search(prefix) if words and words[-1].isalnum() else None
    if callee is not None and re.search(r"Size$|Tensor$", words):
        lead = read_lead(prefix[: callee.start() + 1])
        return replace(lead, cue=True, bare=False)
    return read_lead(prefix)


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the outermost balanced parentheses and brackets."""
    closing = {"(": ")", "[": "]"}
    stack: list[tuple[str, int]] = []
    for at, char in enumerate(text):
        if char in closing:
            stack.append((closing[char], at))
        elif char in ")]":
            if not stack or stack[-1][0] != char:
                stack.clear()
                continue
            _, start = stack.pop()
            if not stack:
                yield start, at + 1


def _of_group(
    text: str, start: int, end: int, offset: int, lead: Lead, side: Side
) -> list[ShapeNote]:
    if _is_code(text, start, end) or is_setting(lead.names):
        return []
    body = text[start + 1 : end - 1]
    inner = list(_groups(body))
    if inner and _only_groups(body, inner):  # torch.Size([1, 2]) · ((B, T), (B,))
        notes = []
        listed = text[start] == "[" and body.lstrip()[0] == "[" and not lead.cue
        for a, b in [] if listed else inner:  # [[7, 10], [15, 22]] are values
            notes += _of_group(text, start + 1 + a, start + 1 + b, offset, lead, side)
        return notes
    texts, alternatives = pieces_of(body)
    if len(texts) > _MOST_AXES:
        return []
    axes = tuple(axis for axis in map(parse_axis, texts) if axis is not None)
    if len(axes) != len(texts) or sum(axis.spans_many for axis in axes) > 1:
        return []
    trailing = body.rstrip().endswith(",")
    whole = lead.bare and not re.search(r"\w", text[end:])
    scalar = lead.cue and not text[:start].rstrip("([").endswith((".size", ".shape"))
    accepted, certain = _accepted(axes, lead, side, trailing, whole, scalar)
    if not accepted:
        return []
    return [
        _note(axes, text, start, end, offset, lead, side, certain=certain,
              alternatives=alternatives)
    ]  # fmt: skip


def _is_code(text: str, start: int, end: int) -> bool:
    """A call, an index or a part of an expression: `f(x, y)`, `x[0, 1]`, `(a, b).c`."""
    before, after = text[:start], text[end:]
    if before and (before[-1].isalnum() or before[-1] in "_)]}\"'"):
        cjk = "\u4e00" <= before[-1] <= "\u9fff"
        if not cjk and not _CALLEES.search(before):
            return True
    if re.match(r"\s*(?:[-+*/%@]\s*[\w(]|\.\w|\(|\[)", after) and not re.match(r"\s*-+>", after):
        return not re.match(r"\s*\*\s*\(|\s+\(|\s+\[", after)
    return False


def _only_groups(body: str, inner: list[tuple[int, int]]) -> bool:
    rest = body
    for a, b in reversed(inner):
        if not re.search(r"[,x×]", body[a:b]) and len(inner) > 1:
            return False
        rest = rest[:a] + rest[b:]
    return not rest.strip(" ,") and not (len(inner) == 1 and "," in rest)


def _accepted(
    axes: tuple[Axis, ...], lead: Lead, side: Side, trailing: bool, whole: bool, scalar: bool
) -> tuple[bool, bool]:
    """Whether a group is a shape at all, and whether that is certain."""
    told = lead.cue or lead.signed or bool(side)
    numbers = all(axis.kind is AxisKind.FIXED and not axis.name for axis in axes)
    if any(axis.size == 0 for axis in axes):
        return False, False
    if len(axes) == 2 and axes[0].text == f"-{axes[1].text}" and not lead.cue:
        return False, False  # from -1 to 1: what values lie between
    if not axes:
        return scalar, scalar
    if len(axes) == 1:
        return _one_axis_accepted(axes[0], lead, told, trailing, whole)
    if numbers:
        return told or whole or bool(lead.names) or lead.bare, told or whole
    like = sum(looks_like_axis(axis) for axis in axes)
    strong = sum(is_strong_axis_name(axis.name or axis.expression) for axis in axes)
    named = sum(axis.kind in (AxisKind.NAMED, AxisKind.SYMBOLIC) for axis in axes)
    if not named and not told:
        return whole, False
    if like * 2 < len(axes):
        return told and like > 0, False
    if whole or told:
        return True, like == len(axes) or strong > 0 or told
    if lead.names or lead.led or lead.bare:
        sure = like == len(axes) and (strong > 0 or like > 2)
        return like == len(axes) or strong > 0, sure
    return like == len(axes) and strong > 0, False


def _one_axis_accepted(
    axis: Axis, lead: Lead, told: bool, trailing: bool, whole: bool
) -> tuple[bool, bool]:
    strong = is_strong_axis_name(axis.name or axis.expression)
    if axis.kind in (AxisKind.ANONYMOUS, AxisKind.ELLIPSIS):
        return False, False
    if axis.kind is AxisKind.FIXED and not axis.name:
        return lead.cue or (trailing and (told or whole)), lead.cue or trailing
    if told:
        like = looks_like_axis(axis) and (trailing or lead.cue)
        return strong or like, strong or like
    like = looks_like_axis(axis)
    return whole and (strong or (trailing and like)), trailing and like


def _with_samples(notes: list[ShapeNote], text: str, offset: int) -> list[ShapeNote]:
    """Join `[batch, seq] = [32, 10]`; two shapes said equal that are not alike are in doubt."""
    result: list[ShapeNote] = []
    for note in notes:
        previous = result[-1] if result else None
        between = text[previous.end - offset : note.start - offset] if previous else ""
        if previous is None or not re.fullmatch(r"\s*(?:={1,2}|≈|:)\s*", between):
            result.append(note)
            continue
        sizes = tuple(a.size for a in note.spec.axes if a.size is not None)
        if len(sizes) == len(note.spec.axes) == len(previous.spec.axes):
            result[-1] = replace(previous, samples=sizes, end=note.end)
        else:
            result[-1] = replace(previous, certain=False)
            result.append(replace(note, certain=False))
    last = result[-1]
    if re.match(r"\s*={1,2}\s*[\w(\[]", text[last.end - offset :]):
        result[-1] = replace(last, certain=False)
    return result


def _note(
    axes: tuple[Axis, ...], text: str, start: int, end: int, offset: int, lead: Lead, side: Side,
    *, certain: bool, enclosed: bool = True, alternatives: tuple[tuple[Axis, ...], ...] = (),
) -> ShapeNote:  # fmt: skip
    numbers = bool(axes) and all(a.kind is AxisKind.FIXED and not a.name for a in axes)
    written = text[start:end].strip()
    readings = tuple(
        Spec(reading, " ".join(axis.text for axis in reading)) for reading in (axes, *alternatives)
    )
    return ShapeNote(
        readings=readings,
        text=written,
        start=offset + start,
        end=offset + end,
        labels=lead.names,
        side=side,
        certain=certain,
        maybe_values=numbers and not lead.cue and not side,
        enclosed=enclosed,
        loose=lead.loose,
    )
