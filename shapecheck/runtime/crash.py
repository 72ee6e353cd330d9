"""Evidence from an exception: the user's line, its tensors, and the layer that refused them.

Reads the traceback that torch's error left behind; calls nothing of the user's.
"""

from __future__ import annotations

import ast
import dis
import inspect
import re
from dataclasses import replace
from itertools import islice
from types import FrameType, TracebackType
from typing import Any

import torch

from shapecheck.core.evidence import Argument, Crash, Declaration, Value
from shapecheck.core.finding import ShapeError
from shapecheck.core.layers import SETTINGS, describe, layer_contract
from shapecheck.core.site import Place
from shapecheck.core.tried import Tried
from shapecheck.runtime.blame import function_node, module_tree
from shapecheck.runtime.crashing import tried
from shapecheck.runtime.crashing.finding import find_operation
from shapecheck.runtime.crashing.operation import Operation, Seen
from shapecheck.runtime.judging.annotation import is_array, spec_of
from shapecheck.runtime.judging.call import Call
from shapecheck.runtime.observe import observe
from shapecheck.runtime.ownership import is_torchs, is_users

_ABOUT_SHAPES = re.compile(
    r"size|shape|dimension|\bdim\b|\d-?D\b|channels|batch|broadcast|mat1|mat2|index .* out of range"
    r"|expected .* input|\d+ elements|number of elements",
    re.IGNORECASE,
)
# What is said of dtypes and of indices; only where a torch operation, done again, says so.
_ABOUT_VALUES = re.compile(
    r"dtype|scalar type|out of range|out of bounds|\bLong\b|\bFloat\b|\bBool\b|\bDouble\b"
    r"|einsum|subscript|indices|Tensor for argument",
    re.IGNORECASE,
)


_MOST_SAID = 400


def gather_crash(error: BaseException, seen: Seen | None = None) -> Crash | None:
    """The evidence of a torch error about shapes; None for any other exception.

    `seen` is what the tracker saw, where there was one.
    """
    kinds = (RuntimeError, ValueError, IndexError, AssertionError)
    if not isinstance(error, kinds) or isinstance(error, ShapeError) or _of_a_compiler(error):
        return None
    said = str(error)
    frames = _frames(error.__traceback__)
    at = max((i for i, t in enumerate(frames) if _is_users(t)), default=None)
    if at is None or not (_ABOUT_SHAPES.search(said) or _ABOUT_VALUES.search(said)):
        return None
    trace = frames[at]
    if not _from_torch(trace, frames[at + 1 :]):
        return None
    code = trace.tb_frame.f_code
    expression = failing_expression(trace)
    layer, inputs = _layer(frames[at + 1 :])
    crash = Crash(
        place=Place(code.co_filename, trace.tb_lineno, function=code.co_qualname),
        function=code.co_qualname.rsplit("<locals>.", 1)[-1],
        error=type(error).__name__,
        said=_first_line(said)[:_MOST_SAID],
        expression=ast.unparse(expression) if expression is not None else "",
        values=_values(expression, trace.tb_frame, _running_call(frames[:at])),
        layer=layer,
        inputs=inputs,
    )
    operation = find_operation(error, frames[at:], expression, seen or Seen())
    changes = tried(operation) if operation is not None else None
    if changes is None and not _ABOUT_SHAPES.search(said):
        return None  # words like these are said of lists as well
    return crash if operation is None else _with_operation(crash, operation, changes or ())


def _first_line(said: str) -> str:
    """The first line of what was said; of what a worker of a DataLoader raised, its last."""
    lines = said.strip().splitlines()
    if not lines:
        return ""
    if lines[0].startswith("Caught ") and "DataLoader worker" in lines[0]:
        return lines[-1].partition("Error: ")[2] or lines[-1]
    return lines[0]


def _with_operation(crash: Crash, operation: Operation, changes: tuple[Tried, ...]) -> Crash:
    return replace(
        crash,
        operation=operation.name,
        operands=tuple(slot.operand for slot in operation.slots),
        names=tuple(slot.name for slot in operation.slots),
        extents=tuple(slot.stand_in.extent for slot in operation.slots),
        tried=changes,
        built_as=operation.layer,
        built_at=operation.built_at,
        places=int(getattr(operation.module, "num_embeddings", 0)),
    )


def _of_a_compiler(error: BaseException) -> bool:
    """True where torch.compile failed itself; what the traced code raised is TorchRuntimeError."""
    kind = type(error)
    return kind.__module__.startswith("torch._dynamo") and kind.__name__ != "TorchRuntimeError"


def _frames(trace: TracebackType | None) -> list[TracebackType]:
    frames = []
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    return frames


def _is_users(trace: TracebackType) -> bool:
    return is_users(trace.tb_frame.f_code.co_filename)


def _from_torch(trace: TracebackType, after: list[TracebackType]) -> bool:
    """True where torch raised: in its Python code, or in C code called from the user's line."""
    if after:
        return is_torchs(after[-1].tb_frame.f_code.co_filename)
    instruction = trace.tb_frame.f_code.co_code[trace.tb_lasti]
    return instruction not in (dis.opmap["RAISE_VARARGS"], dis.opmap["RERAISE"])


def failing_expression(trace: TracebackType) -> ast.expr | None:
    """The innermost expression that was being evaluated, by the positions Python keeps."""
    code = trace.tb_frame.f_code
    position = next(islice(code.co_positions(), trace.tb_lasti // 2, None), None)
    body = function_node(code) or module_tree(code.co_filename)
    if position is None or body is None or None in position:
        return None
    for node in ast.walk(body):
        if isinstance(node, ast.expr) and position == (
            node.lineno,
            node.end_lineno,
            node.col_offset,
            node.end_col_offset,
        ):
            return node
    return None


def _running_call(before: list[TracebackType]) -> Call | None:
    """The checked call whose body failed: our wrapper stands right above the user's frame."""
    call = before[-1].tb_frame.f_locals.get("call") if before else None
    return call if isinstance(call, Call) else None


def _values(expression: ast.expr | None, frame: FrameType, call: Call | None) -> tuple[Value, ...]:
    """The tensors that the expression names, in order, each once."""
    found: dict[str, Value] = {}
    for node in ast.walk(expression) if expression is not None else ():
        if isinstance(node, (ast.Name, ast.Attribute)):
            value, text = _read(node, frame), ast.unparse(node)
            if isinstance(value, torch.Tensor) and text not in found:
                found[text] = Value(text, observe(value), _declared_axes(value, call))
    return tuple(found.values())


def _read(node: ast.expr, frame: FrameType) -> Any:
    """What a name or a module's attribute holds. Nothing is called."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        owner = _read(node.value, frame)
        stored = getattr(owner, "__dict__", {})
        for names in (
            stored,
            stored.get("_parameters"),
            stored.get("_buffers"),
            stored.get("_modules"),
        ):
            if isinstance(names, dict) and node.attr in names:
                return names[node.attr]
    return None


def _declared_axes(value: torch.Tensor, call: Call | None) -> tuple[str, ...]:
    if call is None:
        return ()
    for name, argument in call.arguments.items():
        declared = call.contract.declared.get(name)
        if argument is value and declared is not None and is_array(declared.annotation):
            spec = spec_of(declared.annotation)
            if spec is not None and spec.accepts_rank(value.dim()):
                return tuple(axis.name or axis.text for axis in spec.lay(value.dim()))
    return ()


def _layer(after: list[TracebackType]) -> tuple[str, tuple[Argument, ...]]:
    """The first layer or loss of torch below the user's line, what it reads, what it was given."""
    for at, trace in enumerate(after):
        frame = trace.tb_frame
        module = frame.f_locals.get("self")
        name, settings = frame.f_code.co_name, {}
        if name == "forward" and isinstance(module, torch.nn.Module):
            name = type(module).__name__
            settings = {s: getattr(module, s) for s in SETTINGS if hasattr(module, s)}
        elif frame.f_globals is not vars(torch.nn.functional):
            continue
        given = _given(frame, after[at - 1].tb_frame if at else None)
        contract = layer_contract(name, settings, {n: value.dim() for n, value in given.items()})
        if contract:
            inputs = tuple(
                Argument(_reads(argument, contract[argument]), observe(given[argument]))
                for argument in contract
                if argument in given
            )
            return describe(name, settings), inputs
    return "", ()


def _given(frame: FrameType, caller: FrameType | None) -> dict[str, torch.Tensor]:
    """The tensors passed to a layer's forward, or to a function; tuples taken apart (`hx[0]`).

    torch's own forward rebinds its parameters on the way (it adds a batch axis to unbatched
    input, and puts time first), so they are read from the call above it where that is torch's.
    """
    held = {name: frame.f_locals.get(name) for name in inspect.getargs(frame.f_code).args}
    if caller is not None and caller.f_code.co_name in ("inner", "_call_impl"):
        passed, named = caller.f_locals.get("args"), caller.f_locals.get("kwargs")
        if isinstance(passed, tuple) and isinstance(named, dict):
            held |= dict(zip([n for n in held if n != "self"], passed, strict=False)) | named
    given: dict[str, torch.Tensor] = {}
    for name, value in held.items():
        if isinstance(value, torch.Tensor):
            given[name] = value
        elif isinstance(value, tuple):
            items = {f"{name}[{i}]": v for i, v in enumerate(value)}
            given |= {n: v for n, v in items.items() if isinstance(v, torch.Tensor)}
    return given


def _reads(name: str, shape: str) -> Declaration:
    return Declaration(name, "parameter", shape, shape=shape)
