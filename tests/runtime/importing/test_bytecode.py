"""Byte code that is kept: found again only for the very same source, by the very same rewriting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import CodeType

import pytest

from shapecheck.runtime.importing import bytecode
from shapecheck.runtime.importing.bytecode import CodeCache

CODE = compile("x = 1", "here.py", "exec")


@pytest.fixture(autouse=True)
def writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.fixture
def source(tmp_path: Path) -> str:
    file = tmp_path / "here.py"
    file.write_text("x = 1")
    return str(file)


def kept(source: str) -> CodeType | None:
    return CodeCache().load(source)


def test_what_is_stored_is_found_again(source: str) -> None:
    assert kept(source) is None
    CodeCache().store(source, CODE)
    assert kept(source) == CODE
    assert CodeCache("tests").load(source) is None
    assert [p.name for p in Path(source).parent.joinpath("__pycache__").iterdir()] == [
        CodeCache().path(source).name
    ]


def test_another_size_or_time_of_the_source_is_another_source(source: str) -> None:
    CodeCache().store(source, CODE)
    state = os.stat(source)
    Path(source).write_text("x = 2")
    os.utime(source, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert kept(source) is None


def test_a_folder_that_was_copied_is_compiled_anew(source: str, tmp_path: Path) -> None:
    CodeCache().store(source, CODE)
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "here.py").write_text("x = 1")
    state = os.stat(source)
    os.utime(copy / "here.py", ns=(state.st_atime_ns, state.st_mtime_ns))
    target = CodeCache().path(str(copy / "here.py"))
    target.parent.mkdir()
    target.write_bytes(CodeCache().path(source).read_bytes())
    assert kept(str(copy / "here.py")) is None


@pytest.mark.parametrize("rest", [b"", b"garbage", b"\x00" * 8])
def test_what_is_damaged_is_as_if_it_were_not_there(source: str, rest: bytes) -> None:
    CodeCache().store(source, CODE)
    path = CodeCache().path(source)
    path.write_bytes(path.read_bytes().partition(b"\n")[0] + b"\n" + rest)
    assert kept(source) is None


def test_python_without_byte_code_writes_none(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    CodeCache().store(source, CODE)
    assert not CodeCache().path(source).exists()


def test_a_cache_elsewhere_is_made_with_its_folders(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "far" / "away"))
    CodeCache().store(source, CODE)
    assert kept(source) == CODE
    assert CodeCache().path(source).is_relative_to(tmp_path / "far" / "away")


def test_code_without_assertions_is_kept_apart(source: str) -> None:
    program = (
        f"from shapecheck.runtime.importing.bytecode import *; print(CodeCache().path({source!r}))"
    )
    optimised = subprocess.run(
        [sys.executable, "-O", "-c", program], capture_output=True, text=True, check=True
    )
    assert optimised.stdout.strip() != str(CodeCache().path(source))


def test_another_rewriting_makes_it_anew(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    CodeCache().store(source, CODE)
    monkeypatch.setattr(bytecode, "_made_by", lambda: 0)
    assert kept(source) is None
