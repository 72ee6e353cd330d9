"""The process that follows workers: what they say counts, however soon they end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from shapecheck.verify import supervisor

# Each worker leaves one test out and ends; the fourth is done.
QUICK = """
import json, sys
file = sys.argv[1]
said = open(file).read().count("left_out")
line = {"kind": "left_out", "item": f"test_{said}", "reason": "it fails"}
line = line if said < 3 else {"kind": "done"}
open(file, "a").write(json.dumps(line) + "\\n")
"""


def test_workers_that_end_before_they_are_looked_at_got_somewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "_POLL", 0.5)  # longer than a worker lives

    def command(journal: Path) -> list[str]:
        return [sys.executable, "-S", "-c", QUICK, str(journal)]

    ledger = supervisor.Supervisor(command, {}).run()
    assert [left.item for left in ledger.left_out] == ["test_0", "test_1", "test_2"]
