"""What comments call the axes of the values beside them, told to whoever follows axes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from torch import Tensor

from shapecheck.core.comment_evidence import ShapeComment
from shapecheck.core.comment_grammar import ShapeNote
from shapecheck.core.comment_match import fits
from shapecheck.core.site import Place
from shapecheck.runtime.commented import ProbedFile

Namer = Callable[[Tensor, Sequence[str], Place], None]
Said = tuple[ShapeComment, ShapeNote]


class CommentNames:
    """Tells a `namer` the words of a comment for each axis of a value that fits the comment.

    Only comments at the end of a statement's line count, and only where they speak of what it
    makes: `x = x.permute(1, 0, 2)  # (batch, seq, d)` may say what x was, or what it is.
    """

    def __init__(self, file: ProbedFile, namer: Namer) -> None:
        self._file = file
        self._namer = namer
        self._read = 0
        self._said: dict[str, list[Said]] = {}

    def made(self, number: int, value: Any, others: Sequence[tuple[int, ...]]) -> None:
        """A watched statement made this value of others, which had these shapes."""
        probed = self._file.probed[number]
        said = self._beside(probed.point.id)
        if not said:
            return
        pairs = [pair for t in probed.targets or (None,) for pair in _named(t, value)]
        for comment, note in said:
            for name, tensor in pairs:
                meant = name in note.labels or (not note.labels and len(pairs) == 1)
                if meant and not any(_reordered(tensor, shape) for shape in others):
                    self._tell(comment, note, tensor)

    def _tell(self, comment: ShapeComment, note: ShapeNote, tensor: Tensor) -> None:
        laid = fits(note, tuple(tensor.shape), {})
        if laid is None or len(laid.spec.axes) != tensor.dim():
            return
        self._namer(tensor, [axis.name for axis in laid.spec.axes], comment.place)

    def _beside(self, statement: str) -> Sequence[Said]:
        for unit in self._file.found[self._read :]:  # another cell has brought its own
            for comment in unit.comments:
                if comment.standing == "beside" and len(comment.statements) == 1:
                    notes = [
                        (comment, note) for note in comment.notes if note.side in ("", "after")
                    ]
                    self._said.setdefault(comment.statements[0], []).extend(notes)
        self._read = len(self._file.found)
        return self._said.get(statement, ())


def _reordered(tensor: Tensor, other: tuple[int, ...]) -> bool:
    """True where a shape has the sizes of the tensor, in whatever order."""
    return sorted(tensor.shape) == sorted(other)


def _named(target: ast.expr | None, value: Any) -> Iterator[tuple[str, Tensor]]:
    """Each tensor that an assignment binds, with its variable; "return" where there is none."""
    if isinstance(value, Tensor):
        yield (ast.unparse(target) if target is not None else "return"), value
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (tuple, list)):
        for inner, item in zip(target.elts, value, strict=False):
            yield from _named(inner, item)
