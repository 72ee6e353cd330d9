"""`probe(function or module, *args)`: one call, probed as the guard would have it probed."""

import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from torch import nn

from shapecheck.core.evidence import Skipped, Trial
from shapecheck.core.grammar import parse_shape
from shapecheck.core.site import Place
from shapecheck.runtime.probe import Prober, ProbeSettings
from shapecheck.runtime.trials.laws import declared_laws
from shapecheck.runtime.trials.probed import Call, Leaf, Path

Probe = Callable[..., list[Trial | Skipped]]


def declared(annotation: Any, path: Path) -> Iterator[Leaf]:
    if hasattr(annotation, "dim_str"):
        yield Leaf(path, parse_shape(annotation.dim_str))
    elif typing.get_origin(annotation) in (list, tuple) and (
        ... in typing.get_args(annotation) or typing.get_origin(annotation) is list
    ):
        yield from declared(typing.get_args(annotation)[0], (*path, ...))
    elif typing.get_origin(annotation) is tuple:
        for i, item in enumerate(typing.get_args(annotation)):
            yield from declared(item, (*path, i))


def call_of(target: Any, *args: Any, laws: dict[str, str] | None = None, **kwargs: Any) -> Call:
    """The call of a function, or of a module's forward, with its annotations as leaves."""
    if isinstance(target, nn.Module):
        target, args = type(target).forward, (target, *args)
    notes = inspect.get_annotations(target)
    inputs = [
        leaf for name, note in notes.items() if name != "return" for leaf in declared(note, (name,))
    ]
    code = target.__code__
    place = Place(code.co_filename, code.co_firstlineno, 0, target.__qualname__)
    outputs = tuple(declared(notes.get("return"), ("return",)))
    found = {**declared_laws(target), **(laws or {})}
    return Call(target, args, kwargs, tuple(inputs), outputs, place, found)


# Time enough on any machine: what these tests are about is what is found.
PATIENT = ProbeSettings(most_seconds=5, budget=60, longest=60)


def probed(call: Call, settings: ProbeSettings = PATIENT) -> list[Trial | Skipped]:
    prober = Prober(settings)
    pending = prober.before(call)
    if pending is None:
        return list(prober.skipped())
    result = call.function(*call.args, **call.kwargs)
    prober.after(pending, result)
    return prober.run(pending)


@pytest.fixture
def probe() -> Probe:
    def run(target: Any, *args: Any, **kwargs: Any) -> list[Trial | Skipped]:
        return probed(call_of(target, *args, **kwargs))

    return run


@pytest.fixture
def call() -> Callable[..., Call]:
    return call_of
