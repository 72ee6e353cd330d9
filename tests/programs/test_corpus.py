"""The corpus is what its README says: programs run, twins are one line apart, mutants apply."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
ANNOTATED, PLAIN, CORRECT = HERE / "annotated", HERE / "plain", HERE / "correct"
PACKAGES = sorted(file.stem for file in ANNOTATED.glob("*.json"))
BUGGY = sorted(file for file in PLAIN.glob("*.py") if not file.stem.endswith("_fixed"))
RIGHT = sorted(CORRECT.glob("*.py"))
MUTANTS = {
    mutant["id"]: (package, mutant)
    for package in PACKAGES
    for mutant in json.loads((ANNOTATED / f"{package}.json").read_text())
}
MANIFEST = json.loads((PLAIN / "manifest.json").read_text())
SHAPE_ERRORS = ("RuntimeError", "IndexError", "ValueError")

Outcomes = dict[str, dict[str, Any]]


def fixed(program: Path) -> Path:
    return program.with_name(f"{program.stem}_fixed.py")


def run_all(files: list[Path], *mode: str) -> Outcomes:
    """Every file's outcome, from two processes side by side."""

    def share(part: list[Path]) -> Outcomes:
        command = [sys.executable, str(HERE / "run_programs.py"), *mode, *map(str, part)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=540)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    with ThreadPoolExecutor(2) as pool:
        halves = pool.map(share, [files[::2], files[1::2]])
    return {file: outcome for half in halves for file, outcome in half.items()}


def mutated(source: str, mutant: dict[str, Any]) -> str:
    return source.replace(mutant["old"], mutant["new"], 1)


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    drivers = [ANNOTATED / f"drive_{package}.py" for package in PACKAGES]
    return run_all([*drivers, *BUGGY, *map(fixed, BUGGY), *RIGHT])


@pytest.fixture(scope="module")
def mutant_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each mutant written out beside its driver."""
    root, files = tmp_path_factory.mktemp("mutants"), {}
    for name, (package, mutant) in MUTANTS.items():
        folder = root / name
        (folder / package).mkdir(parents=True)
        source = (ANNOTATED / package / "__init__.py").read_text()
        (folder / package / "__init__.py").write_text(mutated(source, mutant))
        files[name] = folder / f"drive_{package}.py"
        files[name].write_text((ANNOTATED / f"drive_{package}.py").read_text())
    return files


@pytest.fixture(scope="module")
def mutant_outcomes(mutant_files: dict[str, Path]) -> Outcomes:
    return run_all(list(mutant_files.values()))


@pytest.fixture(scope="module")
def size_outcomes(mutant_files: dict[str, Path]) -> Outcomes:
    drivers = [ANNOTATED / f"drive_{package}.py" for package in PACKAGES]
    return run_all([*drivers, *mutant_files.values()], "--size-checks")


@pytest.fixture(scope="module")
def warning_outcomes(mutant_files: dict[str, Path]) -> Outcomes:
    return run_all(list(mutant_files.values()), "--warnings-as-errors")


def ended_well(outcome: dict[str, Any]) -> str:
    assert outcome["error"] is None
    (result,) = outcome["results"]
    return result


@pytest.mark.parametrize("program", RIGHT, ids=lambda file: file.stem)
def test_correct_program_runs(program: Path, outcomes: Outcomes) -> None:
    assert ended_well(outcomes[str(program)])


@pytest.mark.parametrize("program", BUGGY, ids=lambda file: file.stem)
def test_twins_run_and_differ(program: Path, outcomes: Outcomes) -> None:
    right = ended_well(outcomes[str(fixed(program))])
    wrong = outcomes[str(program)]
    if MANIFEST[program.stem]["outcome"] == "raises":
        assert wrong["error"].startswith(SHAPE_ERRORS)
    else:
        assert ended_well(wrong) != right


@pytest.mark.parametrize("program", BUGGY, ids=lambda file: file.stem)
def test_twins_differ_at_the_mark_only(program: Path) -> None:
    wrong, right = program.read_text().splitlines(), fixed(program).read_text().splitlines()
    while wrong and right and wrong[0] == right[0]:
        wrong, right = wrong[1:], right[1:]
    while wrong and right and wrong[-1] == right[-1]:
        wrong, right = wrong[:-1], right[:-1]
    marked = [line for line in program.read_text().splitlines() if "# BUG:" in line]
    assert wrong == marked
    assert len(wrong) == len(right) == 1
    assert "# BUG:" not in fixed(program).read_text()


def test_manifest_names_every_pair() -> None:
    assert sorted(MANIFEST) == [program.stem for program in BUGGY]
    assert {entry["outcome"] for entry in MANIFEST.values()} == {"silent", "raises"}


@pytest.mark.parametrize("package", PACKAGES)
def test_annotated_program_runs_and_keeps_its_declarations(
    package: str, outcomes: Outcomes, size_outcomes: Outcomes
) -> None:
    driver = str(ANNOTATED / f"drive_{package}.py")
    assert ended_well(size_outcomes[driver]) == ended_well(outcomes[driver])


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_applies_once(name: str) -> None:
    package, mutant = MUTANTS[name]
    source = (ANNOTATED / package / "__init__.py").read_text()
    assert source.count(mutant["old"]) == 1
    before, after = source.splitlines(), mutated(source, mutant).splitlines()
    first = next(i for i, (a, b) in enumerate(zip(before, after, strict=False), 1) if a != b)
    assert mutant["line"] == first


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_what_its_sidecar_says(
    name: str,
    outcomes: Outcomes,
    mutant_files: dict[str, Path],
    mutant_outcomes: Outcomes,
    size_outcomes: Outcomes,
    warning_outcomes: Outcomes,
) -> None:
    package, mutant = MUTANTS[name]
    file = str(mutant_files[name])
    same = ended_well(mutant_outcomes[file]) == ended_well(
        outcomes[str(ANNOTATED / f"drive_{package}.py")]
    )
    assert mutant["outcome"] == ("latent" if same else "differs")
    assert mutant["sizes"] == (size_outcomes[file]["error"] is not None)
    assert mutant["warns"] == (warning_outcomes[file]["error"] is not None)
