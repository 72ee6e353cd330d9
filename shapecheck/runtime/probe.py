"""The prober: at the first call of each kind, a snapshot; after the test, the trials of its laws.

`before` is asked at every call and answers from a set where the kind is known. Nothing that a
trial does reaches the user's run, and our own failure is a Skipped, never an exception.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import CodeType
from typing import Any

import torch
from torch import Tensor, nn

from shapecheck.core.evidence import Skipped, Trial
from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
from shapecheck.runtime.replaying import replaying
from shapecheck.runtime.state.deny import Watch, end_watch, start_watch
from shapecheck.runtime.state.memory import LazyError, NoCopyError, TooLargeError
from shapecheck.runtime.state.size import state_of
from shapecheck.runtime.state.snapshot import Snapshot
from shapecheck.runtime.state.surroundings import why_not_here
from shapecheck.runtime.trials.alignment import Alignments
from shapecheck.runtime.trials.bench import Bench, ProbeSettings
from shapecheck.runtime.trials.best_of import best_of
from shapecheck.runtime.trials.crossed import crossed
from shapecheck.runtime.trials.ends import Ends
from shapecheck.runtime.trials.first_break import recorded
from shapecheck.runtime.trials.masks import masking
from shapecheck.runtime.trials.noted import Noted
from shapecheck.runtime.trials.probed import (
    Call,
    Leaf,
    Path,
    bound,
    expanded,
    named_axes,
    tensor_at,
)
from shapecheck.runtime.trials.quadratic import unturned
from shapecheck.runtime.trials.recursion import unreduced
from shapecheck.runtime.trials.sized_apart import sized_apart
from shapecheck.runtime.trials.standardising import at_odds
from shapecheck.runtime.trials.tracked import tracked
from shapecheck.runtime.trials.tried import Trials
from shapecheck.runtime.watchdog import Watchdog

# Code flags: generator, coroutine, iterable coroutine, async generator.
_GENERATES = 0x20 | 0x80 | 0x100 | 0x200
_MOST_LOOKS = 10_000
_LATE = "(tried after a test that measures time)"


@dataclass
class Pending:
    """A call whose trials are still to be run. Of its arguments it holds the copies alone.

    `late` says that they were copied some time after the call.
    """

    call: Call
    kind: Any
    snapshot: Snapshot
    watch: Watch
    observed: dict[Path, Tensor] = field(default_factory=dict)
    returned: bool = False
    seen: str = ""
    seconds: float = 0.0
    late: bool = False


class Prober:
    """Decides which calls are probed, keeps their snapshots, runs their trials."""

    def __init__(self, settings: ProbeSettings | None = None) -> None:
        self.settings = settings or ProbeSettings()
        self.declared: dict[CodeType, tuple[Leaf, ...]] = {}  # arguments of checked functions
        self._known: set[Any] = set()
        self._quick: set[Any] = set()
        self._slow_once: set[Any] = set()
        self._skips: set[tuple[str, str]] = set()
        self._skipped: list[Skipped] = []
        self._ends = Ends()
        self._digests: weakref.WeakKeyDictionary[nn.Module, int] = weakref.WeakKeyDictionary()

    def wants(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> bool:
        """False where a call of this kind was seen, or this one is a replay. A few microseconds."""
        if replaying():
            return False
        try:
            return self._glance(function, args, kwargs) not in self._quick
        except TypeError:  # symbolic sizes have no hash
            return False

    def unseen(self, function: Callable[..., Any], values: tuple[Any, ...]) -> bool:
        """True at the first call with values that look like this: `before` is to be asked."""
        try:
            look = ("values", *self._glance(function, values, {}))
        except Exception:  # nested tensors have no sizes
            return True
        new = look not in self._quick
        if new and len(self._quick) < _MOST_LOOKS:
            self._quick.add(look)
        return new

    def before(self, call: Call) -> Pending | None:
        """Take the state of a call that is about to be made, at the first call of its kind.

        None where the kind is known or nothing can be tried; the reason goes to `skipped` once.
        """
        if replaying() or not self.wants(call.function, call.args, call.kwargs):
            return None
        try:
            return self._before(call)
        except LazyError:
            self._forget(call)
        except TooLargeError:
            self._skip(call, self._too_large(call))
        except NoCopyError as error:
            self._skip(call, f"cannot copy {error}")
        except Exception as error:
            self._skip(call, f"shapecheck failed: {type(error).__name__}: {error}")
        return None

    def _too_large(self, call: Call) -> str:
        most = f"is larger than {self.settings.most_bytes / 2**20:g} MiB (probe_megabytes)"
        return state_of(bound(call.function, call.args, call.kwargs).arguments, most)

    def after(self, pending: Pending, result: object) -> None:
        """Keep what the call returned, and end watching it."""
        end_watch(pending.watch)
        pending.seconds += time.thread_time()
        pending.seen = pending.watch.seen
        try:
            outputs = expanded(pending.call.outputs, result, 1)
            pending.call = replace(pending.call, outputs=outputs)
            with torch.inference_mode(False), torch.no_grad():
                for leaf in outputs:
                    tensor = tensor_at(result, leaf.path[1:])
                    if tensor is not None:
                        pending.observed[leaf.path] = tensor.detach().clone()
            pending.returned = True
        except Exception as error:
            self._skip(pending.call, f"the result cannot be copied ({type(error).__name__})")

    def late(self, call: Call, noted: Noted) -> Pending | None:
        """`before` and `after` in one, for a call that was only noted when it was made."""
        if noted.why_not:
            self._skip(call, noted.why_not)
            return None
        pending = self.before(call)
        if pending is None:
            return None
        pending.snapshot.surroundings = noted.surroundings
        self.after(pending, noted.result)
        pending.seen, pending.seconds, pending.late = noted.seen, noted.seconds, True
        return pending

    def failed(self, pending: Pending) -> None:
        """The call raised: end watching it. Its kind may be probed at another call."""
        end_watch(pending.watch)
        self._again(pending)

    def _again(self, pending: Pending) -> None:
        """Let another call of this kind be probed."""
        self._known.discard(pending.kind)
        self._quick.clear()

    def run(self, pending: Pending) -> list[Trial | Skipped | Fact]:
        """Run the trials of a call that returned, outside of any code that is measured."""
        found = self._run(pending)
        if pending.late and not any(isinstance(trial, Trial) for trial in found):
            self._again(pending)  # it may be called in a test that measures nothing
            found = [
                replace(skip, reason=f"{skip.reason} {_LATE}")
                for skip in found
                if isinstance(skip, Skipped)
            ]
        return found

    def _run(self, pending: Pending) -> list[Trial | Skipped | Fact]:
        end_watch(pending.watch)
        call = pending.call
        if not pending.returned:
            return []
        if pending.seen:
            return [Skipped(call.name, call.place, f"the call {pending.seen}")]
        if pending.seconds > 5 * self.settings.most_seconds:
            return self._slow(pending)
        try:
            watchdog = Watchdog()
        except RuntimeError:
            return [Skipped(call.name, call.place, "no thread to watch the time")]
        try:
            bench = Bench(call, pending.snapshot, self.settings, watchdog)
            found: list[Trial | Skipped | Fact] = []
            found += Trials(bench, pending.observed).all()
            if bench.slowest <= self.settings.most_seconds:  # many times slower when watched
                found += tracked(bench, self.declared)
                found += sized_apart(bench, found)
            if any(isinstance(trial, Trial) for trial in found) and not bench.exhausted:
                found += self._recorded(bench, found)
            return found
        except NoCopyError as error:
            return [Skipped(call.name, call.place, f"cannot copy {error}")]
        except Exception as error:
            said = f"shapecheck failed: {type(error).__name__}: {error}"
            return [Skipped(call.name, call.place, said)]
        finally:
            watchdog.close()

    def _recorded(self, bench: Bench, found: Iterable[object]) -> Iterator[Trial]:
        """What one replay with every operation recorded tells, and others beside it."""
        done, recording = recorded(bench, {}, calm=False)
        if done.ok:
            yield from masking(bench, done, recording)
            yield from crossed(bench, recording)
            yield from unturned(bench, recording)
            yield from best_of(bench, recording)
            yield from unreduced(bench, recording)
            yield from self._ends.contradicted(bench, recording)
            tried = [t for t in found if isinstance(t, Trial) and not t.excuse]
            told = [t.first_break for t in tried if t.first_break and t.outcome == "broken"]
            yield from at_odds(bench, recording, told)
            yield from Alignments(bench, recording).trials()

    def _slow(self, pending: Pending) -> list[Trial | Skipped | Fact]:
        """Leave a slow call alone; once, since a first call may have loaded something."""
        if pending.kind not in self._slow_once:
            self._slow_once.add(pending.kind)
            self._again(pending)
            return []
        why = f"the call takes more than {self.settings.most_seconds:g} s (probe_seconds)"
        return [Skipped(pending.call.name, pending.call.place, why)]

    def skipped(self) -> list[Skipped]:
        """What was not probed and why, each once, since the last time this was asked."""
        found, self._skipped = self._skipped, []
        return found

    def _before(self, call: Call) -> Pending | None:
        kind = self.kind(call)
        if len(self._quick) < _MOST_LOOKS:
            self._quick.add(self._glance(call.function, call.args, call.kwargs))
        if kind in self._known:
            return None
        self._known.add(kind)
        named = any(any(named_axes(leaf.spec, len(leaf.spec.axes))) for leaf in call.inputs)
        if not named and call.inputs:
            return None
        if call.function.__code__.co_flags & _GENERATES:
            self._skip(call, "a generator or coroutine")
            return None
        why = why_not_here([*call.args, *call.kwargs.values()])
        if why:
            self._skip(call, why)
            return None
        given = bound(call.function, call.args, call.kwargs).arguments
        call = replace(call, inputs=expanded(call.inputs, given))
        snapshot = Snapshot(call, self.settings.most_bytes)
        pending = Pending(replace(call, args=(), kwargs={}), kind, snapshot, start_watch())
        pending.seconds = -time.thread_time()
        return pending

    def _glance(
        self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, ...]:
        """What a call looks like at a glance, exact sizes included: calls alike are of one kind."""
        key: list[Any] = [function.__code__]
        for value in (*args, *kwargs.values()) if kwargs else args:
            kind = type(value)
            if kind is Tensor:
                key += (value.shape, value.dtype)
            elif kind is tuple or kind is list:
                key.append(
                    tuple([(v.shape, v.dtype) if type(v) is Tensor else type(v) for v in value])
                )
            elif isinstance(value, nn.Module):
                key += (self._digests.get(value), value.__dict__.get("training"))
            else:
                key.append(kind)
        return tuple(key)

    def _forget(self, call: Call) -> None:
        """Let the next call of this kind be probed."""
        self._known.discard(self.kind(call))
        self._quick.clear()
        self._digests.clear()

    def leave(self, function: str, place: Place, reason: str) -> None:
        """Say why calls of a function are not tried, each reason once."""
        if (function, reason) not in self._skips:
            self._skips.add((function, reason))
            self._skipped.append(Skipped(function, place, reason))

    def _skip(self, call: Call, reason: str) -> None:
        self.leave(call.name, call.place, reason)

    def look(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """A kind without a look at what modules are made of, which takes longer."""
        values = (*args, *kwargs.values())
        return (
            function.__code__,
            *(id(v) if isinstance(v, nn.Module) else self._kind_of(v) for v in values),
        )

    def kind(self, call: Call) -> Any:
        """What makes two calls alike: code, ranks, dtypes, sizes of one, the module's layers."""
        values = (*call.args, *call.kwargs.values())
        return (call.function.__code__, *map(self._kind_of, values))

    def _kind_of(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return (value.dim(), value.dtype, *(size == 1 for size in value.shape))
        if isinstance(value, (tuple, list)) and len(value) < 16:
            return (type(value), *map(self._kind_of, value))
        if isinstance(value, nn.Module):
            return (type(value), value.training, self._digest(value))
        return type(value)

    def _digest(self, module: nn.Module) -> int:
        """What layers a module is made of, with their options; computed once for each module."""
        found = self._digests.get(module)
        if found is None:
            try:
                found = hash(tuple((type(m), m.extra_repr()) for m in module.modules()))
            except Exception:  # a user's extra_repr may do anything
                found = id(type(module))
            self._digests[module] = found
        return found
