"""A mutant that no test noticed: is it the same code by construction, and what would notice it?"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shapecheck.core.ledger import Outcome
from shapecheck.core.site import Mutation, Site, SiteKind
from shapecheck.runtime.sameness import SUBJECT, Comparison, arrays_among, compare

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Judged:
    """SURVIVED or EQUIVALENT, why, and what would notice a survivor."""

    outcome: Outcome
    detail: str
    suggestion: str = ""


def judge_survivor(
    site: Site,
    mutation: Mutation,
    namespace: Mapping[str, Any],
    *,
    subjects: list[Shape],
    before: list[Shape],
    after: list[Shape],
) -> Judged:
    """`subjects` are the shapes worked on, `before` and `after` those that came out of it.

    Code that is the same only at the sizes of today's tests survives; *equivalent* is what was
    found equal at all of many sizes, those of 1 included, on tensors of the ranks that were seen.
    """
    if _vectors(site, subjects, before):
        return Judged(Outcome.EQUIVALENT, "the product of two vectors is the same either way")
    comparison = _compared(site, mutation, namespace, subjects)
    if comparison is not None and comparison.same:
        ranks = " or ".join(str(r) for r in sorted({len(s) for s in subjects}))
        said = f"equal at {comparison.tried} sizes of a tensor of rank {ranks}"
        return Judged(Outcome.EQUIVALENT, said)
    detail = "no test fails with it"
    return Judged(Outcome.SURVIVED, detail, _suggestion(before, after, subjects, comparison))


def _vectors(site: Site, subjects: list[Shape], results: list[Shape]) -> bool:
    ranks = {len(shape) for shape in subjects} | {len(shape) + 1 for shape in results}
    return site.kind is SiteKind.PRODUCT and bool(subjects) and ranks == {1}


def _compared(
    site: Site, mutation: Mutation, namespace: Mapping[str, Any], subjects: list[Shape]
) -> Comparison | None:
    """The two expressions at many sizes, if nothing but the tensor decides what they give."""
    if not site.subject or not subjects:
        return None
    one, other = _on_subject(site.before, site.subject), _on_subject(mutation.after, site.subject)
    if one is None or other is None:
        return None
    names = arrays_among((_names(one) | _names(other)) - {SUBJECT}, namespace)
    return None if names is None else compare(one, other, names, subjects)


def _on_subject(code: str, subject: str) -> str | None:
    """An expression with its tensor called SUBJECT; None if it is not to be found in it."""
    tree = ast.parse(f"({code}\n)", mode="eval")
    wanted = ast.dump(ast.parse(f"({subject}\n)", mode="eval").body)
    stand_in = _StandIn(wanted)
    new = stand_in.visit(tree)
    return ast.unparse(new) if stand_in.found else None


class _StandIn(ast.NodeTransformer):
    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self.found = False

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and ast.dump(node) == self._wanted:
            self.found = True
            return ast.Name(SUBJECT, ast.Load())
        return self.generic_visit(node)


def _names(code: str) -> set[str]:
    return {n.id for n in ast.walk(ast.parse(code, mode="eval")) if isinstance(n, ast.Name)}


def _suggestion(
    before: list[Shape], after: list[Shape], subjects: list[Shape], comparison: Comparison | None
) -> str:
    """What would notice it; every suggestion was tried on the shapes it speaks of."""
    declared = _declaration(before)
    refused = [shape for shape in after if declared and not _fits(shape, declared)]
    if declared and refused and all(_fits(shape, declared) for shape in before):
        text = " ".join(declared)
        return f'declare the result: "{text}" takes what it gives now and refuses {refused[0]}'
    difference = comparison.difference if comparison else None
    if difference is None:
        return "assert a value that depends on it, or declare a law for the axis"
    if difference.before == difference.after:
        return (
            "the shapes are equal at every size that was tried: "
            "assert a value, or declare a law for the axis"
        )
    seen = ", ".join(map(str, subjects[:3]))
    gives = difference.after if difference.after is not None else "an error"
    return (
        f"every test comes by with {seen}; with {difference.subject} the mutant gives {gives} "
        f"in place of {difference.before}: test at that size"
    )


def _declaration(shapes: list[Shape]) -> list[str]:
    """A spec that takes all of the shapes: sizes that never vary by number, others by letter."""
    if len({len(shape) for shape in shapes}) != 1:
        return []
    letters: dict[tuple[int, ...], str] = {}
    spec = []
    for sizes in zip(*shapes, strict=True):
        if len(set(sizes)) == 1:
            spec.append(str(sizes[0]))
        else:
            spec.append(letters.setdefault(sizes, chr(ord("a") + len(letters))))
    return spec


def _fits(shape: Shape, spec: list[str]) -> bool:
    bound: dict[str, int] = {}
    return len(shape) == len(spec) and all(
        size == (int(name) if name.isdigit() else bound.setdefault(name, size))
        for size, name in zip(shape, spec, strict=True)
    )
