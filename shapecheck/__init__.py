"""shapecheck: tensor shapes in PyTorch code, checked, explained and learned.

Public names are loaded when first used, so that `import shapecheck` loads neither torch nor
pytest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from shapecheck.core.version import __version__

if TYPE_CHECKING:
    from shapecheck.check import checked, install
    from shapecheck.core.finding import DeclarationError, Finding, Severity, ShapeError
    from shapecheck.runtime.trials.laws import axes

__all__ = [
    "DeclarationError",
    "Finding",
    "Severity",
    "ShapeError",
    "__version__",
    "axes",
    "checked",
    "install",
]

_HOMES = {
    "DeclarationError": "shapecheck.core.finding",
    "Finding": "shapecheck.core.finding",
    "Severity": "shapecheck.core.finding",
    "ShapeError": "shapecheck.core.finding",
    "axes": "shapecheck.runtime.trials.laws",
    "checked": "shapecheck.check",
    "install": "shapecheck.check",
    "load_ipython_extension": "shapecheck.notebook",  # `%load_ext shapecheck`
    "unload_ipython_extension": "shapecheck.notebook",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
