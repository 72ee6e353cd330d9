"""A program under watch sees what it would see under Python, and says the same."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Command = Callable[..., CompletedProcess[str]]
Program = Callable[[str], Path]

SEES = """
import os, pickle, sys
from neighbour import there

class Kept:
    pass

print(__name__, sys.argv, sys.path[0] == os.path.dirname(__file__), os.path.isabs(__file__))
print(sorted(globals()), sys.modules["__main__"].__file__ == __file__, __spec__)
print(open("data.txt").read(), there, type(pickle.loads(pickle.dumps(Kept()))))
print(input("name? "), sys.stdin.read().split())
print("to stderr", file=sys.stderr)
sys.exit(7)
"""


def test_everything_a_script_can_see(
    tmp_path: Path, program: Program, command: Command, plainly: Command
) -> None:
    program(SEES)
    (tmp_path / "data.txt").write_text("relative", encoding="utf-8")
    (tmp_path / "neighbour.py").write_text("there = 'beside'", encoding="utf-8")
    plain = plainly("homework.py", "a", "--lr=1", stdin="Ada\nmore words")
    watched = command("run", "homework.py", "--", "a", "--lr=1", stdin="Ada\nmore words")
    assert plain.returncode == 7
    assert watched.stdout == plain.stdout
    assert watched.stderr == plain.stderr + (
        "shapecheck: homework.py exited with status 7; nothing found\n"
    )
    assert watched.returncode == 1


ENDS = {
    "raises": "def f():\n    1 / 0\ntry:\n    {}['k']\nexcept KeyError:\n    f()\n",
    "raises in torch": """
import torch
import torch.nn.functional as F
def step(x, y):
    return F.cross_entropy(x, y)
step(torch.zeros(4, 3), torch.zeros(5, dtype=torch.long))
""",
    "syntax error": "x = 1\ny = = 2\n",
    "a message for the shell": "import sys\nsys.exit('no data')\n",
    "own hook": """
import sys
sys.excepthook = lambda kind, error, trace: print("mine:", kind.__name__, error, file=sys.stderr)
raise ValueError("bad")
""",
    "a hook that fails": """
import sys
def hook(kind, error, trace):
    raise TypeError("in the hook")
sys.excepthook = hook
raise ValueError("bad")
""",
    "an exception in __del__": """
class Noisy:
    def __del__(self):
        print("gone")
        raise OSError("in __del__")
Noisy()
last = Noisy()
print("end")
""",
    "print redefined": """
import builtins, sys
def print(*words):
    sys.stdout.write("<" + " ".join(map(str, words)) + ">")
builtins.print = print
print("x", 1)
""",
    "threads and exit handlers": """
import atexit, threading, time
atexit.register(lambda: print("handler"))
threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()
print("main")
""",
    "a closed stdout": "import sys\nprint('x')\nsys.stdout.flush()\nsys.stdout.close()\n",
    "os._exit": "import os, sys\nprint('lost')\nsys.stdout.write('kept\\n' * 9000)\nos._exit(3)\n",
}


@pytest.mark.parametrize("text", ENDS.values(), ids=ENDS)
def test_output_and_traceback_are_pythons(
    program: Program, command: Command, plainly: Command, text: str
) -> None:
    program(text)
    plain, watched = plainly("homework.py"), command("run", "homework.py", "--format=json")
    report = json.loads(watched.stdout)
    assert report["files"][0]["exit_code"] == plain.returncode
    assert report["files"][0]["ours"] == []
    # As JSON the program's stdout goes to stderr, where the order of the two is not promised.
    said = _without_addresses(watched.stderr).splitlines()
    assert sorted(said) == sorted(_without_addresses(plain.stdout + plain.stderr).splitlines())
    assert plain.stdout or watched.stderr == plain.stderr


FIRST = """
import os, sys
seen = sorted({"torch", "numpy", "jaxtyping", "typeguard", "rich", "click"} & set(sys.modules))
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "2"
import torch
print(seen, torch.get_num_threads(), torch.__loader__.__class__.__name__, torch.__spec__.loader)
"""


def test_the_program_is_the_first_to_import_torch(
    program: Program, command: Command, plainly: Command
) -> None:
    program(FIRST)
    plain, watched = plainly("homework.py"), command("run", "homework.py")
    assert watched.stdout.startswith("[] 2 SourceFileLoader")
    assert _without_addresses(watched.stdout) == _without_addresses(plain.stdout)


def _without_addresses(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x", text)


def test_ten_megabytes_pass_through(program: Program, command: Command) -> None:
    program("import sys\nfor i in range(10):\n    sys.stdout.write('x' * 1_000_000 + '\\n')\n")
    watched = command("run", "homework.py")
    assert watched.stdout == ("x" * 1_000_000 + "\n") * 10
    assert watched.returncode == 0


WORKERS = """
import multiprocessing, os, sys
import torch
from torch.utils.data import DataLoader, TensorDataset

def square(x):
    return x * x

if __name__ == "__main__":
    data = TensorDataset(torch.arange(12.0).view(6, 2))
    for (x,) in DataLoader(data, batch_size=3, num_workers=2):
        print(x.sum().item())
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(square, [1, 2, 3]))
    if os.fork() == 0:
        sys.exit(5)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_worker_processes_forked_and_spawned(
    program: Program, command: Command, plainly: Command
) -> None:
    program(WORKERS)
    plain, watched = plainly("homework.py"), command("run", "homework.py")
    assert watched.stdout == plain.stdout
    assert watched.stdout.endswith("[1, 4, 9]\n5\n")
    assert "ran to its end; nothing found" in watched.stderr
    assert "the process started at homework.py:11 is watched" in watched.stderr


CORPUS = Path(__file__).parents[1] / "programs" / "correct"


def test_losses_are_the_same_bits(command: Command, plainly: Command) -> None:
    """By way of the command; `test_same_bits` forks, and so holds many programs to it."""
    file = str(CORPUS / "attention_masks.py")
    plain, watched = plainly(file), command("run", file)
    assert watched.stdout == plain.stdout
    assert watched.returncode == 0, watched.stderr
