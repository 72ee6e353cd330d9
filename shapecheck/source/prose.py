"""Shapes that the prose of a Markdown file states of a variable, where the file asks for it.

After `<!-- shapecheck: shapes -->` a sentence of this form is a statement about the code: names
in backticks, a few linking words, a shape. "`x` and `y` have the shape (1, 10, 1)"; "`h_n` is
`(layers, batch, hidden)`"; "`x` 的形状是 (1, 10, 1)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from shapecheck.core.chapter import StatedShape
from shapecheck.core.comment_grammar import ShapeNote, read_shapes
from shapecheck.core.comment_labels import is_hedged
from shapecheck.core.site import Place
from shapecheck.source.markers import markers

if TYPE_CHECKING:
    from markdown_it.token import Token

_NAME = r"`(?P<{}>[^\W\d][\w.]*?)(?:\.shape|\.size\(\))?`"
_LINK = (
    r"(?P<link>(?:\s|[:=,]|\b(?:is|are|has|have|then|now|still|also|both|therefore|again|always|of|with|the|a|an"
    r"|tensors?|shapes?|sizes?)\b|都|的|张量|形状|维度|尺寸|大小|分别|是|为|变成|成了|则|就|仍|也|一直|始终|总|永远)+?)"
)
_SHAPE = r"`?(?P<shape>(?:torch\.Size)?[(（\[][^()（）\[\]]*(?:\[[^\[\]]*\])?[)）\]])`?"
_STATED = re.compile(
    rf"{_NAME.format('first')}(?:(?:,|，|、|\s+and|\s+和|和|与)?\s*{_NAME.format('second')})?"
    rf"{_LINK}{_SHAPE}"
)
_SENTENCE = re.compile(r"[。；;!?！？]|\.(?=\s|$)")


def stated_shapes(
    file: str, tokens: Sequence[Token], starts: Sequence[int]
) -> tuple[StatedShape, ...]:
    """What the prose states, from the marker on. `starts` are the first lines of the blocks."""
    on = False
    ignored = False
    found: list[StatedShape] = []
    for token in tokens:
        if token.type == "html_block":
            for word, slugs in markers(token.content):
                on = (on or word == "shapes") and word != "no shapes"
                ignored = word == "ignore" and (not slugs or "stale-prose" in slugs)
        elif token.type == "inline" and token.map is not None:
            if on and not ignored:
                found += _of_paragraph(file, token, token.map[0] + 1, starts)
            ignored = False
    return tuple(found)


def _of_paragraph(
    file: str, token: Token, first: int, starts: Sequence[int]
) -> Iterator[StatedShape]:
    for line, sentence in _sentences(token, first):
        for found in _STATED.finditer(sentence):
            note = _note(found["shape"])
            around = sentence[: found.start()] + sentence[found.end() :]
            if note is None or not found["link"].strip() or is_hedged(around):
                continue
            at = line + sentence[: found.start("shape")].count("\n")
            before = sum(start <= at for start in starts)
            for name in filter(None, (found["first"], found["second"])):
                yield StatedShape(Place(file, at), name, found["shape"], note, before)


def _sentences(token: Token, first: int) -> Iterator[tuple[int, str]]:
    """The sentences of a paragraph with the line each begins on; code stands in backticks."""
    text = ""
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            text += "\n"
        elif child.type == "code_inline":
            text += f"`{child.content}`"
        elif child.type == "text":
            text += child.content
    at = 0
    for end in [*(found.end() for found in _SENTENCE.finditer(text)), len(text)]:
        yield first + text[:at].count("\n"), text[at:end]
        at = end


def _note(shape: str) -> ShapeNote | None:
    """The shape as the grammar of comments reads it."""
    notes = read_shapes(f"# x: {shape}")
    return notes[0] if len(notes) == 1 and notes[0].certain else None
