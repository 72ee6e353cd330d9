"""Code that is taken to keep no state of the user's: Python's own, torch, numpy and the like."""

from __future__ import annotations

import sys
import sysconfig
from functools import cache
from pathlib import Path

# Everything else in site-packages is read like the user's own code.
_PACKAGES = frozenset((
    "torch", "numpy", "jaxtyping", "typeguard", "beartype", "einops", "typing_extensions",
    "pytest", "_pytest", "pluggy", "hypothesis", "shapecheck", "xdist", "execnet",
    "coverage", "torchvision", "torchaudio", "scipy",
))  # fmt: skip
_OWN = str(Path(__file__).parents[2])
_STANDARD = tuple({sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["platstdlib"], "<frozen"})


@cache
def trusted_file(file: str) -> bool:
    """True for code of a file that belongs to Python, torch, numpy, … or shapecheck itself."""
    if file.startswith(_OWN):
        return True
    for folder in ("site-packages", "dist-packages"):
        if folder in file:
            inside = file.partition(folder)[2].lstrip("/\\")
            return inside.replace("\\", "/").split("/")[0].removesuffix(".py") in _PACKAGES
    return file.startswith(_STANDARD)


def own_file(file: str) -> bool:
    """True for shapecheck's own code, whose state is not the user's."""
    return file.startswith(_OWN)


def trusted_module(name: str | None) -> bool:
    """True for a module of Python, torch, numpy, … or shapecheck itself, by its dotted name."""
    top = (name or "").partition(".")[0]
    return top in _PACKAGES or (top in sys.stdlib_module_names and top != "__main__")
