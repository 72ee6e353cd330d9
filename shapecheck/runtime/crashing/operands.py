"""Changes of the operands: another order, an axis more or less, another dtype, fewer indices."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from shapecheck.core.tried import Tried
from shapecheck.runtime.crashing.bench import Bench
from shapecheck.runtime.crashing.standins import at, put, reaching
from shapecheck.runtime.crashing.steps import Step, steps

_MOST_OPERANDS = 6
_OF_DTYPES = re.compile(
    r"dtype|scalar type|\b(Long|Float|Double|Int|Half|Bool|Byte)\b|\b(Long|Float|Double)Tensor"
)
_CASTS = {"float": torch.float32, "long": torch.int64, "bool": torch.bool, "double": torch.float64}
_FACTORS = ("matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "mv", "dot")
_LOSSES = ("cross_entropy", "nll_loss", "nn.CrossEntropyLoss", "nn.NLLLoss", "nn.BCELoss")
_TWO_SIDED = frozenset((*_FACTORS, *_LOSSES))
Group = tuple[int, ...]


def groups(bench: Bench) -> list[Group]:
    """Operands that change together: one tensor given twice, the two states of an LSTM."""
    slots = bench.operation.slots[:_MOST_OPERANDS]
    found: dict[object, list[int]] = {}
    for i, slot in enumerate(slots):
        if slot.stand_in.parameter and not slot.operand.text:
            continue  # the weights that a layer handed to a function
        beside = slot.name.endswith("]") and slot.name.startswith("hx[")
        key = ("hx", slot.stand_in.shape) if beside else slot.same
        found.setdefault(key, []).append(i)
    return [tuple(group) for group in found.values()]


def stepped(bench: Bench) -> Iterator[Tried]:
    """Each operand, with each step that gives it another shape."""
    slots = bench.operation.slots
    for group in groups(bench):
        first = slots[group[0]]
        for step in steps(first.stand_in.shape):
            yield from _with_step(bench, group, step)


def _with_step(bench: Bench, group: Group, step: Step) -> Iterator[Tried]:
    chosen = tuple(bench.operation.slots[i] for i in group)
    shape = bench.after(chosen[0], step.take)
    if shape is None or shape == chosen[0].stand_in.shape or _grows(bench, group, shape):
        return
    result = bench(chosen, step.take)
    if result is not None:
        code, name = f"{wrapped(chosen[0].text)}{step.code}", ""
        before = _without(chosen[0].operand.text, step)
        if before:
            code, name = before, "undone"
        yield Tried(step.kind, code, group, shape, step.axes, result, name)


def _without(text: str, step: Step) -> str:
    """The expression without its own last step, where that is what this step undoes."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return ""
    owner = node.func if isinstance(node, ast.Call) else node
    if not isinstance(owner, ast.Attribute):
        return ""
    own = f".{owner.attr}"
    if isinstance(node, ast.Call):
        own += f"({', '.join(map(ast.unparse, node.args))})"
    inverse = {".t()": ".T", ".T": ".T", ".transpose(1, 0)": ".T", ".transpose(0, 1)": ".T"}
    for a, b in ((0, 1), (1, 2), (2, 3)):
        if step.code == f".transpose({a}, {b})":
            inverse |= {f".transpose({a}, {b})": step.code, f".transpose({b}, {a})": step.code}
    for dim in range(len(step.axes) + 1):
        inverse |= {f".unsqueeze({dim})": f".squeeze({dim})"}
    return ast.unparse(owner.value) if inverse.get(own) == step.code else ""


def _grows(bench: Bench, group: Group, shape: tuple[int, ...]) -> bool:
    """True where operands that meet would make a larger tensor than either, by far perhaps."""
    operation = bench.operation
    others = [s.stand_in.shape for i, s in enumerate(operation.slots) if i not in group]
    meets = operation.module is None or operation.name.endswith("Loss")
    if not others or not meets or operation.name in _LOSSES[:4]:
        return False
    return len(shape) > max(len(operation.slots[group[0]].stand_in.shape), *map(len, others))


def wrapped(text: str) -> str:
    """An expression to which a method can be appended."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return text
    whole = isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
    return text if whole else f"({text})"


def cast(bench: Bench) -> Iterator[Tried]:
    """Each operand in another dtype, where torch's words are about that."""
    if not _OF_DTYPES.search(str(bench.operation.error)):
        return
    slots = bench.operation.slots
    for group in groups(bench):
        first = slots[group[0]]
        for name, dtype in _CASTS.items():
            if first.stand_in.dtype is dtype or first.stand_in.parameter:
                continue
            result = bench(tuple(slots[i] for i in group), partial(_cast, dtype=dtype))
            if result is not None:
                code = f"{wrapped(first.text)}.{name}()"
                shape = first.stand_in.shape
                yield Tried("cast", code, group, shape, (), result, name)


def _cast(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    return tensor.to(dtype)


def repeated(bench: Bench) -> Iterator[Tried]:
    """A tensor that lacks an axis, repeated along it, beside those that it is joined to."""
    slots = bench.operation.slots
    if bench.operation.name not in ("cat", "concat", "concatenate") or len(slots) != 2:
        return
    for i, slot in enumerate(slots):
        shape, other = slot.stand_in.shape, slots[1 - i].stand_in.shape
        for place in range(1, len(other)) if len(shape) + 1 == len(other) else ():
            many = other[place]
            if bench((slot,), partial(torch.unsqueeze, dim=place)) is not None:
                continue  # it is joined along this axis, and one index is enough
            result = bench((slot,), partial(_repeated, place=place, many=many))
            if result is not None and many > 1:
                sizes = ", ".join(str(many) if k == place else "-1" for k in range(len(other)))
                code = f"{wrapped(slot.text)}.unsqueeze({place}).expand({sizes})"
                after = (*shape[:place], many, *shape[place:])
                kept = tuple((k,) for k in range(len(shape)))
                axes = (*kept[:place], (), *kept[place:])
                yield Tried("missing", code, (i,), after, axes, result, "repeated")


def _repeated(tensor: Tensor, place: int, many: int) -> Tensor:
    sizes = [-1] * (tensor.dim() + 1)
    sizes[place] = many
    return tensor.unsqueeze(place).expand(sizes)


def sliced(bench: Bench) -> Iterator[Tried]:
    """A table that is longer than what it is added to: its first rows."""
    slots = bench.operation.slots
    if len(slots) != 2 or any(not slot.stand_in.shape for slot in slots):
        return
    for i, slot in enumerate(slots):
        other = slots[1 - i]
        if not (slot.stand_in.parameter or slot.text.startswith("self.")):
            continue
        shape, beside = slot.stand_in.shape, other.stand_in.shape
        for axis, size in enumerate(shape):
            there = axis - len(shape) + len(beside)
            if there < 0 or size <= beside[there] or beside[there] == 1:
                continue
            result = bench((slot,), partial(torch.narrow, dim=axis, start=0, length=beside[there]))
            if result is not None and result == beside:
                cut = ", ".join([":"] * axis + [f":{other.text}.size({there})"])
                after = (*shape[:axis], beside[there], *shape[axis + 1 :])
                kept = tuple((k,) for k in range(len(shape)))
                yield Tried("sliced", f"{slot.text}[{cut}]", (i,), after, kept, result)


def exchanged(bench: Bench) -> Iterator[Tried]:
    """Two operands in each other's place."""
    operation = bench.operation
    if operation.name not in _TWO_SIDED or len(operation.slots) < 2:
        return
    first, second = operation.slots[:2]
    given = put(operation.given, first.path, second.stand_in)
    result = bench(given=put(given, second.path, first.stand_in))
    if result is not None:
        code = f"{second.text} @ {first.text}"
        if operation.name.startswith(("nn.", "cross", "nll")):
            code = f"{operation.layer or operation.name}({second.text}, {first.text})"
        elif not operation.name.startswith(("matmul", "__")):
            code = f"torch.{operation.name}({second.text}, {first.text})"
        yield Tried("exchange", code, (0, 1), (), (), result)


def reached(bench: Bench) -> Iterator[Tried]:
    """Class numbers that start at one, counted from zero; scores for as many classes as there are;
    rows of ones and zeros as class numbers."""
    slots = bench.operation.slots
    if len(slots) < 2:
        return
    scores, target = slots[0], slots[1]
    extent = target.stand_in.extent
    if extent is None:
        return
    if target.stand_in.shape == scores.stand_in.shape and extent[1] <= 1:
        result = bench((target,), lambda t: t.argmax(1))
        if result is not None and len(target.stand_in.shape) == 2:
            rows = target.stand_in.shape[:1]
            yield Tried("picked", f"{target.text}.argmax(1)", (1,), rows, ((0,),), result)
    yield from _last(bench)
    if len(scores.stand_in.shape) < 2 or "out of bounds" not in str(bench.operation.error):
        return
    if extent[0] == 1:
        given = bench.operation.given
        lower = reaching(target.stand_in, 0, extent[1] - 1)
        result = bench(given=put(given, target.path, lower))
        if result is not None:
            shape = target.stand_in.shape
            yield Tried("reach", f"{wrapped(target.text)} - 1", (1,), shape, (), result)
    classes = extent[1] + 1
    shape = scores.stand_in.shape
    wider = (shape[0], classes, *shape[2:])
    result = bench.of_shape((scores,), wider)
    if result is not None:
        yield Tried("made", "", (0,), wider, (), result, "classes", classes)


def _last(bench: Bench) -> Iterator[Tried]:
    """The scores of the last step alone, where each sample has one target."""
    scores, target = bench.operation.slots[:2]
    if len(scores.stand_in.shape) != 3 or len(target.stand_in.shape) != 1:
        return
    result = bench((scores,), partial(torch.select, dim=1, index=-1))
    if result is not None:
        shape = (scores.stand_in.shape[0], scores.stand_in.shape[2])
        code = f"{wrapped(scores.text)}[:, -1]"
        yield Tried("picked", code, (0,), shape, ((0,), (2,)), result, "last")


def made(bench: Bench) -> Iterator[Tried]:
    """The states of a recurrent layer, made with another size at one axis."""
    operation = bench.operation
    module = operation.module
    states = [i for i, slot in enumerate(operation.slots) if slot.name.startswith("hx")]
    if module is None or not states or not hasattr(module, "hidden_size"):
        return
    first = operation.slots[states[0]]
    if any(operation.slots[i].stand_in.shape != first.stand_in.shape for i in states):
        return
    data = operation.slots[0]
    shape = first.stand_in.shape
    directions = 2 if getattr(module, "bidirectional", False) else 1
    layers = int(getattr(module, "num_layers", 1)) * directions
    batch_at = 0 if getattr(module, "batch_first", True) else 1
    batch = data.stand_in.shape[batch_at] if len(data.stand_in.shape) > batch_at else 1
    wanted: tuple[int, ...] = (layers, batch, int(getattr(module, "hidden_size", 0)))
    wanted = wanted[-len(shape) :]
    names = ("layers", "batch", "hidden")[-len(shape) :]
    apart = [i for i, (a, b) in enumerate(zip(shape, wanted, strict=False)) if a != b]
    if len(apart) != 1 or len(shape) != len(wanted):
        return
    result = bench.of_shape(tuple(operation.slots[i] for i in states), wanted)
    if result is not None:
        name = names[apart[0]]
        size = f"{data.text}.size({batch_at})" if name == "batch" else str(wanted[apart[0]])
        yield Tried("made", size, tuple(states), wanted, (), result, name, wanted[apart[0]])


def elsewhere(bench: Bench) -> Iterator[Tried]:
    """An operand that is one index of a tensor, taken at another axis: `x[:, t]` for `x[t]`."""
    for i, base in bench.operation.bases.items():
        slot = bench.operation.slots[i]
        shape = base.stand_in.shape
        for axis in range(1, len(shape)):
            left = (*shape[:axis], *shape[axis + 1 :])
            if left == slot.stand_in.shape:
                continue
            result = bench.of_shape((slot,), left)
            if result is not None:
                code = f"{base.text}[{', '.join([':'] * axis + [base.index])}]"
                axes = tuple((k,) for k in range(len(shape)) if k != axis)
                yield Tried("picked", code, (i,), left, axes, result, "elsewhere", axis)


def padded(bench: Bench) -> Iterator[Tried]:
    """Tensors of several lengths, padded to one instead of stacked."""
    operation = bench.operation
    if operation.name != "stack" or len(operation.slots) < 2:
        return
    tensors = at(operation.given, ("args", 0)) if operation.given["args"] else None
    if not isinstance(tensors, (list, tuple)):
        return
    rests = {slot.stand_in.shape[1:] for slot in operation.slots}
    if len(rests) != 1 or len({len(slot.stand_in.shape) for slot in operation.slots}) != 1:
        return
    pad = torch.nn.utils.rnn.pad_sequence
    given = {"args": (list(tensors),), "kwargs": {"batch_first": True}}
    result = bench(given=given, instead=pad)
    if result is not None:
        first = operation.slots[0].operand.text
        text = first.rpartition("[")[0] if first.endswith("]") else ""
        code = f"torch.nn.utils.rnn.pad_sequence({text or 'samples'}, batch_first=True)"
        yield Tried("instead", code, (), (), (), result, "pad_sequence")
