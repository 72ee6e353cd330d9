"""Whose code a file is: ours, a library's that stands between us and the user, or the user's.

What a guard covers may be a library of its own, installed beside others: `is_users` asks who is at
fault for a call. A program that is watched is what stands in its own files: `is_programs`.
"""

from __future__ import annotations

import os
import sysconfig
from functools import cache
from importlib.util import find_spec

import torch

_BETWEEN = ("jaxtyping", "typeguard", "pytest", "_pytest", "pluggy")


def _folder(file: str) -> str:
    return os.path.join(os.path.dirname(file), "")


_OURS = _folder(os.path.dirname(__file__))
_TORCH = _folder(torch.__file__)
# Torch's module call and its wrappers lead from the user's line to the user's function.
_CALLS = (os.path.join(_TORCH, "nn", "modules", "module.py"), os.path.join(_TORCH, "utils", ""))


def is_ours(filename: str) -> bool:
    """True for a file of shapecheck."""
    return filename.startswith(_OURS)


def is_torchs(filename: str) -> bool:
    """True for a file of torch."""
    return filename.startswith(_TORCH)


def is_between(filename: str) -> bool:
    """True for what lies between the user's line and us: torch's module call, the judges, us."""
    return filename.startswith((_OURS, *_CALLS, *_libraries()[:2]))


@cache
def is_users(filename: str) -> bool:
    """True for a file that is none of ours, of torch, of the judges, of pytest, of Python.

    A folder of the user's may be called `torch`: what counts is where the library lies.
    """
    if filename.startswith((_OURS, _TORCH, "<frozen", *_libraries())):
        return False
    of_python = filename.startswith(os.path.join(sysconfig.get_path("stdlib"), ""))
    return not of_python or "site-packages" in filename


@cache
def is_programs(filename: str) -> bool:
    """True for a file that is neither a library's, nor ours, nor made up by an interpreter."""
    if filename.startswith("<"):
        return filename.startswith("<ipython") or filename == "<stdin>"
    return not (
        filename.startswith((_OURS, *_installed()))
        or "site-packages" in filename
        or "dist-packages" in filename
    )


@cache
def _installed() -> tuple[str, ...]:
    """The folders of Python and of the libraries that are installed for it."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    paths = (sysconfig.get_paths().get(name) for name in names)
    return tuple(os.path.join(path, "") for path in paths if path)


@cache
def _libraries() -> tuple[str, ...]:
    """The folders of the judges, then those of pytest, where they are installed."""
    specs = (find_spec(name) for name in _BETWEEN)
    return tuple(_folder(spec.origin) for spec in specs if spec is not None and spec.origin)
