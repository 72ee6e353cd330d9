"""What the spelling of a size says, and where it says nothing certain."""

from pathlib import Path

import pytest

from shapecheck.core.axis import Role
from shapecheck.core.site import Place
from shapecheck.runtime.flow.wording.meaning import from_name


@pytest.mark.parametrize(
    ("text", "position", "weak"),
    [
        ("x = torch.randn(n_samples, 8)\n", 0, False),
        ("_, n_channels, n_samples = x.shape\n", 2, True),
        ("sample_rate = 16_000\nx = torch.randn(n_samples, 8)\n", 0, True),
        ("def march(rays):\n    x = torch.rand(n_samples, len(rays))\n", 0, True),
        ("arrays = [torch.randn(n_samples, 8)]\n", 0, False),
    ],
)
def test_samples_are_a_batch_in_front_unless_a_program_speaks_of_signals_or_rays(
    tmp_path: Path, text: str, position: int, weak: bool
) -> None:
    file = tmp_path / "program.py"
    file.write_text(text)
    said = from_name("n_samples", Place(str(file), 1), position)
    assert said is not None
    assert (said.role, said.weak) == (Role.BATCH, weak)
