"""Which modules a run covers: names and folders, found or misspelt, clashing with none.

Nothing here imports what it looks for.
"""

from __future__ import annotations

import difflib
import pkgutil
import sys
from collections.abc import Iterable
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

import pytest


def missing(config: pytest.Config, packages: Iterable[str], seen: Iterable[str]) -> str:
    """What to say of the first package that does not exist; empty where all do.

    A package may become importable late, when a conftest file has extended `sys.path`: ask when
    everything is collected. `seen` are the modules that were imported under the hook.
    """
    for name in packages:
        if not _exists(name, config.rootpath) and not any(_within(m, name) for m in seen):
            close = difflib.get_close_matches(name, _neighbours(name, config.rootpath), n=1)
            also = f"; did you mean `{close[0]}`?" if close else ""
            return f"shapecheck: there is no package, module or folder `{name}`{also}"
    return ""


def refuse_rival(config: pytest.Config, packages: tuple[str, ...]) -> None:
    """Refuse what jaxtyping's own plugin would rewrite as well: one of the two would not see it."""
    given = getattr(config.known_args_namespace, "jaxtyping_packages", None) or ""
    rivals = [name.strip() for name in given.split(",")][:-1]
    both = [p for p in packages if any(_within(p, r) or _within(r, p) for r in rivals)]
    if both:
        raise pytest.UsageError(
            f"shapecheck: jaxtyping's own plugin covers {', '.join(f'`{p}`' for p in both)} too "
            f"(--jaxtyping-packages={given}), and a module can be checked by one of them only. "
            "Leave it out there or in shapecheck's `packages`."
        )


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def plain_folders(root: Path, packages: tuple[str, ...]) -> list[Path]:
    """Directories that are no packages: their files are covered whatever the modules' names."""
    folders = [root / name for name in packages]
    return [f for f in folders if f.is_dir() and not (f / "__init__.py").exists()]


def _exists(name: str, root: Path) -> bool:
    """True where a module, package or folder can be found, without importing anything."""
    if (root / name).is_dir() or name in sys.modules:
        return True
    top, *rest = name.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        spec = None
    full = top
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return False
        full = f"{full}.{part}"
        spec = PathFinder.find_spec(full, list(spec.submodule_search_locations))
    return spec is not None


def _neighbours(name: str, root: Path) -> Iterable[str]:
    """Names that exist where `name` was looked for."""
    parent = name.rpartition(".")[0]
    if parent:
        try:
            spec = find_spec(parent) if "." not in parent else None
        except (ImportError, ValueError):
            spec = None
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        return [f"{parent}.{m.name}" for m in pkgutil.iter_modules(places)]
    near = [root, root / "src", *map(Path, sys.path)]
    folders = [f.name for f in root.iterdir() if f.is_dir()]
    return [*folders, *(m.name for m in pkgutil.iter_modules(map(str, near)))]
