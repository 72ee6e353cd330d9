"""Layers of torch.nn built once more, of no value: as they are, or with another setting.

Nothing of the user's runs: hooks are left out, and a layer that holds anything that is not
torch's own is not built again.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import Parameter

from shapecheck.runtime.crashing.standins import Unknown, stand_in

_OF_RNN = "input_size hidden_size num_layers bias batch_first dropout bidirectional"
_RECURRENT = _OF_RNN.split()
_HOOKS = ("_hooks", "_hooks_with_kwargs", "_hooks_always_called", "_pre_hooks")
_VALUES = (int, float, str, bool, type(None), tuple, list, torch.device, torch.dtype)


def of_torch(module: nn.Module) -> bool:
    """True for a layer of torch.nn, made of nothing else."""
    return all(type(m).__module__.startswith("torch.nn.modules.") for m in module.modules())


def twin(module: nn.Module, device: str) -> nn.Module:
    """A layer like this one, with weights of no value. Raises Unknown where it holds more."""
    if not type(module).__module__.startswith("torch.nn.modules."):
        raise Unknown
    made = object.__new__(type(module))
    held: dict[str, Any] = {}
    for name, value in vars(module).items():
        if name == "_modules":
            held[name] = {n: m and twin(m, device) for n, m in value.items()}
        elif name in ("_parameters", "_buffers"):
            held[name] = {n: _like(v, device) for n, v in value.items()}
        elif name.endswith(_HOOKS):
            held[name] = OrderedDict()
        elif isinstance(value, _VALUES) or getattr(value, "__module__", "").startswith("torch"):
            held[name] = value
        elif not name.startswith("_"):
            raise Unknown
        else:
            held[name] = value
    vars(made).update(held)
    if isinstance(made, nn.RNNBase):
        made._flat_weights = [getattr(made, name) for name in made._flat_weights_names]
    return made


def _like(value: Tensor | None, device: str) -> Tensor | None:
    if value is None:
        return None
    made = stand_in(value).tensor(device)
    return Parameter(made, requires_grad=False) if isinstance(value, Parameter) else made


def rebuilt(module: nn.Module, device: str, settings: Mapping[str, Any]) -> nn.Module:
    """A layer of the same class built with some other settings. Raises Unknown if it cannot be."""
    kind = type(module)
    if not kind.__module__.startswith("torch.nn.modules."):
        raise Unknown
    names = list(inspect.signature(kind.__init__).parameters)[1:]
    if isinstance(module, nn.RNNBase):
        only = {nn.RNN: ["nonlinearity"], nn.LSTM: ["proj_size"]}
        names = [*_RECURRENT, *only.get(kind, [])]
    given: dict[str, Any] = {}
    for name in names:
        if name in ("kdim", "vdim") and getattr(module, name) == getattr(module, "embed_dim", None):
            continue  # they follow it
        if name in settings:
            given[name] = settings[name]
        elif name in ("device", "dtype", "_freeze", "_weight"):
            continue
        elif name == "bias":
            held = getattr(module, "bias", getattr(module, "in_proj_bias", None))
            given[name] = held if isinstance(held, bool) else held is not None
        elif hasattr(module, name):
            given[name] = getattr(module, name)
    numbers = next((p.dtype for p in module.parameters()), torch.float32)
    if (device != "meta" and "dtype" in names) or isinstance(module, nn.RNNBase):
        given["dtype"] = numbers
    if "device" in names or isinstance(module, nn.RNNBase):
        given["device"] = device
    try:
        made = kind(**given)
    except Exception as error:
        raise Unknown from error
    return made.train(module.training)


def numbers_of(module: nn.Module) -> int:
    """How many weights a layer has."""
    return sum(weight.numel() for weight in module.parameters())
