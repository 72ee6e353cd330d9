"""Where tracking starts, stops and steps aside: modules, optimisers, loaders, parameters.

A function mode, even an idle one, switches off the fast paths of attention, so it is lifted off
the stack inside such modules and inside optimiser steps. Under `torch.compile` hooks and modes are
compiled too, so tracking ends where a program calls it. Everything is done with torch's own
global hooks, but for the loaders (tensors of worker processes arrive by no operation),
`torch.from_numpy` (no mode sees it) and `torch.compile`, which are replaced for the time being.
"""

from __future__ import annotations

import functools
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch._C import (
    _len_torch_function_stack,
    _pop_torch_function_stack,
    _push_on_torch_function_stack,
)
from torch.nn.modules.module import (
    _global_forward_hooks_with_kwargs,
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_parameter_registration_hook,
)
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from shapecheck.runtime.flow.contracts.attention import ATTENTION
from shapecheck.runtime.flow.contracts.loaders import Loaders
from shapecheck.runtime.flow.contracts.parameters import registered
from shapecheck.runtime.flow.contracts.recurrent import RECURRENT
from shapecheck.runtime.flow.numpy.arrays import Arrays
from shapecheck.runtime.flow.raised import raised
from shapecheck.runtime.running.warned import Warned

if TYPE_CHECKING:
    from shapecheck.runtime.tracker import Tracker

_OPAQUE = (*ATTENTION, *RECURRENT, torch.jit.ScriptModule)
_tracing = torch._C._get_tracing_state
_is_compiling = torch.compiler.is_compiling
CONTRACTS = {
    nn.RNN: RECURRENT[nn.RNNBase],
    nn.LSTM: RECURRENT[nn.RNNBase],
    nn.GRU: RECURRENT[nn.RNNBase],
    nn.RNNCell: RECURRENT[nn.RNNCellBase],
    nn.LSTMCell: RECURRENT[nn.RNNCellBase],
    nn.GRUCell: RECURRENT[nn.RNNCellBase],
    **ATTENTION,
}


class Watching:
    """Puts a tracker on the stack of function modes, and takes it off where it must not be."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._handles: list[Any] = []
        self._lifted: tuple[FrameType, int] | None = None  # where, at which depth of the stack
        self._kinds: dict[type, tuple[bool, Any]] = {}
        self._compile: Any = None
        self._thread = 0  # the one whose stack the mode is on
        self.loaders = Loaders(tracker, self)
        self._arrays = Arrays(tracker)
        mode = type(tracker).__torch_function__
        self._warned = Warned(mode.__code__, mode.__globals__)

    def begin(self) -> None:
        """Start: install the hooks, push the mode."""
        self._handles = [
            register_module_forward_pre_hook(self._entering),
            register_module_forward_hook(self._left, with_kwargs=True, always_call=True),
            register_module_parameter_registration_hook(self._registered),
            register_optimizer_step_pre_hook(self._stepping),
            register_optimizer_step_post_hook(self._stepped),
        ]
        self.loaders.begin()
        self._arrays.begin()
        self._warned.begin()
        self._guard_compile()
        self._thread = threading.get_ident()
        _push_on_torch_function_stack(self._tracker)

    def end(self) -> None:
        """Stop: everything as it was."""
        self._lifted = None
        self._lift()
        self.loaders.end()
        self._arrays.end()
        self._warned.end()
        if self._compile is not None:
            torch.compile = self._compile
            self._compile = None
        for handle in self._handles:
            handle.remove()
            _global_forward_hooks_with_kwargs.pop(handle.id, None)  # torch leaves this one behind
        self._handles = []

    def _guard_compile(self) -> None:
        original = self._compile = torch.compile

        @functools.wraps(original)
        def compile_untracked(*args: Any, **kwargs: Any) -> Any:
            frame = self._tracker.frames.innermost(sys._getframe(1))
            self.end()
            self._tracker.guarded(self._tracker.skip, frame, "torch.compile: tracking ended there")
            return original(*args, **kwargs)

        torch.compile = compile_untracked

    # -- the stack of modes ---------------------------------------------------------------

    def _lift(self) -> int | None:
        """Take the mode off this thread's stack, wherever it is; its depth, None if not there."""
        above: list[Any] = []
        depth = None
        while _len_torch_function_stack():
            mode = _pop_torch_function_stack()
            if mode is self._tracker:
                depth = _len_torch_function_stack()
                break
            above.append(mode)
        for mode in reversed(above):
            _push_on_torch_function_stack(mode)
        return depth

    def _put_back(self, depth: int) -> None:
        above: list[Any] = []
        while _len_torch_function_stack() > depth:
            above.append(_pop_torch_function_stack())
        _push_on_torch_function_stack(self._tracker)
        for mode in reversed(above):
            _push_on_torch_function_stack(mode)

    def step_aside(self, frame: FrameType) -> None:
        """Lift the mode until `return_from` is called for the same frame."""
        if threading.get_ident() != self._thread:
            return
        if self._lifted:
            self._forget_dead(frame)
        if not self._lifted:
            depth = self._lift()
            if depth is not None:
                self._lifted = (frame, depth)

    def return_from(self, frame: FrameType) -> bool:
        """Put the mode back, if it was this frame that lifted it."""
        if self._lifted is None or self._lifted[0] is not frame:
            return False
        depth = self._lifted[1]
        self._lifted = None
        self._put_back(depth)
        return True

    def _forget_dead(self, frame: FrameType) -> None:
        """An exit that no hook saw (KeyboardInterrupt, a failed step): put the mode back."""
        if self._lifted is None or threading.get_ident() != self._thread:
            return
        lifted, depth = self._lifted
        at: FrameType | None = frame
        while at is not None:
            if at is lifted:
                return
            at = at.f_back
        self._lifted = None
        self._put_back(depth)

    # -- hooks ----------------------------------------------------------------------------

    def _entering(self, module: nn.Module, args: Any) -> None:
        if _is_compiling() or _tracing() is not None:
            return
        observer = self._tracker.observer
        if observer is not None and id(module) not in observer.settled:
            self._tracker.guarded(observer.entering, module, args, sys._getframe(1))
        known = self._kinds.get(type(module)) or self._kind(module)
        if known[0]:
            self.step_aside(_call_frame(sys._getframe(1)))
        elif self._lifted:
            self._forget_dead(sys._getframe(1))

    def _left(self, module: nn.Module, args: Any, *rest: Any) -> None:
        if _is_compiling():
            return
        observer = self._tracker.observer
        if observer is not None and observer.awaited is module:
            self._tracker.guarded(observer.left, *rest[1:])
        opaque, contract = self._kinds.get(type(module)) or self._kind(module)
        if not opaque:
            return
        frame = _call_frame(sys._getframe(1))
        if self._lifted is None or self._lifted[0] is not frame:
            return
        tracker = self._tracker
        if len(rest) == 2:
            if contract is not None:
                tracker.guarded(tracker.followed, module, contract, args, *rest)
        else:
            error = sys.exc_info()[1]
            if error is not None:
                name = f"nn.{type(module).__name__}"
                tracker.guarded(raised, tracker, name, module, args, {}, error)
        self.return_from(frame)

    def _kind(self, module: nn.Module) -> tuple[bool, Any]:
        """Whether the mode is lifted inside, and the contract; worked out once for each class."""
        kind = type(module)
        opaque = isinstance(module, _OPAQUE) or kind.__name__ == "OptimizedModule"
        contract = next(
            (
                c
                for base, c in CONTRACTS.items()
                if isinstance(module, base)
                and getattr(kind, "forward", None) is getattr(base, "forward", "")
            ),
            None,
        )
        self._kinds[kind] = (opaque, contract)
        return opaque, contract

    def _registered(self, module: nn.Module, name: str, parameter: Any) -> None:
        if isinstance(parameter, Tensor):
            self._tracker.guarded(registered, self._tracker, module, name, parameter)

    def _stepping(self, optimiser: Any, args: Any, kwargs: Any) -> None:
        if len(args) > 1 or kwargs.get("closure") is not None:
            return  # a closure runs the user's model
        self.step_aside(sys._getframe(1))

    def _stepped(self, optimiser: Any, args: Any, kwargs: Any) -> None:
        self.return_from(sys._getframe(1))


def lift_all() -> list[Any]:
    """Take every mode off this thread's stack, the program's own too; the topmost first."""
    return [_pop_torch_function_stack() for _ in range(_len_torch_function_stack())]


def put_back(modes: list[Any]) -> None:
    """Put back what `lift_all` took."""
    for mode in reversed(modes):
        _push_on_torch_function_stack(mode)


def _call_frame(frame: FrameType) -> FrameType:
    """The frame of `Module._call_impl` around a hook (hooks run in a function inside it)."""
    if frame.f_code.co_name == "inner" and frame.f_back is not None:
        return frame.f_back
    return frame
