"""The house rules of design.md, read off the code: one direction of the arrows, short rooms."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "shapecheck"

MIDDLE = ("source", "rules", "report", "runtime")
ADAPTERS = ("cli", "pytest_plugin", "pytest_verify", "notebook")
RUNNER = "run"  # a program in a process of its own: what the adapters share
LEDGER = "verify"  # sites, mutants and tests put together: what the ledger's adapter drives
INNER = {"core", "settings", *MIDDLE, "check"}

# What each room may import of shapecheck, itself aside. "" is shapecheck/__init__.py.
ARROWS: dict[str, set[str]] = {
    "core": set(),
    "settings": {"core"},
    **{room: {"core"} for room in MIDDLE},
    "check": INNER,
    RUNNER: INNER,
    LEDGER: INNER,
    **{adapter: INNER | {"", RUNNER, LEDGER} for adapter in ADAPTERS},
    "pytest_verify": INNER | {"", RUNNER, LEDGER, "pytest_plugin"},
    # The plugin hands over to the ledger's part of it, which is loaded when its flag is given.
    "pytest_plugin": INNER | {"", RUNNER, "pytest_verify"},
    "": INNER,
    "__main__": {"cli"},
}
STANDARD_LIBRARY_ONLY = ("core", "settings", "")
OWNERS = {  # packages that one room alone knows
    "torch": {"runtime"},
    "jaxtyping": {"runtime"},
    "typeguard": {"runtime"},
    "pytest": {"pytest_plugin", "pytest_verify"},
    "_pytest": {"pytest_plugin", "pytest_verify"},
    "xdist": {"pytest_plugin"},
    "click": {"cli"},
    "IPython": {"notebook"},
}
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
MOST_LINES = 350


def imported(file: Path, module: str) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of everything that a file imports, wherever it does so.

    ``from a import b`` gives ``a.b``: b may be a module. Imports under TYPE_CHECKING and inside
    functions count, and so does ``import_module("a.b")``: an arrow is knowledge, not loading.
    """
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                base = ".".join([*above, *([source] if source else [])])
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in names)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, name


def room_of(name: str, package: Path) -> str:
    """The room that a dotted name of the package lies in: ``shapecheck.core.axis`` in ``core``."""
    first = name.split(".")[1] if "." in name else ""
    is_room = (package / first).is_dir() or (package / f"{first}.py").exists()
    return first if is_room else ""


def python_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def broken_arrows(package: Path) -> list[str]:
    """Every import in ``package`` that design.md does not allow, as ``file:line: room -> name``."""
    broken = []
    for file in python_files(package):
        parts = file.relative_to(package.parent).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        room = room_of(module, package)
        for line, name in imported(file, module):
            if not allowed(room, name, package):
                where = f"{file.relative_to(package.parent)}:{line}"
                broken.append(f"{where}: {room or '__init__'} -> {name}")
    return broken


def allowed(room: str, name: str, package: Path) -> bool:
    top = name.split(".")[0]
    if top == package.name:
        target = room_of(name, package)
        return target == room or target in ARROWS.get(room, set())
    if top in sys.stdlib_module_names:
        return True
    return room not in STANDARD_LIBRARY_ONLY and room in OWNERS.get(top, {room})


def test_arrows_run_one_way() -> None:
    assert broken_arrows(PACKAGE) == []


def test_every_room_is_one_of_design_md() -> None:
    rooms = {
        path.stem if path.suffix else path.name
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path.is_dir() and python_files(path))
    }
    assert "core" in rooms
    assert rooms - {"__init__"} <= ARROWS.keys()


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("core/axis.py", "import numpy"),
        ("core/axis.py", "import torch"),
        ("core/axis.py", "def f():\n    from shapecheck.runtime import guard"),
        ("core/axis.py", "from ..source import sites"),
        ("core/axis.py", "from .. import check"),
        ("core/axis.py", "import shapecheck"),
        ("rules/swap.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING: import torch"),
        ("rules/swap.py", "from shapecheck import source"),
        ("source/sites.py", "import shapecheck.report.text"),
        ("report/text.py", "import importlib\nimportlib.import_module('jaxtyping')"),
        ("runtime/guard.py", "from shapecheck.settings import Settings"),
        ("runtime/guard.py", "import pytest"),
        ("check.py", "import typeguard"),
        ("check.py", "from shapecheck.cli import main"),
        ("cli.py", "from shapecheck.pytest_plugin import report"),
        ("__init__.py", "from rich import print"),
        ("settings.py", "from shapecheck.check import check"),
    ],
)
def test_a_wrong_arrow_is_seen(tmp_path: Path, file: str, line: str) -> None:
    assert len(broken_arrows(house(tmp_path, {file: line}))) == 1


def test_right_arrows_are_left_alone(tmp_path: Path) -> None:
    package = house(
        tmp_path,
        {
            "__init__.py": "from shapecheck.runtime.guard import checked",
            "core/axis.py": "import re\nfrom .spec import Spec\nfrom . import site",
            "rules/swap.py": "from ..core import axis\nfrom shapecheck.core.finding import Finding",
            "runtime/guard.py": "import torch, jaxtyping, typeguard, numpy",
            "report/text.py": "import rich",
            "check.py": "from shapecheck import rules, runtime, settings",
            "cli.py": "import click\nfrom shapecheck import __version__, check",
            "pytest_plugin.py": "import pytest\nfrom shapecheck.report import text",
            "__main__.py": "from shapecheck.cli import main",
        },
    )
    assert broken_arrows(package) == []


def house(folder: Path, files: dict[str, str]) -> Path:
    """A package with every room in it, empty but for ``files``."""
    package = folder / "shapecheck"
    rooms = {f"{room}/__init__.py" for room in ("core", *MIDDLE)}
    modules = {f"{name}.py" for name in ("__init__", "check", "settings", *ADAPTERS)}
    for name in rooms | modules | files.keys():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(files.get(name, ""), encoding="utf-8")
    return package


@pytest.mark.parametrize(
    ("module", "left_out"),
    [
        ("shapecheck", ["torch", "pytest"]),
        ("shapecheck.pytest_plugin", ["torch"]),
        # a guard alone loads nothing of what tries laws, follows axes or explains
        (
            "shapecheck.check",
            [
                *["shapecheck.runtime.probe", "shapecheck.runtime.state.copying"],
                *["shapecheck.runtime.tracker", "shapecheck.rules.batch_mixing"],
            ],
        ),
    ],
)
def test_importing_is_light(module: str, left_out: list[str]) -> None:
    code = f"import sys, {module}; print(*sorted(set({left_out}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_files_say_what_they_hold() -> None:
    paths = [p for name in ("shapecheck", "tutorial", "tests") for p in python_files(ROOT / name)]
    assert PACKAGE / "core" in {path.parent for path in paths}
    named = [p for p in paths if NO_NAMES & set(p.relative_to(ROOT).with_suffix("").parts)]
    assert named == []


@pytest.mark.parametrize("folder", ["shapecheck", "tutorial"])
def test_no_file_is_longer_than_a_room(folder: str) -> None:
    lengths = {p: len(p.read_text("utf-8").splitlines()) for p in python_files(ROOT / folder)}
    assert {str(p): n for p, n in lengths.items() if n > MOST_LINES} == {}
