"""Call again and leave no trace."""

from __future__ import annotations

import contextvars
import gc
import time
from _thread import get_ident
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch

from shapecheck.runtime.replaying import replaying_threads
from shapecheck.runtime.state.deny import DeniedError, denied
from shapecheck.runtime.state.snapshot import Live, Snapshot
from shapecheck.runtime.state.surroundings import Randomness
from shapecheck.runtime.trials.probed import Leaf, Path, tensor_at
from shapecheck.runtime.watchdog import TooLongError, Watchdog


@dataclass
class Replayed:
    """What came of a replay: the declared outputs by path, or why there are none.

    `error` is the exception's class and text; `denied` the side effect that was stopped. Of the
    `seconds` it took, `copying` went into copies of the state.
    """

    outputs: dict[Path, torch.Tensor] = field(default_factory=dict)
    error: str = ""
    denied: str = ""
    randomness: Randomness | None = None
    drew: bool = False
    seconds: float = 0.0
    copying: float = 0.0

    @property
    def ok(self) -> bool:
        """True where the call returned."""
        return not self.error and not self.denied


def replay(
    snapshot: Snapshot,
    outputs: tuple[Leaf, ...],
    watchdog: Watchdog,
    seconds: float,
    substitutes: Mapping[Path, torch.Tensor] | None = None,
    numbers: Mapping[str, int] | None = None,
    adjust: Callable[[Live], None] | None = None,
    mode: Callable[[Live], AbstractContextManager[Any]] | None = None,
    keep: bool = False,
    on_error: Callable[[BaseException], None] | None = None,
) -> Replayed:
    """Call the snapshot's function once more with other values, on copies of everything.

    `adjust` changes the copies before the call; `mode` wraps it; `on_error` looks at what it
    raised. Outputs are copied unless `keep`. What the call raises is reported and goes no
    further, except KeyboardInterrupt.
    """
    started = time.thread_time()
    live = snapshot.revive(substitutes, numbers)
    copying = time.thread_time() - started
    if adjust is not None:
        adjust(live)
    done = Replayed(copying=copying)
    interrupted: BaseException | None = None
    me = get_ident()
    collects = gc.isenabled()
    gc.disable()  # or garbage of the user's would be finalised where side effects are denied
    replaying_threads.add(me)
    try:
        with snapshot.in_place(live), snapshot.surroundings.again(), denied() as watch:
            try:
                watchdog.arm(seconds)
                try:
                    with mode(live) if mode is not None else nullcontext():
                        result = _isolated(live)
                finally:
                    watchdog.disarm()
                done.outputs = _outputs(result, outputs, keep)
            except TooLongError:
                done.error = f"TooLong: more than {seconds:g} s"
            except DeniedError as error:
                done.denied = str(error)
            except KeyboardInterrupt as error:
                interrupted = error
            except BaseException as error:
                done.error = _said(error)
                if on_error is not None:
                    on_error(error)
            done.denied = done.denied or watch.seen
            done.randomness = Randomness.now()
            done.drew = not done.randomness.same_as(snapshot.surroundings.randomness)
    finally:
        replaying_threads.discard(me)
        if collects:
            gc.enable()
    done.seconds = time.thread_time() - started
    if interrupted is not None:
        raise KeyboardInterrupt from None
    return done


def _isolated(live: Live) -> Any:
    return contextvars.copy_context().run(live.function, *live.args, **live.kwargs)


def _said(error: BaseException) -> str:
    try:
        text = str(error).strip().splitlines()
    except Exception:  # the user's own __str__ may raise
        text = []
    return f"{type(error).__name__}: {text[0] if text else ''}".rstrip(": ")


def _outputs(result: Any, leaves: tuple[Leaf, ...], keep: bool) -> dict[Path, torch.Tensor]:
    found = {leaf.path: tensor_at(result, leaf.path[1:]) for leaf in leaves}
    with torch.inference_mode(False), torch.no_grad():
        return {
            path: tensor if keep else tensor.detach().clone()
            for path, tensor in found.items()
            if tensor is not None
        }
