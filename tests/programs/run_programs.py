"""Run programs, each in a forked child of one process that has torch loaded; print what they did.

    python run_programs.py [--size-checks | --warnings-as-errors] FILE... > outcomes.json

Prints {path: {"results": [RESULT lines], "error": null or "Type: text"}}. A program that leaves
by ``sys.exit(0)`` has ended well. torch must not compute before the forks: OpenMP would deadlock.
"""

import contextlib
import io
import json
import os
import runpy
import sys
import warnings
from pathlib import Path
from typing import TypedDict

import torch
import torch._dynamo  # optimisers load it at their first step: a second in each child


class Outcome(TypedDict):
    results: list[str]
    error: str | None


def run(program: Path, mode: str = "") -> Outcome:
    """What one program did, from a child process."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        with os.fdopen(write_end, "w") as pipe:
            json.dump(_run_here(program, mode), pipe)
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"results": [], "error": "the process died"}


def _run_here(program: Path, mode: str) -> Outcome:
    torch.set_num_threads(1)
    sys.argv = [str(program)]
    sys.path.insert(0, str(program.parent))
    warnings.simplefilter("error" if mode == "--warnings-as-errors" else "ignore")
    if mode == "--size-checks":
        import size_checks

        size_checks.install(program.stem.removeprefix("drive_"), program.parent)
    printed, error = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(program), run_name="__main__")
    except SystemExit as exit_:
        error = f"SystemExit: {exit_.code}" if exit_.code else None
    except BaseException as raised:
        error = f"{type(raised).__name__}: {raised}"
    lines = printed.getvalue().splitlines()
    return {"results": [line for line in lines if line.startswith("RESULT ")], "error": error}


if __name__ == "__main__":
    modes = [a for a in sys.argv[1:] if a.startswith("--")]
    files = [a for a in sys.argv[1:] if not a.startswith("--")]
    outcomes = {file: run(Path(file), *modes) for file in files}
    json.dump(outcomes, sys.stdout)
