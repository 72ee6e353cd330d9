"""Run programs twice, plainly and as `shapecheck run` watches them, each in a forked child.

    python tests/programs/run_watched.py FILE...

Prints JSON: for each file what it left behind either way (stdout, exit code, every random number
generator, and of each global its bits: tensors, losses, parameters, states of optimisers), the
findings, what was not tried, and which layers of torch.nn it used.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch._dynamo  # optimisers load it at their first step: a second in each child
from torch import nn

from shapecheck.check.session import Session
from shapecheck.core.plain import to_plain
from shapecheck.rules import judge
from shapecheck.run.arrays import Arrays
from shapecheck.run.beside import script_tree
from shapecheck.runtime.program import run_as_main
from shapecheck.source.units import read_units

SECONDS = 5.0


def bits(value: Any, depth: int = 4) -> Any:
    """What tells whether two values are the same to the bit; None for what has no bits here."""
    if isinstance(value, torch.Tensor):
        if value.layout is not torch.strided or value.is_quantized or value.is_nested:
            return None
        held = value.detach().resolve_conj().resolve_neg().contiguous().view(-1)
        grad = bits(value.grad) if value.is_leaf and value.grad is not None else None
        content = held.view(torch.uint8).numpy().tobytes() if held.numel() else b""
        return [list(value.shape), str(value.dtype), hashlib.sha256(content).hexdigest(), grad]
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return hashlib.sha256(value.tobytes()).hexdigest()
    if isinstance(value, nn.Module):
        tensors = {**dict(value.named_parameters()), **dict(value.named_buffers())}
        return [value.training, {name: bits(t) for name, t in tensors.items()}]
    if isinstance(value, torch.optim.Optimizer):
        return bits(value.state_dict(), depth + 2)
    if isinstance(value, (bool, int, float, complex)):
        return repr(value)
    if depth and isinstance(value, (list, tuple)):
        return [bits(item, depth - 1) for item in value[:1000]]
    if depth and isinstance(value, dict):
        return {str(key): bits(item, depth - 1) for key, item in value.items()}
    return None


def randomness() -> list[Any]:
    """The bits of every global generator."""
    return [bits(torch.get_rng_state()), repr(np.random.get_state()), repr(random.getstate())]


def left_behind(file: str, outcome: Any, said: str) -> dict[str, Any]:
    """What a program leaves: its output, its exit code, its generators and its globals."""
    names = {k: v for k, v in vars(sys.modules["__main__"]).items() if not k.startswith("__")}
    kept = {name: bits(value) for name, value in names.items()}
    return {"stdout": said, "exit": outcome.exit_code, "random": randomness(), "globals": kept}


def layers(values: Any) -> set[str]:
    """The layers of torch.nn among a program's modules."""
    modules = [m for value in values if isinstance(value, nn.Module) for m in value.modules()]
    return {type(m).__name__ for m in modules if type(m).__module__.startswith("torch.nn")}


def plainly(file: str) -> dict[str, Any]:
    """Run a file as Python does."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        outcome = run_as_main(file, [])
    return left_behind(file, outcome, said.getvalue())


def watched(file: str) -> dict[str, Any]:
    """Run a file under watch, and try its calls again once it has ended."""
    arrays, session = Arrays(), Session(SECONDS)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        session.start()
        arrays.awaken(session)
        outcome = run_as_main(file, [], with_probes(file, arrays))
        arrays.stop()
        session.stop()
        session.calls.conclude()
    left = left_behind(file, outcome, said.getvalue())
    found = [to_plain(finding) for finding in judge(session.evidence(outcome.error))]
    return {
        **left,
        "findings": found,
        "skipped": [skipped.reason for skipped in session.skipped()],
        "errors": [*session.errors(), *arrays.errors()],
        "layers": sorted(layers(vars(sys.modules["__main__"]).values())),
    }


def with_probes(file: str, arrays: Arrays) -> Any:
    """What runs in the file's place: its own code, with probes where it speaks of numpy."""
    (unit,) = read_units(file)
    tree = script_tree(file) if arrays.wants(unit) else None
    if tree is None:
        return None
    arrays.probe(unit, tree)
    code = compile(tree, file, "exec", dont_inherit=True)
    return lambda names: exec(code, names)


def forked(run: Any, file: str) -> dict[str, Any]:
    """What `run` says of a file, in a child of its own and in a folder of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            with tempfile.TemporaryDirectory() as folder:
                os.chdir(folder)
                random.seed(0)  # a fork draws a seed of its own
                text = json.dumps(run(file))
        except BaseException as error:
            text = json.dumps({"failed": f"{type(error).__name__}: {error}"})
        with os.fdopen(writing, "w") as pipe:
            pipe.write(text)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    answer: dict[str, Any] = json.loads(text)
    return answer


def main(files: list[str]) -> None:
    """Run each file both ways."""
    torch.set_num_threads(1)
    absolute = [str(Path(file).resolve()) for file in files]
    answers = {f: {"plain": forked(plainly, f), "watched": forked(watched, f)} for f in absolute}
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
