"""Mutants, ready to be put in place: the text from source, the exchange from runtime."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

from shapecheck.core.site import Mutation, Site
from shapecheck.runtime.importing.transform import names_by_function, transform
from shapecheck.runtime.mutate import CannotSwap, Exchange, LiveModule, Witness, plain
from shapecheck.source.mutations import WITNESS, line_with, runnable, witnessed

_REWRITTEN = ", as where pytest rewrites asserts"


def guarded(tree: ast.Module, source: str, file: str) -> CodeType:
    """A module's code as the import hook compiles it."""
    transform(tree, _names(source, file))
    code: CodeType = compile(tree, file, "exec", dont_inherit=True)
    return code


@lru_cache(maxsize=64)
def _names(source: str, file: str) -> dict[tuple[str, int], set[str]]:
    return names_by_function(source, file)


class Workshop:
    """The live functions of the files that hold sites. Make it when all of them are imported."""

    def __init__(self, sites: Mapping[int, Site]) -> None:
        self._sites = dict(sites)
        self.files = sorted({site.place.file for site in sites.values()})
        self._sources = {file: Path(file).read_text(encoding="utf-8") for file in self.files}
        self._modules: dict[str, LiveModule] = {}
        self._loaded: list[str] = []
        self._witnesses: list[Exchange] = []

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
        self._witnesses = [
            module.prepared(witnessed(module.tree, self._in(file)))
            for file, module in self._modules.items()
        ]

    def _in(self, file: str) -> dict[int, Site]:
        return {i: site for i, site in self._sites.items() if site.place.file == file}

    def modules(self) -> list[str]:
        """The modules, by name, that the files have been imported as."""
        every = list(sys.modules.items())
        return sorted(n for n, m in every if n != "__main__" and _file_of(m) in self._sources)

    def obstacle(self, site: Site) -> str:
        """Why a site that nothing comes by may be run for all that; "" if it is not run."""
        module = self._modules.get(site.place.file)
        if module is not None and (not module.alive or module.altered(site.place.function)):
            return "what runs is not what the file's text compiles to" + _REWRITTEN
        return ""

    @contextmanager
    def witnessing(self) -> Iterator[Witness]:
        """Let every site tell when it is come by, under its number (~number: its subject)."""
        witness = Witness(WITNESS)
        with ExitStack() as stack:
            stack.enter_context(witness.listening())
            for exchange in self._witnesses:
                stack.enter_context(exchange.made())
            yield witness

    def mutant(self, site: Site, mutation: Mutation) -> Exchange:
        """The exchange that makes one site wrong. Raises CannotSwap where there is none."""
        module = self._modules.get(site.place.file)
        if module is None:
            raise CannotSwap("its module is not imported")
        exchange = module.prepared(runnable(module.tree, site, mutation))
        if not exchange:
            raise CannotSwap("no function that is alive holds this line")
        return exchange

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
