"""A shape that the prose of a chapter states of a variable which has another there."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import AxisKind
from shapecheck.core.chapter import SeenAside
from shapecheck.core.comment_grammar import ShapeNote
from shapecheck.core.comment_match import Contradiction, Laid, lay
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._rewritten import shown

Shape = tuple[int, ...]


def check(evidence: SeenAside) -> Iterator[Finding]:
    """A finding where the shape fits neither what was there before nor what comes after."""
    shapes = list(dict.fromkeys(s.shape for s in evidence.seen if s.shape is not None))
    if not shapes or len(shapes) < len({s.shape for s in evidence.seen}):
        return  # once it is no tensor: another may be meant
    wrong = [(shape, _contradiction(evidence.stated.note, shape)) for shape in shapes]
    if any(laid is None for _, laid in wrong):
        return
    shape, laid = wrong[0]
    assert laid is not None
    stated = evidence.stated
    others = tuple(f"after the next block it is {shown(other)}" for other in shapes[1:])
    yield Finding(
        "stale-prose",
        Severity.WARNING,
        stated.place,
        f"the text says that `{stated.variable}` is `{stated.text}`, but it is {shown(shape)}",
        expected=stated.text,
        actual=shown(shape),
        cause=_cause(laid, shape),
        remedy=_rewritten(laid, shape),
        notes=others,
        evidence={"variable": stated.variable, "shape": list(shape)},
    )


def _contradiction(note: ShapeNote, shape: Shape) -> Laid | None:
    """The plainest reading where none fits; prose leaves no axis out, as comments may."""
    readings = [laid for laid in lay(note, shape, {}) if not laid.omitted]
    if any(not laid.contradictions for laid in readings):
        return None
    return readings[0]


def _cause(laid: Laid, shape: Shape) -> str:
    first: Contradiction = laid.contradictions[0]
    if first.fault == "rank":
        stated, actual = len(laid.spec.axes), len(shape)
        return f"the text counts {stated} {_axes(stated)}, the tensor has {actual}"
    if first.fault == "repeated":
        return "one name stands for two sizes"
    sizes = [axis.size for axis in laid.spec.axes]
    if sorted(size or 0 for size in sizes) == sorted(shape):
        return "the sizes are right, their order is not"
    return f"axis {first.position} is {first.actual}"


def _axes(count: int) -> str:
    return "axis" if count == 1 else "axes"


def _rewritten(laid: Laid, shape: Shape) -> str:
    """The shape as the text should state it, names kept where only numbers are wrong."""
    wrong = {c.position: c for c in laid.contradictions}
    if any(c.fault != "number" for c in wrong.values()):
        return f"write {shown(shape)}"
    texts = []
    for position, axis in enumerate(laid.spec.axes):
        size = str(shape[position])
        named = axis.kind is AxisKind.FIXED and bool(axis.name)
        new = f"{axis.name}={size}" if named else size
        texts.append(new if position in wrong else axis.text)
    return f"write ({', '.join(texts)}{',' if len(texts) == 1 else ''})"


RULE = Rule(
    slug="stale-prose",
    severity=Severity.WARNING,
    summary="The text states a shape that the variable it names does not have there.",
    judges=SeenAside,
    check=check,
)
