"""Loaded by Python at its start where this folder is in PYTHONPATH: notes what a program computes.

At the end of the process that was started to run the file BENCH_PROGRAM, writes to BENCH_STATE, as
JSON: digests of everything the program's globals hold, of parameters, gradients and optimiser
states after each optimiser step, of all warnings, and of the random number generators.

BENCH_FEATURE switches a part of shapecheck on before the program starts: `guard` covers
the packages named in BENCH_PACKAGES, `laws` tries their calls again at the end as well; `none`
imports what the two would import.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.abc
import importlib.machinery
import json
import os
import random
import sys
import warnings
from collections.abc import Iterator
from typing import Any

STEPS = hashlib.sha256()
WARNED: list[str] = []
_DEEPEST = 6


def digest(value: Any, depth: int = _DEEPEST) -> Iterator[bytes]:
    """What a value holds, as bytes: every bit of tensors and arrays, containers and objects."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    yield type(value).__qualname__.encode()
    if depth == 0:
        return
    if torch is not None and isinstance(value, torch.Tensor):
        yield from _tensor(torch, value)
    elif numpy is not None and isinstance(value, numpy.ndarray):
        yield value.tobytes() if value.dtype != object else b"objects"
    elif value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        yield repr(value).encode()
    elif isinstance(value, (list, tuple, dict)):
        items = value if not isinstance(value, dict) else [*value.keys(), *value.values()]
        for item in items:
            yield from digest(item, depth - 1)
    elif torch is not None and isinstance(value, torch.nn.Module):
        yield str(value.training).encode()
        for name, tensor in [*value.named_parameters(), *value.named_buffers()]:
            yield name.encode()
            yield from _tensor(torch, tensor)
    elif torch is not None and isinstance(value, torch.optim.Optimizer):
        yield from digest(value.state_dict(), depth)
    elif hasattr(value, "__dict__") and not isinstance(value, type) and not callable(value):
        yield from digest(vars(value), depth - 1)


def _tensor(torch: Any, tensor: Any) -> Iterator[bytes]:
    yield f"{tensor.dtype}{tuple(tensor.shape)}{tensor.requires_grad}".encode()
    if tensor.layout is torch.strided and not tensor.is_nested and tensor.device.type == "cpu":
        plain = tensor.detach().contiguous().flatten()
        yield plain.view(torch.uint8).numpy().tobytes() if plain.numel() else b""
    grad = tensor.grad if tensor.is_leaf else None
    if grad is not None:
        yield from _tensor(torch, grad)


def hashed(value: Any) -> str:
    """The digest of a value in 16 letters."""
    made = hashlib.sha256()
    for part in digest(value):
        made.update(part)
    return made.hexdigest()[:16]


def state() -> dict[str, Any]:
    """What is to be compared."""
    names = vars(sys.modules["__main__"]).items()
    kept = {n: v for n, v in names if not n.startswith("__") and not callable(v)}
    modules = {n: v for n, v in names if type(v).__module__ != "builtins" and hasattr(v, "forward")}
    found = {n: hashed(v) for n, v in {**kept, **modules}.items() if not _is_module(v)}
    return {
        "globals": found,
        "steps": STEPS.hexdigest()[:16],
        "warnings": WARNED,
        "python": hashed(random.getstate()),
        "numpy": hashed(sys.modules["numpy"].random.get_state()) if "numpy" in sys.modules else "",
        "torch": hashed(sys.modules["torch"].get_rng_state()) if "torch" in sys.modules else "",
        "settings": _settings(),
    }


def _settings() -> list[str]:
    torch = sys.modules.get("torch")
    if torch is None:
        return []
    return [
        str(torch.is_grad_enabled()),
        str(torch.get_default_dtype()),
        str(torch.get_num_threads()),
        str(torch.are_deterministic_algorithms_enabled()),
    ]


def _is_module(value: Any) -> bool:
    return type(value) is type(sys)


class _AfterOptim(importlib.abc.MetaPathFinder):
    """Has torch's optimisers note what they make of parameters; numpy is there by then."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "torch.optim.optimizer":
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            sys.modules["numpy"].random.seed(0)
            module.register_optimizer_step_post_hook(_stepped)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]  # this once
        return spec


def _stepped(optimiser: Any, *_: Any) -> None:
    replay = sys.modules.get("shapecheck.runtime.replaying")
    if replay is not None and replay.replaying():
        return  # a copy's step, which the program knows nothing of
    for part in digest(optimiser.state_dict(), 8):
        STEPS.update(part)
    for group in optimiser.param_groups:
        for parameter in group["params"]:
            STEPS.update(b"".join(_tensor(sys.modules["torch"], parameter)))


def _warned() -> None:
    """Note each warning that is shown, also where the program shows them in its own way."""
    shown = warnings.showwarning

    def show(message: Any, category: Any, filename: str, lineno: int, *rest: Any) -> None:
        WARNED.append(f"{category.__name__}: {message} ({os.path.basename(filename)}:{lineno})")
        shown(message, category, filename, lineno, *rest)

    warnings.showwarning = show


def _write() -> None:
    with open(os.environ["BENCH_STATE"], "w", encoding="utf-8") as target:
        json.dump(state(), target)


def _switch_on(feature: str, packages: list[str]) -> None:
    import shapecheck.check
    from shapecheck.check.laws import Laws

    if feature == "none":
        return
    shapecheck.check.install(packages)
    if feature == "laws":
        laws = Laws(shapecheck.check.guard)
        atexit.register(lambda: _tried(laws))


def _tried(laws: Any) -> None:
    found = laws.conclude()
    with open(os.environ["BENCH_STATE"] + ".laws", "w", encoding="utf-8") as target:
        json.dump({"trials": len(laws.trials), "findings": [f.slug for f in found]}, target)


if os.environ.get("BENCH_PROGRAM") in sys.orig_argv:
    atexit.register(_write)  # the first to be registered is the last to run
    random.seed(0)
    sys.meta_path.insert(0, _AfterOptim())
    _warned()
    if os.environ.get("BENCH_FEATURE"):
        _switch_on(os.environ["BENCH_FEATURE"], os.environ["BENCH_PACKAGES"].split())
