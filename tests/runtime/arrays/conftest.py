"""Programs with numpy in them, run under watch in this process."""

from __future__ import annotations

import builtins
import linecache
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from shapecheck.check.session import Session
from shapecheck.core.finding import Finding
from shapecheck.rules import judge
from shapecheck.run.arrays import Arrays
from shapecheck.run.beside import script_tree
from shapecheck.source.units import read_units

Watched = tuple[list[Finding], dict[str, Any]]
Watch = Callable[[Path], Watched]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """``watch(file)``: the findings of running a file, and the names it leaves behind."""
    before = set(vars(builtins))

    def run(file: Path) -> Watched:
        (unit,) = read_units(str(file))
        tree = script_tree(str(file))
        assert tree is not None
        arrays, session, module = Arrays(), Session(), ModuleType("__main__")
        monkeypatch.setitem(sys.modules, "__main__", module)
        arrays.probe(unit, tree)
        code = compile(tree, str(file), "exec", dont_inherit=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            session.start()
            arrays.awaken(session)
            try:
                exec(code, vars(module))
            finally:
                arrays.stop()
                session.stop()
        assert [*session.errors(), *arrays.errors()] == []
        return list(judge(session.evidence(None))), vars(module)

    yield run
    for name in set(vars(builtins)) - before:
        delattr(builtins, name)
    linecache.clearcache()


@pytest.fixture
def told(watch: Watch, tmp_path: Path) -> Callable[[str], list[tuple[str, int]]]:
    """``told(program)``: what is found in a program, by slug and line; notes left out."""

    def run(program: str) -> list[tuple[str, int]]:
        file = tmp_path / "program.py"
        file.write_text("import numpy as np, torch, torch.nn as nn\n" + program, encoding="utf-8")
        found, _ = watch(file)
        return [(f.slug, f.place.line) for f in found if f.severity.value != "note"]

    return run
