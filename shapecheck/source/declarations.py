"""Shapes that people state in comments, docstrings and legends, and what each may describe.

A comment above a line may speak of the state before it, of its result, of the paragraph below,
or of the line before; one at the end of a line of its result, its arguments, or the state
before. All of these are listed; the rules find a comment wrong only where none of them fits.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from shapecheck.core.comment_evidence import (
    Legend,
    PointKind,
    ShapeComment,
    Standing,
    WatchPoint,
)
from shapecheck.core.comment_grammar import ShapeNote, read_shapes
from shapecheck.core.comment_labels import read_legend
from shapecheck.core.site import Place
from shapecheck.source.legends import legend_beside, multiples_in, sized_names
from shapecheck.source.statements import (
    Function,
    Statement,
    Statements,
    bound_by,
    literals_in,
    parameters,
    surely_bound,
    touched_by,
)
from shapecheck.source.units import CodeUnit

_SECTION = re.compile(r"\s*(returns?|outputs?|返回值?|输出)\s*[:：]?\s*$", re.IGNORECASE)
_OTHER_SECTION = re.compile(
    r"\s*(args?|arguments|parameters|params|inputs?|参数|输入)\s*[:：]", re.IGNORECASE
)
_TWO_WAYS = re.compile(r"bidirectional\s*=\s*(?:True|bi|self)|num_directions|\bbidirectional\b")


@dataclass(frozen=True)
class CommentedCode:
    """The shape comments of a unit, its legends, and the statements to watch for them."""

    comments: tuple[ShapeComment, ...] = ()
    legends: tuple[Legend, ...] = ()
    points: tuple[WatchPoint, ...] = ()
    sized: tuple[str, ...] = ()
    doubled: bool = False
    multiples: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class NamedAxes:
    """Axis names that a comment gives to a value: weak evidence, which explains.

    `variable` is None where the comment names none and the line assigns not exactly one.
    `names` has one name an axis, empty where the comment gives none.
    """

    line: int
    variable: str | None
    names: tuple[str, ...]
    certain: bool


def read_comments(unit: CodeUnit) -> CommentedCode:
    """The shape comments of a unit. A unit that is not valid Python has none."""
    try:
        tree = unit.tree()
    except (SyntaxError, ValueError, RecursionError):
        return CommentedCode()
    return _Reader(unit, Statements.of(tree), tree).read()


def named_axes(unit: CodeUnit) -> tuple[NamedAxes, ...]:
    """The axis names that the comments of a unit give, for the tracker.

    Only comments beside a statement, above one with a label, or of parameters in a docstring:
    those whose line is known.
    """
    return tuple(
        NamedAxes(comment.place.line, variable, note.names, note.certain)
        for comment in read_comments(unit).comments
        for note in comment.notes
        if note.side not in ("before", "between")
        if note.labels or comment.standing == "beside"
        for variable in note.labels or (_only(comment.targets),)
    )


def _only(names: tuple[str, ...]) -> str | None:
    return names[0] if len(names) == 1 else None


@dataclass
class _Reader:
    unit: CodeUnit
    statements: Statements
    tree: ast.Module
    comments: list[ShapeComment] = field(default_factory=list)
    legends: list[Legend] = field(default_factory=list)
    points: dict[str, WatchPoint] = field(default_factory=dict)

    def read(self) -> CommentedCode:
        for comment in self.unit.comments():
            if comment.alone:
                self._alone(comment.line, comment.column, comment.text)
            else:
                self._beside(comment.line, comment.column, comment.text)
        for statement in self.statements.all:
            self._docstring(statement)
        return CommentedCode(
            tuple(self.comments),
            tuple(self.legends),
            tuple(self.points.values()),
            sized_names(self.tree),
            _TWO_WAYS.search(self.unit.code) is not None,
            multiples_in(self.tree),
        )

    def _beside(self, line: int, column: int, text: str) -> None:
        ending = [
            s for s in self.statements.ending_on(line) if not isinstance(s.node, ast.ClassDef)
        ]
        function = ending[-1].qualname if ending else ""
        place = self.unit.place(line, column, function)
        if ending and (pairs := legend_beside(ending[-1].node, text)):
            self.legends += [Legend(place, symbol, meaning) for symbol, meaning in pairs]
            return
        notes = self._notes(place, text)
        if notes:
            inside = self.statements.spanning(line) is not None
            self._add(place, text, notes, "inside" if inside else "beside", ending, [])

    def _alone(self, line: int, column: int, text: str) -> None:
        following = self.statements.after(line)
        place = self.unit.place(line, column, following.qualname if following else "")
        notes = self._notes(place, text)
        if not notes:
            return
        if self.statements.spanning(line) is not None:
            self._add(place, text, notes, "inside", [], [])
        elif following is None or following.node.col_offset != column:
            self._add(place, text, notes, "alone", [], [])
        else:
            previous = [following.previous] if following.previous is not None else []
            self._add(place, text, notes, "above", following.paragraph(), previous)

    def _notes(self, place: Place, text: str) -> tuple[ShapeNote, ...]:
        legend = read_legend(text)
        self.legends += [Legend(place, symbol, meaning) for symbol, meaning in legend]
        return () if legend else read_shapes(text)

    def _docstring(self, statement: Statement) -> None:
        node = statement.node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or not node.body:
            return
        first = node.body[0]
        if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)):
            return
        if not isinstance(first.value.value, str):
            return
        qualname = f"{statement.qualname}.{node.name}" if statement.qualname else node.name
        returning = False
        lines = self.unit.code.splitlines()
        for line in range(first.lineno, (first.end_lineno or first.lineno) + 1):
            text = (
                lines[line - self.unit.first_line]
                if line - self.unit.first_line < len(lines)
                else ""
            )
            text = re.sub(r"^\s*[rRuU]?('''|\"\"\")|('''|\"\"\")\s*$", "", text)
            text = text.strip()
            returning = bool(_SECTION.match(text)) or (returning and not _OTHER_SECTION.match(text))
            place = self.unit.place(line, 0, qualname)
            notes = self._notes(place, text)
            if returning:
                notes = tuple(_as_return(note) for note in notes)
            if notes:
                self._add(place, text, notes, "docstring", [], [], inside=statement)

    def _add(
        self,
        place: Place,
        text: str,
        notes: tuple[ShapeNote, ...],
        standing: Standing,
        statements: list[Statement],
        previous: list[Statement],
        inside: Statement | None = None,
    ) -> None:
        scope = statements[0] if statements else None
        function = inside.node if inside is not None else scope.function if scope else None
        if scope is not None and isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            function = scope.node
        named: dict[str, tuple[str, ...]] = {}
        if standing in ("beside", "above", "docstring"):
            assert function is None or isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
            for label in dict.fromkeys(label for note in notes for label in note.labels):
                ids = self._binding(label, function)
                if ids:
                    named[label] = ids
            if standing == "docstring" and any(note.side == "after" for note in notes):
                named.setdefault("return", self._binding("return", function))
        else:
            statements, previous = [], []
        spoken = [*statements, *previous]
        states = dict.fromkeys(name for s in spoken for name in touched_by(s.node))
        self.comments.append(
            ShapeComment(
                place,
                text,
                notes,
                standing,
                tuple(self._watch(statements)),
                tuple(self._watch(previous)),
                named,
                tuple(name for s in statements[:1] for name in bound_by(s.node)),
                tuple(states),
                literals_in(statements),
            )
        )

    def _binding(self, label: str, function: Function | None) -> tuple[str, ...]:
        """The statements that give a labelled variable its value, the function's entry first."""
        if label == "return":
            return tuple(self._watch(self.statements.returns(function))) if function else ()
        found = self.statements.binding(label, function)
        ids = list(self._watch(found))
        if function is not None and label in parameters(function):
            own = [s for s in self.statements.all if s.node is function]
            ids = [*self._watch(own), *ids]
        return tuple(ids)

    def _watch(self, statements: Iterable[Statement]) -> Iterator[str]:
        for statement in statements:
            kind = _kind(statement)
            if kind is None:
                continue
            line, column = statement.line, statement.node.col_offset
            id = f"{self.unit.label}:{line}:{column}"
            if id not in self.points:
                self.points[id] = self._point(id, kind, statement)
            yield id

    def _point(self, id: str, kind: PointKind, statement: Statement) -> WatchPoint:
        node = statement.node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            qualname = f"{statement.qualname}.{node.name}" if statement.qualname else node.name
            return WatchPoint(
                id, node.lineno, node.col_offset, kind, qualname, tuple(parameters(node))
            )
        before = [statement.previous] if statement.previous is not None else []
        states = {n for s in (statement, *before) for n in touched_by(s.node)} | self.labels
        if statement.function is None:
            return WatchPoint(id, node.lineno, node.col_offset, kind, "", (), _plain(states))
        bound = surely_bound(statement)
        names = tuple(sorted(bound))
        return WatchPoint(
            id,
            node.lineno,
            node.col_offset,
            kind,
            statement.qualname,
            names,
            _plain(states & bound),
        )

    @cached_property
    def labels(self) -> set[str]:
        """Every variable that a comment of the unit names as the owner of a shape."""
        texts = [c.text for c in self.unit.comments()]
        return {label for text in texts for note in read_shapes(text) for label in note.labels}


def _plain(names: Iterable[str]) -> tuple[str, ...]:
    """Names that can be read without running code: no attributes."""
    return tuple(sorted(name for name in names if name.isidentifier()))


def _kind(statement: Statement) -> PointKind | None:
    """How a statement can be watched; None where it cannot: classes, `if`, `while`, `try`."""
    node = statement.node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return "entry"
    if statement.in_class:
        return None
    if isinstance(node, (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith)):
        return "header"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return None  # a docstring
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)):
        return "statement"
    return None


def _as_return(note: ShapeNote) -> ShapeNote:
    return note if note.labels else replace(note, labels=("return",))
