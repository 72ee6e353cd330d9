"""What processes of a program saw is told with what the program saw: workers, forks, spawns."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from shapecheck.core.site import Place
from shapecheck.runtime.running.offspring import Leaving, Left, gather

Command = Callable[..., CompletedProcess[str]]
Program = Callable[[str], Path]

STORIES = """
import multiprocessing, os, signal, sys
import torch, torch.nn as nn
from torch.utils.data import DataLoader, Dataset

batch, seq_len = 3, 5

class Windows(Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, i):
        return torch.zeros(batch, seq_len, 4).view(seq_len, batch, 4)  # worker

def trains():
    nn.LSTM(4, 6)(torch.zeros(batch, seq_len, 4))  # trains

def raises():
    nn.Linear(5, 2)(torch.zeros(batch, seq_len, 6))  # raises

def killed():
    nn.GRU(4, 6)(torch.zeros(batch, seq_len, 4))  # killed
    os.kill(os.getpid(), signal.SIGKILL)

def spawned():
    nn.RNN(4, 6)(torch.zeros(batch, seq_len, 4))  # spawned

def leaves():
    nn.LSTM(4, 7)(torch.zeros(batch, seq_len, 4))  # leaves
    os._exit(3)

def goes_on():
    nn.LSTM(4, 8)(torch.zeros(batch, seq_len, 4))  # goes on
    sys.exit(4)

if __name__ == "__main__":
    for x in DataLoader(Windows(), batch_size=2, num_workers=2):
        print(x.shape)
    for how, work in ("fork", trains), ("fork", raises), ("fork", killed), ("spawn", spawned):
        process = multiprocessing.get_context(how).Process(target=work)
        process.start()
        process.join()
        print(process.exitcode)
    for work in leaves, goes_on:
        child = os.fork()
        if child == 0:
            work()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_what_each_process_saw_is_told(
    tmp_path: Path, program: Program, command: Command, plainly: Command
) -> None:
    """Also of one that was killed; each ends, and says what it fails of, as ever."""
    lines = program(STORIES).read_text("utf-8").splitlines()
    plain = plainly("homework.py")
    watched = command("run", "homework.py", "--format", "json", "--output", "report.json")
    assert watched.stdout == plain.stdout
    assert _traceback(watched.stderr) == _traceback(plain.stderr) != []
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    told = {lines[f["line"] - 1].rpartition("# ")[2]: f["slug"] for f in report["findings"]}
    assert told == {
        "worker": "scrambling-reshape",
        "trains": "role-conflict",
        "raises": "layer-input",
        "killed": "role-conflict",
        "spawned": "role-conflict",
        "leaves": "role-conflict",
        "goes on": "role-conflict",
    }
    (file,) = report["files"]
    assert file["ours"] == []
    assert file["skipped"][0]["reason"] == (
        "the process started at homework.py:36 is watched, but no call in it is tried again"
    )


def _traceback(text: str) -> list[str]:
    """Where the process that raises stood, but for torch's own way of calling a module."""
    said = text.partition("Process ForkProcess")[2]
    stood = re.findall(r'File "(.*)", line (\d+), in (.*)', said)
    return [place for place in stood if not place[0].endswith("modules/module.py")]


def test_pieces_are_read_up_to_where_a_process_was_stopped(tmp_path: Path) -> None:
    leaving = Leaving(tmp_path / "below")
    assert gather(tmp_path / "below") == []
    leaving.note(Place("a.py", 1))
    leaving.note(Place("a.py", 2))
    (seen,) = (tmp_path / "below").iterdir()
    seen.write_bytes(seen.read_bytes()[:-4])
    assert gather(tmp_path / "below") == [Left((Place("a.py", 1),))]


def test_the_whole_is_read_in_place_of_the_pieces(tmp_path: Path) -> None:
    leaving, other = Leaving(tmp_path), Leaving(tmp_path)
    leaving.note(Place("a.py", 1))
    leaving.whole(Left((Place("a.py", 9),), ("failed",)))
    other.whole(Left(()))
    leaving.note(lambda: None)  # no plain value: it is left out
    assert gather(tmp_path) == [Left((Place("a.py", 9),), ("failed",))]
