"""What the source says at a line: the expression being run, and the comments beside it."""

from __future__ import annotations

import ast
import io
import linecache
import re
import tokenize
from functools import lru_cache
from types import CodeType

from shapecheck.runtime.flow.frames import position

Extent = tuple[int, int, int, int]  # line, column, end line, end column


class Source:
    """One file, parsed: nodes by their extent, parents, comments by line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines()
        self.tree = ast.parse(text)
        self.nodes: dict[Extent, list[ast.AST]] = {}
        self.parents: dict[int, ast.AST] = {}
        self.comments = _comments(text)
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parents[id(child)] = node
            extent = extent_of(node)
            if extent is not None:
                self.nodes.setdefault(extent, []).append(node)

    def at(self, extent: Extent) -> ast.AST | None:
        """The expression of exactly this extent, innermost of those that share it."""
        found = [node for node in self.nodes.get(extent, ()) if isinstance(node, ast.expr)]
        return found[-1] if found else None

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The statement that an expression belongs to."""
        at: ast.AST | None = node
        while at is not None and not isinstance(at, ast.stmt):
            at = self.parents.get(id(at))
        return at

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node around this one."""
        return self.parents.get(id(node))

    def comment(self, line: int) -> str:
        """The comment at the end of a line, without its sign."""
        return self.comments.get(line, "")


def extent_of(node: ast.AST) -> Extent | None:
    """Where a node stands; None for nodes without a place (operators, contexts)."""
    if not isinstance(node, (ast.expr, ast.stmt)):
        return None
    return (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)


def _comments(text: str) -> dict[int, str]:
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string.lstrip("#").strip()
    except (tokenize.TokenError, IndentationError, SyntaxError):
        pass
    return found


@lru_cache(maxsize=512)
def _parsed(filename: str, stamp: int) -> Source | None:
    text = "".join(linecache.getlines(filename))
    try:
        return Source(text) if text else None
    except (SyntaxError, ValueError, RecursionError):
        return None


def source_of(filename: str) -> Source | None:
    """The file as it was when it was first read, or None where it cannot be read."""
    lines = linecache.getlines(filename)
    return _parsed(filename, hash(tuple(lines)) if filename.startswith("<") else len(lines))


def node_at(code: CodeType, lasti: int) -> tuple[Source, ast.AST] | None:
    """The expression that an instruction evaluates, with its file."""
    source = source_of(code.co_filename)
    if source is None:
        return None
    node = source.at(position(code, lasti))
    return None if node is None else (source, node)


def text_of(node: ast.AST | None, most: int = 60) -> str:
    """An expression as text, cut where it is long."""
    if node is None:
        return ""
    text = ast.unparse(node)
    return text if len(text) <= most else text[: most - 1] + "…"


def legend(comment: str, count: int) -> tuple[str, ...]:
    """The words of a comment that explains `count` names in their order: `# batch, seq, dim`.

    Empty where the comment does not hold exactly that many entries.
    """
    entries = [entry.strip() for entry in re.split(r"[,;]", comment)]
    if len(entries) != count or not all(_is_wording(entry) for entry in entries):
        return ()
    return tuple(entries)


def _is_wording(entry: str) -> bool:
    return 0 < len(entry) <= 40 and entry.count(" ") <= 3


_LISTED = re.compile(r"(?<=,\s)[\[(][^()\[\]]*[)\]]")  # `(hours, [load, price])`
_SHAPE = re.compile(r"^[^()\[\]]{0,24}?[(\[]([^()\[\]]+)[)\]]")


def shape_comment(comment: str, rank: int) -> tuple[str, ...]:
    """The axis names of a comment that begins with a shape of this rank: `# (batch, seq, dim)`.

    Empty where it does not, or where an arrow says that there are two shapes.
    """
    if "->" in comment or "→" in comment or "=>" in comment:
        return ()
    found = _SHAPE.match(_LISTED.sub("values", comment))
    if not found:
        return ()
    names = [name.strip() for name in found[1].rstrip(", ").split(",")]
    if len(names) != rank or not all(re.fullmatch(r"[\w .*+-]{1,30}", name) for name in names):
        return ()
    return tuple(names)


_UNIT = r"[a-z]+(?:[ -](?:steps?|frames?|points?|tokens?))?"
_COUNT = re.compile(rf"(?<![\w.])(\d+) ({_UNIT})(?![\w(])", re.IGNORECASE)


def counts_in(comment: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """What a comment counts that are sizes here: `# 6 machines, 9 time steps` beside (6, 9, 4).

    An entry for each axis, "" for those that no count speaks of. Two counts or two axes of one
    size tell nothing, and where one number is no size all may be about something else.
    """
    found = [(int(count), word) for count, word in _COUNT.findall(comment)]
    counts = [count for count, _ in found]
    if not found or not all(counts.count(n) == shape.count(n) == 1 for n in counts):
        return ()
    words = dict(found)
    return tuple(words.get(size, "") for size in shape)


def words_as_name(wording: str) -> str:
    """`batch size` and `n. of time-steps` as a variable would spell them."""
    words = re.findall(r"[A-Za-z_][A-Za-z0-9_]*", wording)
    return "_".join(words).lower()
