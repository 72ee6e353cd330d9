"""Shapes as sequences: how the text of one is cut into axes, with parentheses and without.

`B, T, C` · `1 x 10 x 1` · `28x28x1` · `C*H*W` · `BCHW` · `(b t) c h w`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shapecheck.core.axis import Axis, AxisKind, Role, role_of
from shapecheck.core.comment_axis import (
    is_axis_name,
    is_strong_axis_name,
    looks_like_axis,
    parse_axis,
)
from shapecheck.core.comment_labels import Lead, read_lead

_TIMES = re.compile(r"(?<=[\w)])\s+[xX]\s+(?=[\w(?-])|\s*×\s*|(?<=\d)[xX](?=\d)")
_SHAPE_CUE = re.compile(
    r"(?:\b(?:shapes?|sizes?|dims?|dimensions?)|形状|维度|尺寸|大小)\s*(?:of|is|=|==|:|为|是)*\s+"
    r"(?=[\w?-]+\s*[,xX×]|\d+[xX×]\d)",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"^\s*#?\s*(?P<lead>[^:=,()\[\]]{1,60}?\s*(?::|={1,2}))\s*(?P<rest>.+)$")
_GLOSS = re.compile(r"(?<=\w)\s*\([^(),]*\)")
_GLUED = re.compile(r"[BN](?!.*[BN])[CHWTLDS]{1,4}|C?HWC?|CHW")

Alternatives = tuple[tuple[Axis, ...], ...]


@dataclass(frozen=True)
class BareShape:
    """A shape written without parentheses, at `start:end` of its text."""

    axes: tuple[Axis, ...]
    start: int
    end: int
    lead: Lead
    certain: bool
    alternatives: Alternatives = ()


def pieces_of(body: str) -> tuple[list[str], Alternatives]:
    """The texts of the axes of a group, and the other ways to read it.

    Commas part axes; without one, ` x ` does; a product (`[B*T*H]`) is mostly three axes and
    may be one.
    """
    texts = [part.strip() for part in _at_commas(body)]
    if texts and not texts[-1]:
        texts.pop()
    if len(texts) != 1:
        return texts, ()
    crossed = [part.strip() for part in _TIMES.split(texts[0])]
    if len(crossed) > 1 and all(crossed):
        return crossed, ()
    if re.fullmatch(r"[\w\s]+(?:\*[\w\s]+)+", texts[0]) and not body.rstrip().endswith(","):
        product = parse_axis(texts[0])
        starred = [part.strip() for part in texts[0].split("*")]
        if product is not None and not all(part.isdigit() for part in starred):
            return starred, ((product,),)
    return texts, ()


def _at_commas(body: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, char in enumerate(body):
        depth += (char in "([") - (char in ")]")
        if char in ",;" and depth == 0:
            yield body[start:at]
            start = at + 1
    yield body[start:]


def bare_shapes(text: str, *, after_arrow: bool) -> list[BareShape]:
    """The shape that a text without parentheses states; nothing where it may be prose.

    The whole of the text has to be the shape, or all that follows `x:` or `shape`.
    """
    if re.search(r"[(\[{\"'`]", _GLOSS.sub("", text)):
        return []
    stripped = text.strip().lstrip("#").strip().rstrip(".,")
    offset = text.find(stripped) if stripped else 0
    for lead, start in _leads(stripped, after_arrow):
        shape = _sequence(stripped[start:], lead, after_arrow)
        if shape is not None:
            axes, certain, alternatives = shape
            end = offset + len(stripped)
            return [BareShape(axes, offset + start, end, lead, certain, alternatives)]
    return []


def _leads(text: str, after_arrow: bool) -> Iterator[tuple[Lead, int]]:
    signed = _SIGNED.match(text)
    said = [(read_lead(signed["lead"]), signed.start("rest"))] if signed else []
    bare = [(Lead(bare=True), 0)]
    named = said and said[0][0].names and signed is not None and signed["lead"].endswith(":")
    yield from said + bare if named else bare + said  # `z: 20 x 1`, but `B=32, T=10`
    cues = list(_SHAPE_CUE.finditer(text))
    if cues:
        lead = read_lead(text[: cues[-1].end()])
        yield Lead(lead.names, True, lead.signed, lead.led), cues[-1].end()


def _sequence(
    text: str, lead: Lead, after_arrow: bool
) -> tuple[tuple[Axis, ...], bool, Alternatives] | None:
    told = lead.cue or lead.signed or after_arrow
    if _GLUED.fullmatch(text):
        letters = tuple(Axis(letter, AxisKind.NAMED, letter) for letter in text)
        return (letters, lead.cue, ()) if lead.cue or after_arrow or lead.bare else None
    if "," in text:
        return _of_commas(text, lead, after_arrow, told)
    crossed = _axes(_TIMES.split(text))
    if crossed is not None:
        return crossed, told or len(crossed) > 2, ()
    if after_arrow and re.fullmatch(r"\w+(?:\s*\*\s*\w+)+", text):
        starred = _axes(text.split("*"))
        product = parse_axis(text)
        if starred is not None and product is not None:
            return starred, False, ((product,),)
    return None


def _of_commas(
    text: str, lead: Lead, after_arrow: bool, told: bool
) -> tuple[tuple[Axis, ...], bool, Alternatives] | None:
    axes = _axes(text.split(","))
    if axes is None or any(len(axis.text.split()) > 2 or "#" in axis.text for axis in axes):
        return None
    if all(axis.kind is AxisKind.FIXED for axis in axes):
        return (axes, True, ()) if lead.cue or after_arrow else None
    strong = any(is_strong_axis_name(axis.name or axis.expression) for axis in axes)
    letters = all(len(axis.name) == 1 and axis.name.isupper() for axis in axes if axis.name)
    if not told and not strong and not (letters and len(axes) > 2):
        return None
    batch = any((hint := role_of(a.name)) and hint.role is Role.BATCH for a in axes)
    return axes, told or (batch and strong) or (letters and len(axes) > 2), ()


def _axes(texts: list[str]) -> tuple[Axis, ...] | None:
    if not 2 <= len(texts) <= 8:
        return None
    axes = tuple(axis for axis in map(parse_axis, texts) if axis is not None)
    if len(axes) != len(texts) or not all(map(looks_like_axis, axes)):
        return None
    if any(axis.size == 0 for axis in axes) or sum(axis.spans_many for axis in axes) > 1:
        return None
    return axes


def einops_axes(text: str, *, between_arrows: bool) -> tuple[int, int, tuple[Axis, ...]] | None:
    """`(b t) c h w` as axes, with where it starts and ends; None where it is not of this form.

    Without a group in parentheses (`b c h w`) it is read only beside an arrow.
    """
    found = re.fullmatch(r"[\s#]*((?:\([\w ]+\)|\w+)(?:\s+(?:\([\w ]+\)|\w+))+)\s*\.?\s*", text)
    if found is None:
        return None
    parts = re.findall(r"\([\w ]+\)|\w+", found.group(1))
    merged = [part for part in parts if part.startswith("(")]
    if not merged and not between_arrows:
        return None
    names = re.findall(r"\w+", found.group(1))
    if "x" in names or "X" in names:  # `T x B x C`
        return None
    if not all(is_axis_name(name) or name.isdigit() or len(name) <= 2 for name in names):
        return None
    if merged and not any(" " in part.strip("( )") for part in merged):
        return None
    if not all(is_axis_name(name) or name.isdigit() for name in names if len(name) > 2):
        return None
    if sum(is_axis_name(name) for name in names) * 2 < len(names) or len(parts) > 8:
        return None
    axes = tuple(filter(None, (parse_axis(" * ".join(p.strip("()").split())) for p in parts)))
    return (found.start(1), found.end(1), axes) if len(axes) == len(parts) else None
