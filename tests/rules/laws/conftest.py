"""`laws_of_page`: what the examples of a rule's page show when their laws are tried; `found`: what
one call of a function shows."""

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Finding, Severity
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.importer import ImportHook

DOCS = Path(__file__).parents[3] / "docs" / "rules"


def example(slug: str, title: str) -> str:
    """The Python block under a heading of a rule's page."""
    page = (DOCS / f"{slug}.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {title}\n.*?```python\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    assert found, f"{slug} has no code under {title!r}"
    return found[1]


@pytest.fixture
def laws_of_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str], list[Finding]]]:
    """`laws_of_page(slug, heading)`: the findings on the page's example, its laws tried."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    names: list[str] = []

    def run(slug: str, title: str) -> list[Finding]:
        names.append(f"page_{slug.replace('-', '_')}_{len(names)}")
        (tmp_path / f"{names[-1]}.py").write_text(example(slug, title), encoding="utf-8")
        guard = Guard(explain)
        laws = Laws(guard)
        importlib.invalidate_caches()
        with ImportHook(guard, (names[-1],)) as hook:
            hook.install()
            importlib.import_module(names[-1])
        return laws.conclude()

    yield run
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def found(tried: Callable[..., list[Finding]]) -> Callable[..., list[str]]:
    """`found(function, *given)`: the slugs of what is more than a note after one checked call."""
    return lambda *call: [f.slug for f in tried(*call) if f.severity is not Severity.NOTE]
