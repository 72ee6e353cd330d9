"""Order trials: the samples in another order must come back in that order, as the same rows."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from shapecheck.core.evidence import Trial
from shapecheck.runtime.replay import Replayed
from shapecheck.runtime.state.snapshot import Live
from shapecheck.runtime.trials import arguments
from shapecheck.runtime.trials.bench import Bench, Change
from shapecheck.runtime.trials.disturbance import answering
from shapecheck.runtime.trials.first_break import alike, described, recorded
from shapecheck.runtime.trials.recorder import Step

_NUDGE = 1e-6  # relative: larger than rounding, so that chaotic code shows itself


def order_trial(bench: Bench, axis: str, base: Replayed) -> list[Trial]:
    """Rotate the samples. Not judged where anything is drawn at random or depends on rounding."""
    size = bench.size(axis)
    outputs = answering(bench, axis, base, size)
    if size < 2 or base.drew or not outputs or bench.exhausted or _keeps_rows(bench, size):
        return []
    rows = arguments.rotated(size)
    change = bench.change(axis, lambda tensor, at: _select(tensor, at, rows), {})
    done = bench.run(change)
    if not done.ok or done.drew:
        return []
    nudged = bench.run(change, adjust=_nudge)
    for path, (leaf, at) in outputs.items():
        before, now = base.outputs[path], done.outputs.get(path)
        if now is None or now.shape != before.shape or before.is_complex():
            continue
        wanted, actual = _rows(_select(before, at, rows), at), _rows(now, at)
        other = nudged.outputs.get(path)
        if other is None or other.shape != now.shape:
            continue
        moved = _distance(actual, _rows(other, at))
        apart = _distance(wanted, actual)
        scale = wanted.abs().nan_to_num(0, 0, 0).amax().item() if wanted.numel() else 0.0
        if not apart > max(1e-2 * scale, 100 * moved):
            continue
        elsewhere = _nearest(actual, _rows(before, at)) != torch.tensor(rows)
        table = _table(bench, change, rows)
        return [
            Trial(
                bench.call.name, bench.call.place, "order", axis, "independent", "broken",
                output=str(leaf), output_axis=axis, declared=leaf.spec.text,
                before=(size,), seen_sizes=(size,),
                pattern="permutation" if bool(elsewhere.any()) else "diagonal",
                detail=f"rotated samples give other rows: they differ by up to {apart:.3g}",
                first_break=table.place if table else None,
                operation=described(table) if table else "",
            )
        ]  # fmt: skip
    return []


def _table(bench: Bench, change: Change, rows: list[int]) -> Step | None:
    """The addition, if any, of a table with a whole row for each place of the batch.

    One number for each place may be a weight that is meant; a row of features is a position.
    """
    _, base = recorded(bench, {})
    _, rotated = recorded(bench, change)
    for number in range(alike(base, [rotated])):
        step = base.steps[number]
        if step.name.strip("_") not in ("add", "iadd", "radd") or len(step.operands) != 2:
            continue
        one, other = base.operand(number, 0), base.operand(number, 1)
        moved, again = rotated.operand(number, 0), rotated.operand(number, 1)
        if one is None or other is None or moved is None or again is None:
            continue
        if _laid(one, moved, other, again, rows) or _laid(other, again, one, moved, rows):
            return step
    return None


def _laid(one: Tensor, moved: Tensor, table: Tensor, still: Tensor, rows: list[int]) -> bool:
    """True where one operand moved with the samples and the other, which varies along them, not."""
    if one.shape != moved.shape or not torch.equal(table, still):
        return False
    for at in range(-min(one.dim(), table.dim()), 0):
        if one.shape[at] != len(rows) or table.shape[at] != len(rows):
            continue
        followed = torch.allclose(_select(one, at, rows), moved.detach(), rtol=1e-3, atol=1e-4)
        varying = [a for a in range(-table.dim(), 0) if _varies(table, a)]
        if followed and _varies(one, at) and at in varying and len(varying) > 1:
            return True
    return False


def _varies(tensor: Tensor, axis: int) -> bool:
    return not bool((tensor == tensor.narrow(axis, 0, 1)).all())


def _select(tensor: Tensor, axis: int, rows: list[int]) -> Tensor:
    return tensor.detach().index_select(axis, torch.tensor(rows, device=tensor.device))


def _rows(tensor: Tensor, axis: int) -> Tensor:
    rows = tensor.detach().movedim(axis, 0)
    return rows.reshape(rows.shape[0], -1).double().cpu()


def _distance(one: Tensor, other: Tensor) -> float:
    apart = (one - other).abs().nan_to_num(0, 0, 0)
    return float(apart.max()) if apart.numel() else 0.0


def _nearest(rows: Tensor, others: Tensor) -> Tensor:
    return torch.cdist(rows.nan_to_num(), others.nan_to_num()).argmin(1)


def _keeps_rows(bench: Bench, size: int) -> bool:
    """True where something undeclared may hold a row for each sample: it did not move along."""
    given = {id(bench.snapshot.leaf(leaf.path)) for leaf in bench.inputs}
    if any(isinstance(v, PackedSequence) for v in bench.snapshot.arguments().values()):
        return True
    return any(
        size in tensor.shape
        for tensor in bench.snapshot.tensors
        if id(tensor) not in given and not isinstance(tensor, torch.nn.Parameter)
    )


def _nudge(live: Live) -> None:
    """Move every floating-point value by about a millionth of itself."""
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode(False), torch.no_grad():
        for tensor in live.tensors:
            if tensor.is_floating_point() and tensor.layout is torch.strided:
                noise = torch.randn(tensor.shape, generator=generator).to(tensor)
                tensor.data = tensor.data + tensor.data * noise * _NUDGE
