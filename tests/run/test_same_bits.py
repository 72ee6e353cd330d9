"""With and without: the corpus leaves the same bits behind, and its laws are told apart."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = Path(__file__).parents[1] / "programs"
UNSEEDED = {"law_unseeded_sampling.py"}  # no two runs of it are the same
CORRECT = [
    file
    for file in sorted((PROGRAMS / "correct").glob("*.py"))
    if not file.name.startswith("odd_") and file.name not in UNSEEDED
]
PAIRS = sorted((PROGRAMS / "plain").glob("09[6-9]*.py")) + sorted(
    (PROGRAMS / "plain").glob("1??_*.py")
)
FEW = ("batchnorm_training", "beam_search", "vae_with_noise")
SEVERAL = [file for file in CORRECT if file.stem in FEW]
LAYERS = {
    "RNN", "LSTM", "GRU", "LSTMCell", "GRUCell", "MultiheadAttention", "TransformerEncoder",
    "TransformerEncoderLayer", "Conv1d", "Conv2d", "ConvTranspose2d", "BatchNorm1d", "BatchNorm2d",
    "LayerNorm", "Embedding", "Dropout", "Linear", "MaxPool2d", "AdaptiveAvgPool2d",
}  # fmt: skip
Left = dict[str, dict[str, Any]]


def left_behind(files: list[Path]) -> dict[str, Left]:
    """What each program leaves behind plainly and under watch, by its name."""
    done = subprocess.run(
        [sys.executable, str(PROGRAMS / "run_watched.py"), *map(str, files)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers: dict[str, Left] = json.loads(done.stdout)
    return {Path(file).name: answer for file, answer in answers.items()}


def assert_same(answer: Left) -> None:
    """Output, exit code, random numbers, losses, parameters, states of optimisers: every bit."""
    plain, watched = answer["plain"], answer["watched"]
    assert "failed" not in plain, plain
    assert watched.get("errors") == [], watched
    assert plain["globals"]
    assert {key: watched[key] for key in plain} == plain


def told(answer: Left) -> list[tuple[str, str]]:
    return [(f["slug"], f["severity"]) for f in answer["watched"]["findings"]]


def test_a_few_programs_leave_the_same_bits() -> None:
    answers = left_behind(SEVERAL)
    assert len(answers) == len(FEW)
    for answer in answers.values():
        assert_same(answer)


@pytest.fixture(scope="module")
def correct() -> dict[str, Left]:
    return left_behind(CORRECT)


@pytest.mark.slow
@pytest.mark.parametrize("name", [file.name for file in CORRECT])
def test_the_same_bits(correct: dict[str, Left], name: str) -> None:
    assert_same(correct[name])


@pytest.mark.slow
def test_the_programs_cover_the_layers_of_torch(correct: dict[str, Left]) -> None:
    used = {layer for answer in correct.values() for layer in answer["watched"].get("layers", ())}
    assert used >= LAYERS


@pytest.mark.slow
@pytest.mark.parametrize("name", [file.name for file in CORRECT])
def test_no_law_is_broken_where_samples_meet_on_purpose(
    correct: dict[str, Left], name: str
) -> None:
    slugs = {slug for slug, severity in told(correct[name]) if severity != "note"}
    assert not slugs & {"batch-mixing", "batch-size-fixed", "batch-position"}


@pytest.fixture(scope="module")
def pairs() -> dict[str, Left]:
    return left_behind(PAIRS)


@pytest.mark.slow
@pytest.mark.parametrize("name", [f.name for f in PAIRS if not f.stem.endswith("_fixed")])
def test_laws_tell_a_bug_from_its_fixed_twin(pairs: dict[str, Left], name: str) -> None:
    assert "batch-mixing" in dict(told(pairs[name]))
    assert told(pairs[name.replace(".py", "_fixed.py")]) == []


ODD = sorted((PROGRAMS / "odd").glob("*.py"))


@pytest.fixture(scope="module")
def odd() -> dict[str, Left]:
    return left_behind(ODD)


@pytest.mark.slow
@pytest.mark.parametrize("name", [file.name for file in ODD])
def test_whatever_a_program_does_with_torch_it_does_the_same(
    odd: dict[str, Left], name: str
) -> None:
    """Its own modes, tensors, hooks and patches, transforms, graphs: and no failure of ours."""
    plain, watched = odd[name]["plain"], odd[name]["watched"]
    assert watched.get("errors") == [], watched
    same = ("stdout", "exit", "random")
    assert {key: watched[key] for key in same} == {key: plain[key] for key in same}
    assert [f for f in watched["findings"] if f["severity"] == "error"] == []
