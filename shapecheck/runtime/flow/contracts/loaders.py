"""DataLoaders: the order of data. `default_collate` puts the batch at axis 0 of every tensor."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from torch import Tensor
from torch._C import DisableTorchFunction
from torch.utils.data import BatchSampler, DataLoader, Subset, TensorDataset
from torch.utils.data._utils.collate import default_collate
from torch.utils.data.dataloader import _BaseDataLoaderIter, _SingleProcessDataLoaderIter

from shapecheck.core.axis import Role
from shapecheck.core.facts import Witness
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part, given

if TYPE_CHECKING:
    from shapecheck.runtime.tracker import Tracker
    from shapecheck.runtime.watching import Watching

_MOST_NESTED = 6


class _Batch:
    """What is known about one loader: the identity of its batch axis, and odd batches."""

    def __init__(self, place: Place, nominal: int | None) -> None:
        self.place = place
        self.nominal = nominal
        self.latest: int | None = None
        self.identity = Identity("DataLoader", place)
        self.identity.witness(
            Witness(Role.BATCH, place, "the DataLoader stacks samples at axis 0", "loader")
        )
        self.made: dict[Any, Axes] = {}


class Loaders:
    """Sees what loaders yield while tracking runs. A loader is known by its batch sampler, which
    its iterators share."""

    def __init__(self, tracker: Tracker, watching: Watching) -> None:
        self._tracker = tracker
        self._watching = watching
        self._batches: WeakKeyDictionary[Any, _Batch] = WeakKeyDictionary()
        self._places: WeakKeyDictionary[Any, Place] = WeakKeyDictionary()
        self._originals: tuple[Any, Any] | None = None
        self._latest: _Batch | None = None

    def begin(self) -> None:
        """See each batch, and where each loader is made."""
        following, making = _BaseDataLoaderIter.__next__, DataLoader.__init__
        self._originals = (following, making)
        loaders = self

        @functools.wraps(following)
        def __next__(iterator: Any) -> Any:
            rows = _rows(iterator)
            if rows is None:
                data = following(iterator)
            else:  # what comes of it is known: nothing is followed sample by sample
                frame = sys._getframe()
                loaders._watching.step_aside(frame)
                try:
                    data = following(iterator)
                finally:
                    loaders._watching.return_from(frame)
                    del frame  # a frame that holds itself keeps the batch alive
            with DisableTorchFunction():  # what we read is no operation of the program's
                loaders._tracker.guarded(loaders._yielded, iterator, data, rows)
            return data

        @functools.wraps(making)
        def __init__(loader: Any, *args: Any, **kwargs: Any) -> None:
            making(loader, *args, **kwargs)
            loaders._tracker.guarded(loaders._made, loader, sys._getframe(1))

        # Both are put back by end().
        _BaseDataLoaderIter.__next__ = __next__  # type: ignore[assignment, method-assign]  # above
        DataLoader.__init__ = __init__  # type: ignore[assignment, method-assign]  # above

    def end(self) -> None:
        """Everything as it was."""
        if self._originals is not None:
            following, making = self._originals
            _BaseDataLoaderIter.__next__ = following  # type: ignore[method-assign]  # as it was
            DataLoader.__init__ = making  # type: ignore[method-assign]  # as it was
            self._originals = None

    def partial(self) -> tuple[int | None, int | None, Place | None]:
        """(size, nominal size, place) of the batch at hand where it is smaller than asked for."""
        batch = self._latest
        if batch is None or batch.nominal is None or batch.latest is None:
            return None, None, None
        if batch.latest >= batch.nominal:
            return None, None, None
        return batch.latest, batch.nominal, batch.place

    def _made(self, loader: Any, frame: Any) -> None:
        users = self._tracker.frames.innermost(frame)
        if users is not None and loader.batch_sampler is not None:
            place = self._tracker.frames.place(users.f_code, users.f_lasti)
            self._places[loader.batch_sampler] = place
            if loader.collate_fn is not default_collate:
                self._tracker.sizes.records.collates(loader.collate_fn, place)

    def _yielded(self, iterator: Any, data: Any, rows: tuple[Tensor, ...] | None) -> None:
        if not iterator._auto_collation or iterator._collate_fn is not default_collate:
            return
        sampler = iterator._index_sampler
        batch = self._batches.get(sampler)
        if batch is None:
            nominal = getattr(sampler, "batch_size", None)
            batch = self._batches[sampler] = _Batch(self._place(sampler), nominal)
        self._latest = batch
        if rows is None:
            self._stacked(batch, data, (), _MOST_NESTED)
            return
        for i, (tensor, whole) in enumerate(zip(data, rows, strict=True)):
            batch.latest = int(tensor.shape[0])
            inner = self._tracker.before(whole).items[1:]
            self._tracker.hold(tensor, self._axes(batch, tensor, (i,), inner))

    def _place(self, sampler: Any) -> Place:
        known = self._places.get(sampler)
        if known is not None:
            return known
        frame = self._tracker.frames.innermost(sys._getframe(1))
        return self._tracker.frames.place(frame.f_code, frame.f_lasti) if frame else Place("?")

    def _stacked(self, batch: _Batch, data: Any, path: tuple[Any, ...], depth: int) -> None:
        """Mark axis 0 of every tensor in what a loader yields."""
        if depth == 0:
            return
        if isinstance(data, Tensor):
            if data.dim():
                batch.latest = int(data.shape[0])
                inner = self._tracker.before(data).items[1:]
                self._tracker.hold(data, self._axes(batch, data, path, inner))
        elif isinstance(data, dict):
            for key, value in data.items():
                self._stacked(batch, value, (*path, str(key)), depth - 1)
        elif isinstance(data, (list, tuple)):
            for i, value in enumerate(data):
                self._stacked(batch, value, (*path, i), depth - 1)

    def _axes(
        self, batch: _Batch, data: Tensor, path: tuple[Any, ...], inner: tuple[Axis, ...]
    ) -> Axes:
        known = inner if any(axis.evidence for axis in inner) else None
        key = (path, tuple(data.shape), known)
        axes = batch.made.get(key)
        if axes is None:
            first = Axis((Part(batch.identity, int(data.shape[0])),))
            axes = batch.made[key] = given(Axes((first, *inner), "DataLoader", batch.place))
        return axes


def _rows(iterator: Any) -> tuple[Tensor, ...] | None:
    """The tensors whose rows torch alone picks and stacks; None where code of the user's runs."""
    if type(iterator) is not _SingleProcessDataLoaderIter or iterator._pin_memory:
        return None
    sampler, dataset = iterator._index_sampler, iterator._dataset
    while type(dataset) is Subset:
        dataset = dataset.dataset
    known = type(dataset) is TensorDataset and iterator._collate_fn is default_collate
    if not known or type(sampler) is not BatchSampler:
        return None
    if type(sampler.sampler).__module__ != "torch.utils.data.sampler":
        return None
    rows: tuple[Any, ...] = dataset.tensors  # type: ignore[attr-defined]  # a TensorDataset's
    return rows if all(type(one) is Tensor for one in rows) else None
