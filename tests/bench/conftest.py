"""The test bench: one program run twice, each time in a process and a folder of its own.

``ran(file, feature)`` gives all that can be told from outside and inside: what it printed, its
exit status, the files it left, and the digests that `state/sitecustomize.py` writes. Two runs that
differ in the feature alone are to be equal.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
_STATE = Path(__file__).with_name("state")


@dataclass(frozen=True)
class Ran:
    """One run; `laws` says what became of laws and is not to be compared."""

    status: int
    stdout: str
    stderr: str
    files: dict[str, str]
    state: dict[str, Any]
    laws: dict[str, Any] = field(compare=False, default_factory=dict)


Run = Callable[..., Ran]


def run(file: Path, feature: str = "", packages: tuple[str, ...] = ()) -> Ran:
    """Run a program with a feature: nothing, `none`, `guard`, `laws` or `tracking`."""
    with tempfile.TemporaryDirectory() as outside:
        folder = Path(outside, "here")
        folder.mkdir()
        watched = feature == "tracking"
        given = {
            "BENCH_PROGRAM": str(file),
            "BENCH_STATE": str(Path(outside, "state.json")),
            "BENCH_FEATURE": "" if watched else feature,
            "BENCH_PACKAGES": " ".join(packages),
            "PYTHONPATH": os.pathsep.join([str(_STATE), str(ROOT)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "TMPDIR": str(folder),
        }
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
        environment.pop("SHAPECHECK_CHILDREN", None)
        words = [sys.executable, *(_watched(Path(outside)) if watched else []), str(file)]
        done = subprocess.run(
            words,
            cwd=folder,
            env={**environment, **given},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Ran(
            done.returncode,
            done.stdout.replace(outside, "OUTSIDE"),
            done.stderr.replace(outside, "OUTSIDE"),
            _files(folder),
            _read(Path(outside, "state.json")),
            _read(Path(outside, "state.json.laws")),
        )


def _watched(folder: Path) -> list[str]:
    """What `shapecheck run` starts, without its own words on standard error."""
    request = folder / "request.json"
    asked = {"report": str(folder / "report.json"), "below": str(folder / "below"), "settings": {}}
    request.write_text(json.dumps(asked))
    return ["-P", "-m", "shapecheck.run.child", str(request)]


def _files(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


@pytest.fixture
def ran() -> Run:
    """``ran(file, feature, packages)``: see `run`."""
    return run
