"""Contracts taken at the module: recurrent layers and their cells.

At the functional level `batch_first` is gone, so the module's own arguments are read.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisReading, StatePassed, Witness
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part, Stack, view_of
from shapecheck.runtime.flow.call import Call, shape_of
from shapecheck.runtime.flow.contracts import directions
from shapecheck.runtime.flow.contracts.entries import begun
from shapecheck.runtime.flow.contracts.reversing import read as backwards
from shapecheck.runtime.flow.marks import NONE, Marks
from shapecheck.runtime.flow.meeting import beside, both
from shapecheck.runtime.flow.wording.naming import named

Expected = tuple[Role | None, ...]


def read(
    call: Call, tensor: Tensor, expected: Expected, contract: str, argument: str, remedy: str = ""
) -> None:
    """An argument read by a contract: a fact for each axis that has a role in it."""
    axes = call.axes(tensor)
    if len(axes) != len(expected):
        return
    pairs = list(zip(axes, expected, strict=True))
    views = [(view_of(axis), role) for axis, role in pairs if role is not None]
    operand = call.described(call.track(tensor), call.argument_text(argument))
    for position, (axis, role) in enumerate(pairs):
        if role is None or (axis.single is None and role is not Role.TIME):
            continue
        own = axis.single.serial if axis.single else view_of(axis)
        others = tuple(v for v in views if own not in (v[0].identity, v[0]))
        call.emit(
            AxisReading(
                call.place, call.name, contract, argument, operand, position, role, others, remedy
            )
        )
    for position, (axis, role) in enumerate(pairs):
        if role is not None:
            call.reads(axis, role, contract, position)


def rnn(call: Call, module: nn.RNNBase) -> Any:
    """RNN, LSTM, GRU: (time, batch, feature), or (batch, time, feature) with batch_first."""
    x, state = call.get(0, "input"), call.get(1, "hx")
    kind = type(module).__name__
    lstm = isinstance(module, nn.LSTM)
    states = state if isinstance(state, tuple) else (state,)
    states = tuple(s for s in states if isinstance(s, Tensor))
    contract = f"nn.{kind}(batch_first={module.batch_first}) takes "
    order = (Role.BATCH, Role.TIME) if module.batch_first else (Role.TIME, Role.BATCH)
    contract += "({}, {}, feature)".format(*(role.value for role in order))
    batch: Axis | None = None
    time: Axis | None = None
    marks = NONE
    if isinstance(x, Tensor) and x.dim() == 3:
        remedy = "" if module.batch_first else "batch_first=True"
        read(call, x, (*order, None), contract, "input", remedy)
        axes = call.axes(x)
        batch, time = axes[order.index(Role.BATCH)], axes[order.index(Role.TIME)]
        marks = backwards(call, module, x, contract)
    elif isinstance(x, Tensor) and x.dim() == 2:
        time = call.axes(x)[0]
        read(call, x, (Role.TIME, None), f"nn.{kind} takes (time, feature) of one sample", "input")
    elif isinstance(x, PackedSequence) and (packed := call.track(x.data).packed) is not None:
        batch, time = packed
    _states_given(call, kind, lstm, states)
    for slot, one in zip(("h_0", "c_0"), states, strict=False):
        begun(call, module, slot, call.track(one))
    if batch is not None and isinstance(x, Tensor):
        batch = _with_states(call, x, order.index(Role.BATCH), batch, states)
    if lstm:
        named(call)
    made = _rnn_results(call, module, batch, time, packed=isinstance(x, PackedSequence))
    made = _marked(made, marks)
    directions.given(call, module, made[0], time if isinstance(x, Tensor) else None)
    return made


def _marked(made: Any, marks: Marks) -> Any:
    """All results of a layer, with the same marks."""
    if marks is NONE:
        return made
    for one in made if isinstance(made, tuple) else ():
        _marked(one, marks)
    if isinstance(made, Axes):
        made.marks = marks
    return made


def _states_given(call: Call, kind: str, lstm: bool, states: tuple[Tensor, ...]) -> None:
    slots = ("h_0", "c_0") if lstm else ("h_0",)
    contract = f"nn.{kind} takes its states as (layers, batch, hidden), whatever batch_first says"
    for slot, state in zip(slots, states, strict=False):
        read(call, state, (Role.LAYER, Role.BATCH, None), contract, slot)
        came = call.track(state).state
        if lstm and came is not None and came[0][0] != slot[0]:
            call.emit(StatePassed(call.place, f"nn.{kind}", slot, came[0], came[1]))


def _with_states(call: Call, x: Tensor, at: int, batch: Axis, states: tuple[Tensor, ...]) -> Axis:
    """The batch of the input and of the states: sample by sample one beside the other."""
    for state, slot in zip(states, ("h_0", "c_0"), strict=False):
        axes = call.axes(state)
        if len(axes) == 3 and axes[1].size == batch.size:
            texts = call.argument_text("input"), call.argument_text(slot)
            beside(call, (x, at), (state, 1), texts)
            batch = both(batch, axes[1])
    return batch


def _directions(call: Call, size: int) -> Axis:
    """Both directions side by side: (direction, hidden)."""
    return Axis((Part(Identity("direction"), 2), *call.fresh(size // 2).parts))


def _rnn_results(
    call: Call, module: nn.RNNBase, batch: Axis | None, time: Axis | None, *, packed: bool
) -> Any:
    kind, lstm = type(module).__name__, isinstance(module, nn.LSTM)
    out, final = call.result
    finals = final if lstm else (final,)
    made_states = tuple(
        _state(call, module, s, slot, batch)
        for s, slot in zip(finals, ("h_n", "c_n"), strict=False)
    )
    made_out: Any = None
    stack = made_states[0].items[0].parts[0].identity.stack
    if isinstance(out, Tensor):
        axes = [call.fresh(s) for s in shape_of(out)]
        old = call.axes(call.get(0, "input"))
        for i in range(len(axes) - 1):
            first = i == (0 if module.batch_first else 1)
            known = batch if batch is not None and first and len(axes) == 3 else old[i]
            axes[i] = known.plain() if known.single is not None else known
        if module.bidirectional:
            axes[-1] = _directions(call, axes[-1].size)
        made_out = Axes(axes, f"nn.{kind}", call.place)
        made_out.stack = stack
    elif packed:
        data = call.new(call.fresh(s) for s in shape_of(out.data))
        data.packed = (batch, time) if batch is not None and time is not None else None
        data.stack = stack
        made_out = (data, None, None, None)
    return (made_out, made_states if lstm else made_states[0])


def _state(call: Call, module: nn.RNNBase, state: Tensor, slot: str, batch: Axis | None) -> Axes:
    shape, kind = shape_of(state), type(module).__name__
    layers = Identity(f"{slot} of nn.{kind}", call.place)
    layers.stack = Stack(module.num_layers, 1 + module.bidirectional)
    axes = [Axis((Part(layers, shape[0]),)), *(call.fresh(s) for s in shape[1:])]
    layers.witness(
        Witness(Role.LAYER, call.place, f"nn.{kind} returns {slot} as (layers, batch, hidden)")
    )
    if batch is not None and len(shape) == 3 and batch.size == shape[1]:
        axes[1] = batch.plain()
    made = Axes(axes, f"nn.{kind}", call.place)
    made.state = (slot, call.place)
    return made


def cell(call: Call, module: nn.RNNCellBase) -> Any:
    """RNNCell, LSTMCell, GRUCell: (batch, feature) and states (batch, hidden)."""
    x, state = call.get(0, "input"), call.get(1, "hx")
    kind, lstm = type(module).__name__, isinstance(module, nn.LSTMCell)
    states = state if isinstance(state, tuple) else (state,)
    contract = f"nn.{kind} takes (batch, feature)"
    batch = call.axes(x)[:1] if isinstance(x, Tensor) and x.dim() == 2 else ()
    if batch:
        read(call, x, (Role.BATCH, None), contract, "input")
    for slot, given in zip(("h_0", "c_0"), states, strict=False):
        if not isinstance(given, Tensor):
            continue
        if batch and len(call.axes(given)) == 2:
            texts = call.argument_text("input"), call.argument_text(slot)
            beside(call, (x, 0), (given, 0), texts)
            batch = (both(batch[0], call.axes(given)[0]),)
        came = call.track(given).state
        if lstm and came is not None and came[0][0] != slot[0]:
            call.emit(StatePassed(call.place, f"nn.{kind}", slot, came[0], came[1]))
    results = call.result if lstm else (call.result,)
    made = []
    for slot, tensor in zip(("h_1", "c_1"), results, strict=False):
        shape = shape_of(tensor)
        axes = [*(a.plain() for a in batch), *(call.fresh(s) for s in shape[len(batch) :])]
        one = Axes(axes, f"nn.{kind}", call.place)
        one.state = (slot, call.place) if lstm else None
        made.append(one)
    return tuple(made) if lstm else made[0]


RECURRENT: dict[type, Any] = {nn.RNNBase: rnn, nn.RNNCellBase: cell}
