"""What a guard lets pass unjudged: programs that are recorded, values that have no sizes.

Where sizes are numbers a call is judged, whatever the mode: under `vmap` and `grad` those of one
sample, for a DTensor the global ones, for sparse tensors and subclasses those they show.
"""

from __future__ import annotations

import torch
from torch.fx import _symbolic_trace
from torch.nn.parameter import is_lazy


def recording() -> str:
    """Which calls cannot be judged now, because torch records them instead of running them.

    Empty where they can be. While dynamo traces, calls are judged elsewhere (`judging.compiling`).
    """
    # torch's own words for these have no types, or warn that they are used
    if torch._C._is_tracing():
        return "calls that torch.jit.trace records"
    if torch.compiler.is_compiling():
        return "calls that torch.export records"
    if _symbolic_trace._is_fx_tracing_flag:
        return "calls that torch.fx traces"
    return ""


def sizeless(value: object, *, symbols: bool = False) -> str:
    """Which values cannot be judged, if this is one: its sizes or its dtype are no plain facts.

    With `symbols`, sizes that are symbols may be compared.
    """
    if not isinstance(value, torch.Tensor):
        return ""
    if value.is_nested:
        return "nested tensors, whose rows differ in size"
    if is_lazy(value):
        return "parameters that have no shape yet"
    if value.is_quantized:
        return "quantised tensors, whose dtype stands for another"
    if not symbols and not all(type(size) is int for size in value.shape):
        return "tensors whose sizes are symbols"
    return ""
