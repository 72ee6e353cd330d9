"""What the tests of rules on tracked operations share: a program run under the tracker."""

from __future__ import annotations

import runpy
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from shapecheck.core.finding import Finding
from shapecheck.rules import judge
from shapecheck.runtime.tracker import Tracker

Seen = Callable[[str], list[Finding]]
_OPENING = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    """``seen(program)``: the findings of running it, notes left out; its own error is passed over.

    The program may use ``torch``, ``nn`` and ``F``.
    """

    def run(program: str) -> list[Finding]:
        file = tmp_path / "program.py"
        opening = "" if "import torch" in program else _OPENING
        file.write_text(opening + program, encoding="utf-8")
        tracker = Tracker()
        crash = suppress(RuntimeError, IndexError, ValueError)  # the rules say what it means
        with warnings.catch_warnings(), tracker, crash:
            warnings.simplefilter("ignore")
            runpy.run_path(str(file))
        assert tracker.errors == []
        found = list(judge(tracker.facts()))
        return [finding for finding in found if finding.severity.value != "note"]

    return run
