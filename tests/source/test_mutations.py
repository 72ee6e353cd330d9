"""A mutated tree compiles, differs, and can be undone; a witnessed one computes the same."""

import ast
import builtins
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecheck.core.site import Mutation, Site
from shapecheck.source.mutations import (
    WITNESS,
    SiteNotFound,
    line_with,
    mutated,
    runnable,
    undone,
    witnessed,
)
from shapecheck.source.sites import sites

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "tutorial").glob("*.py")), *(ROOT / "tests/projects").rglob("*.py")]
EACH = {  # one of every kind of mistake
    (site.kind, mutation.change): (source, site, mutation)
    for file in FILES
    for source in [file.read_text("utf-8")]
    for site in sites(source, str(file))
    for mutation in site.mutations
}

names = st.sampled_from(["x", "self.y", "f(x)", "x[1]", "(x + y)", "x.relu()"])
dims = st.integers(-3, 3)
CALLS = (
    "{0}.unsqueeze({1})",
    "{0}.squeeze({1})",
    "{0}.sum({1}, keepdim=True)",
    "{0}[:, {1}]",
    "{0}.transpose({1}, {2})",
    "{0}.view({1}, {2})",
    "torch.stack([{0}, {0}], dim={1})",
    "({0} @ {0}.T)",
    "torch.zeros({1}, {2}, 4)",
)
expressions = st.recursive(
    names,
    lambda inner: st.builds(str.format, st.sampled_from(CALLS), inner, dims, dims),
    max_leaves=3,
)


def check(source: str, site: Site, mutation: Mutation) -> None:
    tree = ast.parse(source)
    before = ast.dump(tree)
    new = mutated(tree, site, mutation)
    compile(new, "code.py", "exec")
    assert ast.dump(new) != before
    assert ast.dump(undone(new, site, mutation)) == before
    compile(ast.fix_missing_locations(runnable(tree, site, mutation)), "code.py", "exec")
    assert ast.dump(tree, include_attributes=True) == ast.dump(
        ast.parse(source), include_attributes=True
    )


def test_mutations_of_the_programs_here_compile_and_can_be_undone() -> None:
    assert len(EACH) > 25
    for source, site, mutation in EACH.values():
        check(source, site, mutation)


@given(expressions)
def test_every_mutation_of_any_chain_compiles_and_can_be_undone(expression: str) -> None:
    source = f"import torch\ndef f(x, y, self):\n    return {expression}\n"
    for site in sites(source, "code.py"):
        for mutation in site.mutations:
            check(source, site, mutation)


def test_lines_stay_what_they_were() -> None:
    source = "import torch\n\n@deco\ndef f(x):\n    y = (x\n         .unsqueeze(0))\n    raise y\n"
    (site,) = sites(source, "code.py")
    for mutation in site.mutations:
        before = {n.lineno for n in ast.walk(ast.parse(source)) if isinstance(n, ast.stmt)}
        for tree in (mutated, runnable):
            new = tree(ast.parse(source), site, mutation)
            lines = {n.lineno for n in ast.walk(new) if isinstance(n, ast.stmt)}
            assert lines <= before
            inside = [n for n in ast.walk(new) if isinstance(n, ast.expr)]
            assert {n.lineno for n in inside if hasattr(n, "lineno")} <= {3, 5, 6, 7}


def test_another_text_is_not_mutated() -> None:
    (site,) = sites("import torch\ndef f(x): return x.sum(0)\n", "code.py")
    with pytest.raises(SiteNotFound):
        mutated(ast.parse("import torch\ndef f(x): return x.max(0)\n"), site, site.mutations[0])


def test_a_mutant_keeps_the_free_variables_of_the_function() -> None:
    source = """
import torch
def outer(n):
    def inner(x):
        return x.view(n, -1)
    return inner
"""
    (site,) = sites(source, "code.py")
    dropped = next(m for m in site.mutations if m.change == "dropped")
    code = compile(
        ast.fix_missing_locations(runnable(ast.parse(source), site, dropped)), "c", "exec"
    )
    (outer,) = [c for c in code.co_consts if hasattr(c, "co_consts")]
    (inner,) = [c for c in outer.co_consts if hasattr(c, "co_freevars")]
    assert inner.co_freevars == ("n",)


def test_the_line_is_shown_as_the_mutant_has_it() -> None:
    source = "import torch\ndef f(x):\n    y = torch.sin(x).unsqueeze(0)  # new axis\n"
    (site,) = sites(source, "code.py")
    assert line_with(source, site, site.mutations[0]) == "y = torch.sin(x)  # new axis"


class Grid:
    """Enough of a tensor to run the code below: it remembers what was done to it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def unsqueeze(self, dim: int) -> "Grid":
        return Grid(f"{self.text}.u{dim}")

    def sum(self, dim: int) -> "Grid":
        return Grid(f"{self.text}.s{dim}")

    def __getitem__(self, index: object) -> "Grid":
        return Grid(f"{self.text}[{index}]")

    def __setitem__(self, index: object, value: object) -> None:
        self.text += f"[{index}]="

    def __matmul__(self, other: "Grid") -> "Grid":
        return Grid(f"{self.text}@{other.text}")


CODE = """
import torch
class Model:
    def __init__(self): self.__hidden = 1
    def run(self, x, cell):
        y = x.unsqueeze(0).unsqueeze(1) if self.__hidden else x.sum(3)
        y[:, 0] = x
        out, (h, c) = cell(x)
        return [(y @ part).sum(2).text for part in (h, c)] + [out.text]
"""


@pytest.fixture
def seen() -> Iterator[list[tuple[int, Any]]]:
    heard: list[tuple[int, Any]] = []

    def witness(number: int, value: object) -> object:
        heard.append((number, value))
        return value

    setattr(builtins, WITNESS, witness)
    yield heard
    delattr(builtins, WITNESS)


def run(tree: ast.AST) -> object:
    namespace: dict[str, Any] = {}
    exec(compile(tree, "code.py", "exec"), namespace)  # type: ignore[arg-type]
    return namespace["Model"]().run(Grid("x"), lambda x: (x, (Grid("h"), Grid("c"))))


def test_witnessed_code_computes_the_same_and_tells_what_it_comes_by(
    seen: list[tuple[int, Any]],
) -> None:
    tree = ast.parse(CODE)
    every = dict(enumerate(sites(CODE, "code.py"), 10))
    assert run(witnessed(tree, every)) == run(tree)
    by_text = {site.text: number for number, site in every.items()}
    told = {number for number, _ in seen if number >= 0}
    assert told == set(every) - {by_text[".sum(3)"]}
    subjects = {n: value.text for n, value in seen if n < 0}
    assert subjects[~by_text[".unsqueeze(1)"]] == "x.u0"
    assert subjects[~by_text["y @ part"]].startswith("x.u0.u1")


def test_a_mutant_tells_when_it_is_come_by(seen: list[tuple[int, Any]]) -> None:
    for site in sites(CODE, "code.py"):
        for mutation in site.mutations:
            seen.clear()
            tree = ast.fix_missing_locations(runnable(ast.parse(CODE), site, mutation))
            try:
                result = run(tree)
            except (TypeError, AttributeError):
                continue
            assert {number for number, _ in seen} == (set() if site.text == ".sum(3)" else {0})
            assert result
