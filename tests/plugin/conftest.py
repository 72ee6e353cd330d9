"""Small projects for pytester: the course as a package of its own, and its tests."""

from collections.abc import Callable
from pathlib import Path

import hypothesis  # noqa: F401  (its plugin would import it anew in every project's run)
import pytest

from shapecheck.check import guard
from shapecheck.runtime.record import Record

ROOT = Path(__file__).parents[2]

SHAPES = """
import torch
from jaxtyping import Float
from torch import Tensor


def flip(x: Float[Tensor, "row column"]) -> Float[Tensor, "column row"]:
    return x.transpose(0, -1)


def swallow(x):
    try:
        return flip(x)
    except Exception:
        return x
"""


@pytest.fixture(autouse=True)
def unmarked_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests before in this process left unchecked is no part of a project's summary."""
    monkeypatch.setattr(guard, "record", Record())


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project whose package `shapes` declares what `flip` takes and gives."""
    pytester.mkpydir("shapes")
    (pytester.path / "shapes/__init__.py").write_text(SHAPES, encoding="utf-8")
    pytester.syspathinsert()
    return pytester


@pytest.fixture
def course(pytester: pytest.Pytester) -> Callable[..., pytest.Pytester]:
    """``course(file, old, new)``: the tutorial as package ``course``, one text replaced."""

    def make(file: str = "", old: str = "", new: str = "") -> pytest.Pytester:
        folder = pytester.mkpydir("course")
        for module in (ROOT / "tutorial").glob("*.py"):
            text = module.read_text(encoding="utf-8").replace("tutorial", "course")
            if module.name == file:
                assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
                text = text.replace(old, new)
            (folder / module.name).write_text(text, encoding="utf-8")
        pytester.makepyprojecttoml('[tool.shapecheck]\npackages = ["course"]\n')
        pytester.syspathinsert()
        return pytester

    return make
