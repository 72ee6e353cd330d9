"""What is written outside the folders is seen; what is not written is not."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from shapecheck.runtime.running.writes import WriteRefused, Writes

writes = Writes()


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file").write_text("x")
    (tmp_path / "inside").mkdir()
    return folder


WAYS: dict[str, Callable[[Path], object]] = {
    "open w": lambda p: (p / "new").open("w").close(),
    "open a": lambda p: (p / "file").open("a").close(),
    "open r+": lambda p: (p / "file").open("r+").close(),
    "os.open": lambda p: os.close(os.open(p / "new", os.O_WRONLY | os.O_CREAT)),
    "unlink": lambda p: (p / "file").unlink(),
    "rename": lambda p: (p / "file").rename(p / "other"),
    "mkdir": lambda p: (p / "folder").mkdir(),
    "rmtree": lambda p: shutil.rmtree(p),
    "copy": lambda p: shutil.copyfile(p / "file", p / "copy"),
    "sqlite": lambda p: sqlite3.connect(p / "base").close(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_write_outside_is_seen(outside: Path, way: str) -> None:
    with writes.watching([outside.parent / "inside"]) as seen:
        WAYS[way](outside)
    assert seen
    assert all(Path(path).is_relative_to(outside) for path in seen)


@pytest.mark.parametrize("way", WAYS)
def test_a_write_inside_is_not(outside: Path, way: str) -> None:
    with writes.watching([outside]) as seen:
        WAYS[way](outside)
    assert seen == []


def test_a_mutant_is_not_let_by(outside: Path) -> None:
    with writes.watching([], refuse=True), pytest.raises(WriteRefused):
        (outside / "file").write_text("y")
    assert (outside / "file").read_text() == "x"


def test_reading_and_what_changes_nothing_is_no_write(outside: Path) -> None:
    with writes.watching([], refuse=True) as seen:
        assert (outside / "file").read_text() == "x"
        outside.mkdir(exist_ok=True)
        with open(os.devnull, "w") as nowhere:
            nowhere.write("x")
        sqlite3.connect(":memory:").close()
    assert seen == []


def test_afterwards_nothing_is_heard(outside: Path) -> None:
    with writes.watching([]) as seen:
        pass
    (outside / "file").write_text("y")
    assert seen == []
