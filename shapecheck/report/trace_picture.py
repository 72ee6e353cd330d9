"""A dependency matrix as a small picture: which output indices move with which input indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapecheck.core.finding import Finding

_CELL = 15  # pixels
_GAP = 3
_LEFT = 78  # room for the words before the rows
_TOP = 18


def picture(finding: Finding) -> dict[str, Any] | None:
    """What a template draws for a finding; None where it has no matrix."""
    evidence = finding.evidence or {}
    matrix = evidence.get("matrix")
    if not matrix:
        return None
    columns = max(len(row) for row in matrix)
    return {
        "cell": _CELL,
        "left": _LEFT,
        "top": _TOP,
        "width": _LEFT + max(columns * (_CELL + _GAP), 60),
        "height": _TOP + len(matrix) * (_CELL + _GAP),
        "input": "input",
        "output": "output",
        "cells": [
            {
                "x": _LEFT + i * (_CELL + _GAP),
                "y": _TOP + o * (_CELL + _GAP),
                "moves": bool(moves),
                "said": _cell(o, i, bool(moves)),
            }
            for o, row in enumerate(matrix)
            for i, moves in enumerate(row)
        ],
        "spoken": spoken(matrix),
        "caption": _caption(str(evidence.get("axis") or ""), str(evidence.get("pattern") or "")),
    }


def spoken(matrix: Sequence[Sequence[bool]]) -> str:
    """The matrix for those who cannot see it, row by row."""
    rows = []
    for o, row in enumerate(matrix):
        moved = [str(i) for i, moves in enumerate(row) if moves]
        rows.append(f"output {o} moves with input {', '.join(moved) or 'none'}")
    return "Dependency matrix: " + "; ".join(rows)


def _cell(output: int, given: int, moves: bool) -> str:
    return f"output {output} {'moves' if moves else 'does not move'} with input {given}"


def _caption(axis: str, pattern: str) -> str:
    subject = f"Along {axis}" if axis else "Along the axis"
    return f"{subject}: filled where an output index moves with an input index" + (
        f" ({pattern})" if pattern else ""
    )
