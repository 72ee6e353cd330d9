"""Rules turn evidence into findings; one file a rule, found by walking this folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from shapecheck.core.finding import Finding
from shapecheck.core.rule import Rule
from shapecheck.rules._by_cause import by_cause

__all__ = ["by_cause", "catalogue", "judge", "judged", "page"]


@cache
def catalogue() -> dict[str, Rule]:
    """Every rule by slug, in the order of the slugs."""
    names = sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_"))
    rules = [import_module(f"{__name__}.{name}").RULE for name in names]
    return {rule.slug: rule for rule in rules}


def page(slug: str) -> str:
    """The page of a rule, in Markdown. Raises FileNotFoundError where the rule has none.

    An installed package has its pages beside the rules (pyproject.toml puts them there); in a
    checkout they lie in `docs/rules`, where the site is built from.
    """
    here = Path(__file__).parent
    installed = here / "pages"
    folder = installed if installed.is_dir() else here.parents[1] / "docs" / "rules"
    return (folder / f"{slug}.md").read_text(encoding="utf-8")


def judge(evidence: Iterable[object]) -> Iterator[Finding]:
    """What the rules find in the evidence: each piece goes to the rules that judge its class."""
    return (finding for finding, _ in judged(evidence))


def judged(evidence: Iterable[object]) -> Iterator[tuple[Finding, object]]:
    """What the rules find, each finding with the piece of evidence that shows it."""
    for piece in evidence:
        for rule in catalogue().values():
            if isinstance(piece, (rule.judges, *rule.also)):
                for finding in rule.check(piece):
                    yield finding, piece
