"""The hook of `.pre-commit-hooks.yaml`, as pre-commit runs it in somebody's repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORGOTTEN = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

lstm = nn.LSTM(3, 8)
for (x,) in DataLoader(TensorDataset(torch.randn(12, 5, 3)), batch_size=4):
    out, _ = lstm(x)
"""
PAGE = ROOT / "docs" / "how-to" / "ci.md"


def shown_config(repo: Path, rev: str) -> str:
    """The configuration that the page shows, with this repository in it."""
    page = PAGE.read_text(encoding="utf-8")
    text = page.partition("# .pre-commit-config.yaml\n")[2].partition("```")[0]
    return text.replace("ADDRESS-OF-THIS-REPOSITORY", str(repo)).replace("v0.1.0", rev)


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    """A repository that offers the hook as this one does."""
    folder = tmp_path / "hooks"
    folder.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", folder)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "hooks")
    return folder


def test_a_commit_is_stopped_by_what_shows_and_passes_when_it_is_fixed(
    tmp_path: Path, hooks: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    config = shown_config(hooks, git(hooks, "rev-parse", "HEAD"))
    (home / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    (home / "homework.py").write_text(FORGOTTEN, encoding="utf-8")
    (home / "dangerous.py").write_text("raise SystemExit('nobody asked')", encoding="utf-8")
    git(home, "init", "-q")
    git(home, "add", ".")
    stopped = pre_commit(home)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "[role-conflict]" in stopped.stdout
    assert "nobody asked" not in stopped.stdout
    fixed = FORGOTTEN.replace("(3, 8)", "(3, 8, batch_first=True)")
    (home / "homework.py").write_text(fixed, encoding="utf-8")
    git(home, "add", ".")
    assert pre_commit(home).returncode == 0


def pre_commit(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if "GIT_" not in name}
    environment["PRE_COMMIT_HOME"] = str(folder.parent / "cache")
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
