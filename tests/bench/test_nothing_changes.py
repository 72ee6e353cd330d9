"""A program computes the same bits with each feature as without, and says and leaves the same."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "tests" / "programs"
ANNOTATED = sorted((PROGRAMS / "annotated").glob("drive_*.py"))
# The same forty for everybody, of every kind; those that are about time and threads do not
# compute the same twice.
UNSTEADY = {"odd_threads_and_print.py"}
PLAIN = sorted(
    random.Random(7).sample(
        [f for f in (PROGRAMS / "correct").glob("*.py") if f.name not in UNSTEADY], 24
    )
    + random.Random(7).sample(sorted((PROGRAMS / "plain").glob("*.py")), 16)
)
FEW = {"drive_forecaster.py"}

Run = Callable[..., Any]


def _quick(files: list[Path], quick: set[str]) -> list[Any]:
    slow = pytest.mark.slow
    return [pytest.param(f, id=f.stem, marks=() if f.name in quick else slow) for f in files]


# A module calls its forward from another line of torch's own where somebody listens to modules.
_TORCHS_CALLS = re.compile(r'  File ".*torch/nn/modules/module.py".*\n(?:    .*\n)*')


def told(ran: Any) -> Any:
    return replace(ran, stderr=_TORCHS_CALLS.sub("", ran.stderr))


@pytest.mark.parametrize("file", _quick(ANNOTATED, FEW))
def test_guard_and_laws(file: Path, ran: Run) -> None:
    packages = (file.stem.removeprefix("drive_"),)
    bare = ran(file, "none", packages)
    assert bare.status == 0
    assert bare.state["steps"]
    with_laws = ran(file, "laws", packages)
    assert with_laws == bare
    assert with_laws.laws["trials"] > 0


@pytest.mark.slow
def test_the_guard_without_laws(ran: Run) -> None:
    """Laws come with the guard; `tests/runtime/test_guard.py` has its bits in every run."""
    file = PROGRAMS / "annotated" / "drive_forecaster.py"
    bare = ran(file, "none", ("forecaster",))
    assert bare.state["steps"]
    assert ran(file, "guard", ("forecaster",)) == bare


@pytest.mark.parametrize("file", _quick(PLAIN, {PLAIN[0].name}))
def test_tracking(file: Path, ran: Run) -> None:
    bare, watched = ran(file), ran(file, "tracking")
    assert bare.state
    assert told(watched) == told(bare)


@pytest.mark.slow
@pytest.mark.parametrize("feature", ["guard", "laws", "tracking"])
def test_the_tutorial(feature: str, ran: Run) -> None:
    file, packages = ROOT / "tutorial" / "__main__.py", ("tutorial",)
    bare = ran(file, "" if feature == "tracking" else "none", packages)
    assert bare.status == 0
    assert ran(file, feature, packages) == bare


PROJECT = {
    "smooth.py": """
import torch
from jaxtyping import Float
from torch import Tensor, nn


class Smooth(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(1, 8, batch_first=True)
        self.out = nn.Linear(8, 1)

    def forward(self, x: Float[Tensor, "batch seq 1"]) -> Float[Tensor, "batch seq 1"]:
        states, last = self.rnn(x)
        return self.out(torch.dropout(states, 0.1, self.training))
""",
    "test_smooth.py": """
import hashlib, random
import numpy as np
import pytest
import torch
from smooth import Smooth


@pytest.mark.parametrize("batch", [2, 3])
def test_training(batch, record_property):
    random.seed(batch), np.random.seed(batch), torch.manual_seed(batch)
    model = Smooth()
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(4):
        x = torch.randn(batch, 5, 1)
        loss = (model(x) - x).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        record_property("loss", loss.item().hex())
    for name, p in model.named_parameters():
        bits = p.detach().numpy().tobytes() + p.grad.numpy().tobytes()
        record_property(name, hashlib.sha256(bits).hexdigest())
    record_property("streams", f"{random.random()} {np.random.rand()} {torch.rand(()).item()}")
    print("batch", batch, loss)
    assert loss < 3 and model(x).shape == (batch, 5, 1)
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("feature", ["laws", "ledger"])
def test_tests(feature: str, pytester: pytest.Pytester) -> None:
    """What tests compute and print, and what the run leaves behind, in a project's test run."""
    for name, text in PROJECT.items():
        pytester.path.joinpath(name).write_text(text, encoding="utf-8")
    flags = {"laws": [], "ledger": ["--shapecheck-verify", "--shapecheck-no-probe"]}[feature]
    runs = []
    for more in ([], ["--shapecheck=smooth", *flags]):
        pytester.runpytest_subprocess("-rA", "-p", "no:cacheprovider", "--junitxml=r.xml", *more)
        files = sorted(
            str(f.relative_to(pytester.path))
            for f in pytester.path.rglob("*")
            if "__pycache__" not in f.parts and f.name not in ("stdout", "stderr")
        )
        runs.append(
            (_reported(pytester.path / "r.xml"), [f for f in files if "runpytest" not in f])
        )
    assert runs[0] == runs[1]
    assert len(runs[0][0]) == 2


def _reported(file: Path) -> list[tuple[str, list[tuple[str, str]], str]]:
    """Each test's name, properties and output."""
    return [
        (
            case.attrib["name"],
            [(p.attrib["name"], p.attrib["value"]) for p in case.iter("property")],
            case.findtext("system-out", ""),
        )
        for case in ElementTree.parse(file).iter("testcase")
    ]
