"""Mutants, ready to be put in place: the text from source, the exchange from runtime."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

from shapecheck.core.site import Mutation, Site
from shapecheck.runtime.mutate import CannotSwap, LiveModule, Witness, plain
from shapecheck.runtime.transform import names_by_function, transform
from shapecheck.source.mutations import WITNESS, line_with, runnable, witnessed


def guarded(tree: ast.Module, source: str, file: str) -> CodeType:
    """A module's code as the import hook compiles it."""
    transform(tree, names_by_function(source, file))
    code: CodeType = compile(tree, file, "exec", dont_inherit=True)
    return code


class Workshop:
    """The live functions of the files that hold sites. Make it when all of them are imported."""

    def __init__(self, sites: Mapping[int, Site]) -> None:
        self._sites = dict(sites)
        self.files = sorted({site.place.file for site in sites.values()})
        self._sources = {file: Path(file).read_text(encoding="utf-8") for file in self.files}
        self._modules: dict[str, LiveModule] = {}
        self._loaded: list[str] = []

    def refresh(self) -> None:
        """Look for live functions again if more of the files have been imported since."""
        loaded = self.modules()
        if loaded == self._loaded:
            return
        self._loaded = loaded
        self._modules = {
            file: LiveModule(file, self._sources[file], (guarded, plain))
            for file in self.files
            if any(_file_of(sys.modules[name]) == file for name in loaded)
        }

    def modules(self) -> list[str]:
        """The modules, by name, that the files have been imported as."""
        every = list(sys.modules.items())
        return sorted(n for n, m in every if n != "__main__" and _file_of(m) in self._sources)

    def obstacle(self, site: Site) -> str:
        """Why a site that nothing comes by may be run for all that; "" if it is not run."""
        module = self._modules.get(site.place.file)
        if module is not None and not module.alive:
            return "what runs is not what the file's text compiles to"
        return ""

    @contextmanager
    def witnessing(self) -> Iterator[Witness]:
        """Let every site tell when it is come by, under its number (~number: its subject)."""
        witness = Witness(WITNESS)
        with ExitStack() as stack:
            stack.enter_context(witness.listening())
            for file, module in self._modules.items():
                here = {i: s for i, s in self._sites.items() if s.place.file == file}
                stack.enter_context(module.swapped(witnessed(module.tree, here)))
            yield witness

    @contextmanager
    def mutant(self, site: Site, mutation: Mutation) -> Iterator[Witness]:
        """Run with one site wrong. The witness is told (under 0) whenever it is come by.

        Raises CannotSwap where it cannot be put in place.
        """
        module = self._modules.get(site.place.file)
        if module is None:
            raise CannotSwap("its module is not imported")
        witness = Witness(WITNESS)
        with witness.listening(), module.swapped(runnable(module.tree, site, mutation)) as count:
            if not count:
                raise CannotSwap("no function that is alive holds this line")
            yield witness

    def survivor(self, site: Site, mutation: Mutation) -> str:
        """The line as the mutant has it."""
        return line_with(self._sources[site.place.file], site, mutation)

    def namespace(self, site: Site) -> Mapping[str, Any]:
        """The globals of the module that a site is in; empty if it is not imported."""
        for module in list(sys.modules.values()):
            if _file_of(module) == site.place.file:
                return vars(module)
        return {}


def _file_of(module: object) -> str:
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else ""
