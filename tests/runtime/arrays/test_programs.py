"""Programs whose data is prepared, and whose results are measured, in numpy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parents[2] / "programs" / "arrays"
PAIRS = sorted(f for f in (PROGRAMS / "pairs").glob("*.py") if not f.stem.endswith("_fixed"))
CORRECT = [*sorted((PROGRAMS / "correct").glob("*.py")), *(PROGRAMS / "pairs").glob("*_fixed.py")]


def differing(one: Path, other: Path) -> list[int]:
    """The lines in which two files differ."""
    lines = zip(one.read_text().splitlines(), other.read_text().splitlines(), strict=True)
    return [number for number, (a, b) in enumerate(lines, 1) if a != b]


@pytest.mark.parametrize("file", PAIRS, ids=lambda file: file.stem)
def test_the_wrong_line_is_found(file: Path, watch: Callable[..., tuple[list, dict]]) -> None:
    wrong = differing(file, file.with_name(f"{file.stem}_fixed.py"))
    found, _ = watch(file)
    lines = [f.place.line for f in found if f.severity.value in ("error", "warning")]
    assert lines, "nothing is found"
    assert not wrong or min(lines) - 4 <= wrong[0] <= max(lines)


@pytest.mark.parametrize("file", CORRECT, ids=lambda file: file.stem)
def test_nothing_is_said_of_what_is_right(
    file: Path, watch: Callable[..., tuple[list, dict]]
) -> None:
    found, _ = watch(file)
    assert [str(f) for f in found if f.severity.value != "note"] == []


def test_remedies_are_written_as_numpy_writes_them(
    watch: Callable[..., tuple[list, dict]],
) -> None:
    remedies = {
        name: watch(PROGRAMS / "pairs" / f"{name}.py")[0][0].remedy
        for name in ("03_reshape_channels", "04_confusion_rows", "05_argmax_axis")
    }
    assert remedies == {
        "03_reshape_channels": "eeg.swapaxes(1, 2)",
        "04_confusion_rows": "keepdims=True",
        "05_argmax_axis": "axis=1",
    }
