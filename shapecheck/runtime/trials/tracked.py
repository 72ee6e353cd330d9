"""One replay under the tracker: what each operation of a checked function did with the axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from torch import Tensor, nn

from shapecheck.core.axis import Axis as DeclaredAxis
from shapecheck.core.axis import AxisKind, Role, role_of
from shapecheck.core.evidence import Skipped, Trial
from shapecheck.core.facts import (
    Alignment,
    AxisReading,
    AxisView,
    Fact,
    Operand,
    ReturnedAxis,
)
from shapecheck.core.laid import LaidAcross
from shapecheck.core.samples import stem
from shapecheck.runtime.blame import only_return
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part
from shapecheck.runtime.state.snapshot import Live
from shapecheck.runtime.tracker import Tracker
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.constructed import sizes_of
from shapecheck.runtime.trials.insistence import UNORDERED
from shapecheck.runtime.trials.passing import Declared
from shapecheck.runtime.trials.pooling import Pooling
from shapecheck.runtime.trials.probed import Leaf, bound, follow, tensor_at
from shapecheck.runtime.trials.promises import broken_promises, out_of_turn


def tracked(
    bench: Bench, declared: Declared = MappingProxyType({})
) -> Iterator[Fact | Trial | Skipped]:
    """The facts of one replay, in which the declared axes carry their declared names.

    `declared` are the arguments of other checked functions, by code, which the call may call.
    What the code reads and how it combines axes does not hang on values: one replay is enough.
    """
    tracker, known = Pooling(), dict[str, Identity]()
    watch = watching(bench, tracker, known, declared)
    done = bench.run(calm=False, mode=watch, keep=True)
    seen = [fact for fact in tracker.facts() if not isinstance(fact, LaidAcross)]  # see crossed.py
    facts = tuple(fact for fact in seen if not _of_one_kind(fact, tracker.tables))
    yield from facts
    met = any(isinstance(fact, Alignment) for fact in facts)  # that line tells it already
    for leaf in () if met else bench.call.outputs:
        tensor = done.outputs.get(leaf.path)
        views = tracker.axes_of(tensor) if tensor is not None else ()
        if views and leaf.spec.accepts_rank(len(views)):
            yield from _mistaken(bench, leaf, views, known)
            yield from _cut_across(bench, leaf, views)
    yield from _pooled(bench, tracker, known)
    yield from _merged(bench, tracker)
    yield from _passed(bench, tracker)
    yield from broken_promises(bench, facts, tracker.names)
    yield from out_of_turn(bench, tracker.differences, tracker.names)
    for error in tracker.errors:
        said = error.strip().splitlines()[-1]
        yield Skipped(bench.call.name, bench.call.place, f"shapecheck failed: {said}")


def watching(
    bench: Bench, tracker: Pooling, known: dict[str, Identity], declared: Declared
) -> Callable[[Live], Tracker]:
    """What has the axes of a replay carry their declared names; these are then in `known`."""

    def watch(live: Live) -> Tracker:
        called = dict[int, list[str]]()
        for leaf, tensor in _declared(bench, live):
            names = [axis.name or axis.text for axis in leaf.spec.lay(tensor.dim())]
            _share(tracker, tensor, names, known)
            _called_twice(called.setdefault(id(tensor), names), names, known)
            tracker.name_axes(tensor, names, bench.call.place)
        _own_tensors(bench, live, tracker, known)
        _squares(live, tracker)
        own = bench.call.function.__code__
        tracker.declared = {code: leaves for code, leaves in declared.items() if code is not own}
        tracker.names = {i.serial: name for name, i in known.items() if not i.shared}
        return tracker

    return watch


def _of_one_kind(fact: Fact, tables: Mapping[int, str]) -> bool:
    """True for two axes that the author calls alike: the one of data, the other of a square table.

    `score[:, :, None] + moves + emission[:, None, :]`: all pairs of what moves from and to. A table
    of which nothing is called as an axis is may be one of anything.
    """
    if not isinstance(fact, Alignment):
        return False
    words = [tables.get(axis.identity) for axis in fact.axes]
    named = [{stem(name) for name in axis.names} for axis in fact.axes]
    pairs = zip(words, reversed(named), strict=True)
    return any(word is not None and (not word or word in names) for word, names in pairs)


def _mistaken(
    bench: Bench, leaf: Leaf, views: tuple[AxisView, ...], known: dict[str, Identity]
) -> Iterator[ReturnedAxis]:
    """Axes of an output that are declared as one input axis and are another of its size."""
    names = {identity.serial: name for name, identity in known.items() if not identity.shared}
    line = only_return(bench.call.function.__code__)
    place = replace(bench.call.place, line=line or bench.call.place.line)
    shape = tuple(view.size for view in views)
    declared = [axis.name for axis in leaf.spec.lay(len(views)) if axis.kind is AxisKind.NAMED]
    for i, (axis, view) in enumerate(zip(leaf.spec.lay(len(views)), views, strict=True)):
        held = names.get(view.identity, axis.name)
        # Either name is one of the call's: what stands here has its place, or this has its own.
        astray = declared.count(held) == 1 and [v.identity for v in views].count(view.identity) == 1
        is_one = axis.kind is AxisKind.NAMED and (axis.name in names.values() or astray)
        if is_one and view.size > 1 and held != axis.name:
            operand = Operand(str(leaf), shape, views)
            yield ReturnedAxis(place, bench.call.name, str(leaf), operand, i, axis.name, view)


def _cut_across(bench: Bench, leaf: Leaf, views: tuple[AxisView, ...]) -> Iterator[AxisReading]:
    """An output declared to have time as the rows of a stream that was cut into rows and columns:
    what follows one another in the stream stands in other columns then."""
    laid = leaf.spec.lay(len(views))
    for i, (axis, view) in enumerate(zip(laid, views, strict=True)):
        hint = role_of(axis.name) if axis.kind is AxisKind.NAMED else None
        if hint is None or hint.role is not Role.TIME or hint.weak or view.half is None:
            continue
        pairs = zip(laid, views, strict=True)
        columns = [_declared_as(a, v) for a, v in pairs if v.half == (view.half[0], 1)]
        if view.half[1] == 0 and columns:
            line = only_return(bench.call.function.__code__)
            place = replace(bench.call.place, line=line or bench.call.place.line)
            said = (*views[:i], _declared_as(axis, view), *views[i + 1 :])
            operand = Operand("the result", tuple(v.size for v in views), said)
            others = tuple((column, Role.BATCH) for column in columns)
            contract = f"{bench.call.name} is declared to return ({leaf.spec})"
            yield AxisReading(
                place, "the declaration", contract, str(leaf), operand, i, Role.TIME, others
            )


def _declared_as(axis: DeclaredAxis, view: AxisView) -> AxisView:
    name = axis.name or axis.text.strip("{}")
    hint = role_of(name)
    return replace(view, names=(name,), role=hint.role if hint else None)


def _share(tracker: Tracker, tensor: Tensor, names: list[str], known: dict[str, Identity]) -> None:
    """One identity for axes that carry one name in a call: they are declared to be the same.

    A name that stands twice on one tensor does not tell which of the two is meant elsewhere.
    """
    items = []
    for name, size in zip(names, tensor.shape, strict=True):
        identity = Identity("declared")
        if name.isidentifier():
            identity = known.setdefault(name, identity)
            identity.declared_in = known
            identity.shared = identity.shared or names.count(name) > 1
        items.append(Axis((Part(identity, size),)))
    tracker.hold(tensor, Axes(items))


def _called_twice(before: list[str], names: list[str], known: dict[str, Identity]) -> None:
    """One tensor given for two parameters, `distances(x, x)`: its axes are called by two names,
    neither of which tells where the other should stand."""
    for one, other in zip(before, names, strict=True):
        for name in (one, other) if one != other else ():
            if name in known:
                known[name].shared = True


def _own_tensors(bench: Bench, live: Live, tracker: Pooling, known: dict[str, Identity]) -> None:
    """Tie the axes of a module's own tensors to those declared under the constructor's names."""
    owner = next(iter(live.args), None)
    if not isinstance(owner, nn.Module):
        return
    declared = {stem(name): name for name, identity in known.items() if not identity.shared}
    for path, words in sizes_of(owner).items():
        held = follow(owner, tuple(path.split(".")))
        if isinstance(held, nn.Module):
            weight = getattr(held, "weight", None)
            if isinstance(weight, Tensor) and weight.dim() > 1 and words and words[0]:
                tracker.made_for[id(weight)] = words[0]
                name = declared.get(stem(words[0]))
                if name and weight.shape[1] == bench.size(name) and not _of_pictures(name):
                    _tie(tracker, weight, {1: known[name]})
        elif isinstance(held, Tensor) and held.dim() == len(words):
            named = {i: declared.get(stem(word), "") for i, word in enumerate(words) if word}
            tied = {i: known[n] for i, n in named.items() if n and held.shape[i] == bench.size(n)}
            if len(set(map(id, tied.values()))) < len(tied):  # a square: from and to
                tied = {i: Identity("weight") for i in tied}
                tracker.tables |= {tied[i].serial: stem(words[i]) for i in tied}
            _tie(tracker, held, tied)


def _of_pictures(axis: str) -> bool:
    """True for the width of a picture: what a layer reads by that word is how wide the layer is."""
    hint = role_of(axis)
    return hint is not None and hint.role in (Role.WIDTH, Role.HEIGHT)


def _squares(live: Live, tracker: Pooling) -> None:
    """Give a module's own square tensors, of which nothing is known, two axes that are theirs."""
    for module in live.modules:
        if type(module).__module__.startswith("torch."):
            continue
        for tensor in (*module._parameters.values(), *module._buffers.values()):
            square = tensor is not None and tensor.dim() == 2 and 1 < len(tensor) == tensor.shape[1]
            if square and tensor is not None and tracker.axes_held(tensor) is None:
                tied = {i: Identity("weight") for i in range(2)}
                tracker.tables |= {tied[i].serial: "" for i in tied}
                _tie(tracker, tensor, tied)


def _tie(tracker: Tracker, tensor: Tensor, tied: dict[int, Identity]) -> None:
    items = [
        Axis((Part(tied.get(i) or Identity("weight"), size),))
        for i, size in enumerate(tensor.shape)
    ]
    if tied:
        tracker.hold(tensor, Axes(items, weight=True))


def _pooled(bench: Bench, tracker: Pooling, known: dict[str, Identity]) -> Iterator[Trial]:
    """Layers that read an axis of positions after the axis that they were made for was reduced."""
    names = {identity.serial: name for name, identity in known.items() if not identity.shared}
    for read in tracker.read:
        name = names.get(read.axis.serial, "")
        hint, made = role_of(name), role_of(read.made_for)
        place = hint is not None and hint.role in (Role.TIME, Role.BATCH)
        if not name or not (place or stem(name) in UNORDERED) or stem(name) == stem(read.made_for):
            continue
        if hint is None or made is None or hint.role is not made.role:
            call = bench.call
            yield Trial(
                call.name, call.place, "alignment", name, "", "broken", pattern="pooled",
                seen_sizes=(bench.size(name),), first_break=read.place, operation=read.operation,
                detail=read.made_for,
            )  # fmt: skip


def _merged(bench: Bench, tracker: Pooling) -> Iterator[Trial]:
    call = bench.call
    for one in {found.place: found for found in tracker.merged}.values():
        yield Trial(
            call.name, call.place, "alignment", "", "", "broken", pattern="merged",
            first_break=one.place, operation=one.operation,
            declared=" * ".join(one.written), detail=" * ".join(one.held),
        )  # fmt: skip


def _passed(bench: Bench, tracker: Pooling) -> Iterator[Trial]:
    call = bench.call
    for one in {(found.place, found.declared): found for found in tracker.passed}.values():
        yield Trial(
            call.name, call.place, "alignment", one.axis, "", "broken", pattern="passed",
            first_break=one.place, operation=one.callee, output=one.argument,
            declared=one.declared, seen_sizes=(one.size,), before=(one.position, one.at),
        )  # fmt: skip


def _declared(bench: Bench, live: Live) -> Iterator[tuple[Leaf, Tensor]]:
    arguments = bound(live.function, live.args, live.kwargs).arguments
    for leaf in bench.inputs:
        tensor = tensor_at(arguments, leaf.path)
        if tensor is not None and leaf.spec.accepts_rank(tensor.dim()):
            yield leaf, tensor
