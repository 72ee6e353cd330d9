"""What is built holds what it needs: the rules' pages travel in the sdist and in the wheel."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from shapecheck.rules import catalogue, page

ROOT = Path(__file__).parents[1]


def build(source: Path, target: str, into: Path) -> Path:
    """What hatchling makes of a source folder: the one file that it writes."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (made,) = into.iterdir()
    return made


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with the package as it is installed: the wheel of the sdist of this checkout."""
    with tarfile.open(build(ROOT, "sdist", tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.glob("pytest_shapecheck-*")
    with zipfile.ZipFile(build(source, "wheel", tmp_path / "wheel")) as archive:
        archive.extractall(tmp_path / "site")
    return tmp_path / "site"


def test_an_installed_package_has_every_page(installed: Path) -> None:
    code = (
        "import sys, shapecheck.rules as rules\n"
        "print(rules.__file__)\n"
        "sys.stdout.write('\\f'.join(rules.page(slug) for slug in rules.catalogue()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    file, _, pages = done.stdout.partition("\n")
    assert Path(file).is_relative_to(installed)
    assert pages.split("\f") == [page(slug) for slug in catalogue()]
    assert not (installed / "docs").exists()


def test_an_installed_package_has_every_file_of_the_checkout(installed: Path) -> None:
    files = {p.relative_to(ROOT) for p in (ROOT / "shapecheck").rglob("*") if p.is_file()}
    mine = {file for file in files if "__pycache__" not in file.parts}
    assert {Path("shapecheck/py.typed"), Path("shapecheck/cli.py")} <= mine
    assert {file for file in mine if not (installed / file).is_file()} == set()
