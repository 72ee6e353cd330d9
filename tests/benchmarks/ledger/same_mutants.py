"""An operator for cosmic-ray that makes the mutants of a ledger, and no others.

cosmic-ray loads it (in its own environment, where shapecheck need not be) and finds the mutants in
the file that the variable `SAME_MUTANTS` names: for each source text, spans and what replaces them.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.operators.operator import Operator

Position = tuple[tuple[int, int], tuple[int, int]]


class SameMutant(Operator):
    """Replaces one span of a module; occurrence i is mutant i of its file."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        """Where the mutants are; all of them belong to the root of the tree."""
        for mutant in _mutants(node):
            line, column, end_line, end_column = mutant["span"]
            yield (line, column), (end_line, end_column)

    def mutate(self, node: Any, index: int) -> Any:
        """The tree of the text with one span replaced."""
        mutant = _mutants(node)[index]
        line, column, end_line, end_column = mutant["span"]
        lines = node.get_code().encode().splitlines(keepends=True)
        before = b"".join(lines[: line - 1]) + lines[line - 1][:column]
        after = lines[end_line - 1][end_column:] + b"".join(lines[end_line:])
        return parso.parse((before + mutant["after"].encode() + after).decode())

    @classmethod
    def examples(cls) -> tuple[()]:
        """None: the mutants are those of a file."""
        return ()


def _mutants(node: Any) -> list[dict[str, Any]]:
    if node.type != "file_input":
        return []
    by_source = json.loads(Path(os.environ["SAME_MUTANTS"]).read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = by_source.get(node.get_code(), [])
    return found


class Provider:
    """What cosmic-ray's entry point asks for."""

    def __iter__(self) -> Iterator[str]:
        return iter(["SameMutant"])

    def __getitem__(self, name: str) -> type[Operator]:
        return {"SameMutant": SameMutant}[name]
