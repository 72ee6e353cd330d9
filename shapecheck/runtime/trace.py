"""Gathers the forms of what each line makes, as a program runs, with the axes that are tracked."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView
from shapecheck.core.site import Place
from shapecheck.core.trace import (
    TracedAxis,
    TracedForm,
    TracedIdentity,
    TracedValue,
    TraceEvidence,
)
from shapecheck.core.tracked import agreed
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, parts_of, view_of
from shapecheck.runtime.observe import dtype_name
from shapecheck.runtime.replaying import replaying
from shapecheck.runtime.tracing import Tracing
from shapecheck.runtime.tracker import Tracker

_MOST_FORMS = 200  # distinct forms of one value that are kept
_MOST_ITEMS = 6  # items of a container that are shown
_MOST_ERRORS = 20


@dataclass(slots=True)
class _Form:
    """One form while it is gathered. `axes` are read at the end, when all is known of them."""

    type: str
    shape: tuple[int, ...] | None
    dtype: str
    axes: Axes | None
    number: int | None
    count: int
    first: int
    last: int


_Gathered = dict[Any, _Form]


class TraceRecorder:
    """Listens to the probes of `tracing`; the axes are those that `tracker` follows."""

    def __init__(self, tracing: Tracing, tracker: Tracker) -> None:
        self._tracing = tracing
        self._tracker = tracker
        self._forms: dict[tuple[int, str], _Gathered] = {}
        self._times: dict[tuple[int, str], int] = {}
        self.errors: list[str] = []

    def see(self, number: int, value: Any) -> None:
        """Note a value; under compilation nothing is."""
        if torch.compiler.is_compiling() or replaying():
            return
        try:
            if isinstance(value, Tensor):
                with torch._C.DisableTorchFunction():
                    self._tensor(number, "", value)
            elif value is not None:
                self._other(number, "", value, 0)
        except Exception:
            if len(self.errors) < _MOST_ERRORS:
                self.errors.append(traceback.format_exc())

    def renew(self) -> None:
        """Forget what was seen; the points stay."""
        self._forms.clear()
        self._times.clear()

    # -- values ---------------------------------------------------------------------------

    def _tensor(self, number: int, part: str, value: Tensor) -> None:
        axes = self._tracker.axes_held(value)
        shape = value.shape
        if axes is not None and axes.shape != shape:
            axes = None
        key = (value.dtype, axes, None if axes is not None else shape)
        form = self._known(number, part, key)
        if form is None:
            try:
                sizes = tuple(map(int, shape))
            except (RuntimeError, TypeError, ValueError):  # nested ones have no shape
                return
            name, dtype = type(value).__name__, dtype_name(value.dtype)
            self._new(number, part, key, name, sizes, dtype, axes)

    def _other(self, number: int, part: str, value: Any, depth: int) -> None:
        kind = type(value)
        if kind is torch.Size:
            self._plain(number, part, "Size", tuple(value))
        elif kind is int:
            if self._tracing.points[number].sizes:
                self._plain(number, part, "int", None, value)
        elif depth < 2 and isinstance(value, (tuple, list)):
            for index, item in enumerate(value[:_MOST_ITEMS]):
                self._item(number, f"{part}[{index}]", item, depth)
        elif depth < 2 and kind is dict:
            for name, item in list(value.items())[:_MOST_ITEMS]:
                self._item(number, f"{part}[{name!r}]", item, depth)
        elif (numpy := sys.modules.get("numpy")) and isinstance(value, numpy.ndarray):
            self._plain(number, part, kind.__name__, value.shape, None, dtype_name(value.dtype))

    def _item(self, number: int, part: str, value: Any, depth: int) -> None:
        if isinstance(value, Tensor):
            with torch._C.DisableTorchFunction():
                self._tensor(number, part, value)
        elif not isinstance(value, (int, float, str)):
            self._other(number, part, value, depth + 1)

    def _plain(
        self,
        number: int,
        part: str,
        kind: str,
        shape: tuple[int, ...] | None,
        value: int | None = None,
        dtype: str = "",
    ) -> None:
        key = (kind, shape, value, dtype)
        if self._known(number, part, key) is None:
            self._new(number, part, key, kind, shape, dtype, None, value)

    def _known(self, number: int, part: str, key: Any) -> _Form | None:
        """Count the value; the form it has, where it had it before."""
        at = (number, part)
        times = self._times[at] = self._times.get(at, 0) + 1
        form = self._forms.setdefault(at, {}).get(key)
        if form is not None:
            form.count += 1
            form.last = times
        return form

    def _new(
        self,
        number: int,
        part: str,
        key: Any,
        kind: str,
        shape: tuple[int, ...] | None,
        dtype: str,
        axes: Axes | None,
        value: int | None = None,
    ) -> None:
        forms, times = self._forms[number, part], self._times[number, part]
        if len(forms) < _MOST_FORMS:
            forms[key] = _Form(kind, shape, dtype, axes, value, 1, times, times)

    # -- evidence -------------------------------------------------------------------------

    def evidence(self) -> TraceEvidence:
        """What was seen so far, in the order of the lines."""
        gathered = {at: forms for at, forms in list(self._forms.items()) if forms}
        same = _Same(gathered.values())
        values = [self._value(*at, forms, same) for at, forms in gathered.items()]
        values.sort(key=lambda v: (v.span.line, v.span.end_line, v.span.end_column))
        return TraceEvidence(tuple(self._tracing.sources), tuple(values), same.known())

    def _value(self, number: int, part: str, gathered: _Gathered, same: _Same) -> TracedValue:
        point = self._tracing.points[number]
        times = self._times[number, part]
        forms = _merged([_form(form, same) for form in list(gathered.values())])
        left_out = times - sum(form.count for form in forms)
        return TracedValue(
            point.place, point.span, point.name, point.made_as, forms, part, times, left_out
        )


class _Same:
    """Identities that were met anew in every round of a loop, as one: the first of them.

    They stand at the same position of the same value, and were made by the same operation.
    """

    def __init__(self, forms: Iterable[_Gathered]) -> None:
        self.met: dict[int, Identity] = {}
        self._first: dict[int, int] = {}
        for gathered in forms:
            at: dict[tuple[int, int, str, Place | None], int] = {}
            for form in list(gathered.values()):
                self._meet(form.axes.items if form.axes is not None else (), at)

    def _meet(
        self, axes: tuple[Axis, ...], at: dict[tuple[int, int, str, Place | None], int]
    ) -> None:
        for position, axis in enumerate(axes):
            for identity in parts_of(axis):
                self.met[identity.serial] = identity
            one = axis.single
            if one is not None and one.place is not None:
                key = (len(axes), position, one.origin, one.place)
                first, this = self.first(at.setdefault(key, one.serial)), self.first(one.serial)
                self._first[max(first, this)] = min(first, this)

    def first(self, serial: int) -> int:
        """The number that stands for an identity."""
        while (before := self._first.get(serial, serial)) != serial:
            serial = before
        return serial

    def known(self) -> tuple[TracedIdentity, ...]:
        """What is known of each, under one number."""
        groups: dict[int, list[Identity]] = {}
        for serial in sorted(self.met):
            groups.setdefault(self.first(serial), []).append(self.met[serial])
        return tuple(_identity(number, group) for number, group in groups.items())


def _form(form: _Form, same: _Same) -> TracedForm:
    axes = tuple(_axis(axis, same) for axis in form.axes.items) if form.axes is not None else ()
    return TracedForm(
        form.type, form.shape, form.dtype, axes, form.number, form.count, form.first, form.last
    )


def _axis(axis: Axis, same: _Same) -> TracedAxis:
    identities = list(parts_of(axis))
    kin = {same.first(old) for identity in identities for old in _ancestors(identity)}
    own = tuple(dict.fromkeys(same.first(identity.serial) for identity in identities))
    return TracedAxis(axis.size, _name(view_of(axis)), _role(axis), own, tuple(sorted(kin)))


def _ancestors(identity: Identity) -> Iterator[int]:
    parent = identity.parent
    while parent is not None:
        yield parent[0].serial
        parent = parent[0].parent


def _name(view: AxisView) -> str:
    """What the code calls an axis; a merged one by the names of its parts."""
    if view.parts:
        names = [_name(part) or (part.role.value if part.role else "?") for part in view.parts]
        return "·".join(names) if any(name != "?" for name in names) else ""
    return _telling(view.names)


def _telling(names: Iterable[str]) -> str:
    """The first name of more than a letter, else the first."""
    given = list(names)
    return next((name for name in given if len(name) > 1), given[0] if given else "")


def _role(axis: Axis) -> Role | None:
    """What an axis means: by what names or orders it, else by what it is read as."""
    identity = axis.single
    return _role_of(identity) if identity is not None else None


def _role_of(identity: Identity) -> Role | None:
    declared = identity.role()[0]
    if declared is not None:
        return declared
    read = agreed(identity.reads)
    return read[0] if read[1] else None


def _identity(number: int, group: list[Identity]) -> TracedIdentity:
    one = group[0]
    names = [name for identity in group for name in identity.names]
    roles = [role for identity in group if (role := _role_of(identity)) is not None]
    said = [(w.text, w.place) for identity in group for w in identity.declared]
    read = [(w.text, w.place) for identity in group for w in identity.reads]
    return TracedIdentity(
        number,
        _telling(names),
        roles[0] if roles else None,
        one.origin,
        one.place,
        tuple(dict.fromkeys(said)),
        tuple(dict.fromkeys(read)),
    )


def _merged(forms: list[TracedForm]) -> tuple[TracedForm, ...]:
    """Forms that read alike as one, though their axes were met anew in every round of a loop."""
    merged: dict[Any, TracedForm] = {}
    for form in forms:
        axes = tuple((axis.size, axis.name, axis.role) for axis in form.axes)
        key = (form.type, form.shape, form.dtype, form.number, axes)
        known = merged.get(key)
        merged[key] = form if known is None else _joined(known, form)
    return tuple(sorted(merged.values(), key=lambda form: form.first))


def _joined(one: TracedForm, other: TracedForm) -> TracedForm:
    axes = tuple(
        replace(
            a,
            identities=tuple(dict.fromkeys((*a.identities, *b.identities))),
            kin=tuple(dict.fromkeys((*a.kin, *b.kin))),
        )
        for a, b in zip(one.axes, other.axes, strict=True)
    )
    return replace(
        one,
        axes=axes,
        count=one.count + other.count,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
    )
