"""A project to measure on: annotated modules and two hundred tests, written into a folder."""

from __future__ import annotations

from pathlib import Path

MODULES, TESTS = 20, 200

_MODULE = """
import torch
from jaxtyping import Float
from torch import Tensor, nn


class Mixer(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.into = nn.Linear(width, 2 * width)
        self.back = nn.Linear(2 * width, width)

    def hidden(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch twice"]:
        return torch.relu(self.into(x))

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch width"]:
        return x + self.back(self.hidden(x))


def centred(x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch width"]:
    return x - x.mean(1, keepdim=True)


def scored(x: Float[Tensor, "batch width"], y: Float[Tensor, "batch width"]) -> Float[Tensor, ""]:
    return (centred(x) - centred(y)).square().mean()
"""

_TEST = """
import torch
from mixing.part{module} import Mixer, scored


def test_{test}():
    torch.manual_seed({test})
    model = Mixer({width})
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    x = torch.randn({batch}, {width})
    for _ in range(5):
        loss = scored(model(x), x.roll(1, 0))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() > 0
"""


def write(folder: Path) -> Path:
    """The project in `folder`: the package `mixing`, and tests that train each of its parts."""
    package, tests = folder / "mixing", folder / "tests"
    package.mkdir(parents=True)
    tests.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n", encoding="utf-8")
    (folder / "conftest.py").write_text("", encoding="utf-8")  # puts the folder into sys.path
    (package / "__init__.py").write_text("", encoding="utf-8")
    for module in range(MODULES):
        (package / f"part{module}.py").write_text(_MODULE, encoding="utf-8")
        made = [
            _TEST.format(module=module, test=test, batch=3 + test % 4, width=6 + test % 3)
            for test in range(module, TESTS, MODULES)
        ]
        (tests / f"test_part{module}.py").write_text("".join(made), encoding="utf-8")
    return folder


def script(folder: Path) -> Path:
    """A program without annotations that trains in a loop of small operations, for tracking."""
    file = folder / "train.py"
    file.write_text(
        "import torch\nfrom torch import nn\n"
        "torch.manual_seed(0)\n"
        "model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))\n"
        "optimiser = torch.optim.Adam(model.parameters(), 0.01)\n"
        "batch_size, features = 64, 16\n"
        "x = torch.randn(batch_size, features)\n"
        "y = x.sum(1, keepdim=True)\n"
        "for step in range(1500):\n"
        "    loss = ((model(x) - y) ** 2).mean()\n"
        "    optimiser.zero_grad()\n"
        "    loss.backward()\n"
        "    optimiser.step()\n"
        "print(loss.item())\n",
        encoding="utf-8",
    )
    return file


def functions(folder: Path, count: int) -> Path:
    """A module of `count` annotated functions, each called once by `call_all`."""
    lines = ["import torch", "from jaxtyping import Float", "from torch import Tensor", ""]
    for i in range(count):
        lines += [
            (
                f'def f{i}(x: Float[Tensor, "batch seq"], y: Float[Tensor, "batch"]) -> '
                'Float[Tensor, "batch seq"]:'
            ),
            "    return x",
            "",
        ]
    lines += [
        "def call_all():",
        "    x, y = torch.ones(2, 3), torch.ones(2)",
        *(f"    f{i}(x, y)" for i in range(count)),
    ]
    file = folder / f"many{count}.py"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
