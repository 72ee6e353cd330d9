"""Every run starts alike, and nothing of it stays."""

import functools
import os
import random
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch

from shapecheck.runtime.running.isolation import Start, caches, own_folder


def test_a_start_is_the_same_each_time() -> None:
    start = Start()

    def draw() -> tuple[float, float, float]:
        return random.random(), float(np.random.rand()), float(torch.rand(()))

    first = draw()
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    assert draw() != first
    start.again()
    assert draw() == first
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()
    start.again()


def test_a_folder_of_its_own_that_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPT", "1")
    before = os.getcwd()

    def run() -> None:
        with own_folder(tmp_path) as folder:
            Path("here").write_text("x")
            assert Path(tempfile.mkdtemp()).is_relative_to(folder)
            os.environ["KEPT"] = "2"
            os.environ["ADDED"] = "3"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()
    assert os.getcwd() == before
    assert list(tmp_path.iterdir()) == []
    assert os.environ["KEPT"] == "1"
    assert "ADDED" not in os.environ


def test_only_caches_of_the_files_are_emptied() -> None:
    @functools.lru_cache
    def cached() -> object:
        return object()

    first = cached()
    for empty in caches(["another.py"]):
        empty()
    assert cached() is first
    for empty in caches([__file__]):
        empty()
    assert cached() is not first
