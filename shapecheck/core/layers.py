"""What torch.nn's layers read: the shape of each input, as the documentation of torch states it.

Each contract is a shape string per input, in the grammar that declarations use, so that a layer
which refuses its input is explained by the same matching and the same remedies. Sizes that the
layer's weights fix are written in (`input_size=1`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Settings = Mapping[str, Any]

RECURRENT = ("RNN", "LSTM", "GRU")
CELLS = ("RNNCell", "LSTMCell", "GRUCell")

# The sizes that a layer was built with, by the axis that they name in what it reads.
BUILT_WITH = {
    "input_size": "input_size",
    "in_features": "in_features",
    "in_channels": "in_channels",
    "num_features": "num_features",
    "embed": "embed_dim",
}
# The attributes of a layer that decide what it reads.
SETTINGS = (
    "batch_first",
    "input_size",
    "hidden_size",
    "num_layers",
    "bidirectional",
    "proj_size",
    "in_features",
    "in_channels",
    "num_features",
    "normalized_shape",
    "embed_dim",
    "kdim",
    "vdim",
)


def layer_contract(layer: str, settings: Settings, ranks: Mapping[str, int]) -> dict[str, str]:
    """The shape string of each input of a layer, by parameter name; {} for an unknown layer.

    `layer` is the class name (`LSTM`), `settings` its attributes, `ranks` the number of axes of
    each input as passed (a layer without its batch axis reads one less).
    """
    for family, contract in _FAMILIES.items():
        if layer in family:
            return contract(layer, settings, ranks)
    return {}


def describe(layer: str, settings: Settings) -> str:
    """A layer with the setting that decides the order of its axes: `nn.LSTM(batch_first=False)`."""
    if "batch_first" in settings:
        return f"nn.{layer}(batch_first={bool(settings['batch_first'])})"
    return f"F.{layer}" if layer.islower() else f"nn.{layer}"


def _recurrent(layer: str, s: Settings, ranks: Mapping[str, int]) -> dict[str, str]:
    directions = 2 if s.get("bidirectional") else 1
    layers = f"layers={s['num_layers'] * directions}"
    if directions == 2:
        layers = f"layers*directions={s['num_layers'] * directions}"
    state = s.get("proj_size") or s["hidden_size"]
    batched = ranks.get("input", 3) != 2
    order = "batch seq" if s.get("batch_first") else "seq batch"
    leading = f"{layers} batch" if batched else layers
    contract = {"input": f"{order if batched else 'seq'} input_size={s['input_size']}"}
    if layer == "LSTM":
        contract["hx[0]"] = f"{leading} hidden={state}"
        contract["hx[1]"] = f"{leading} hidden={s['hidden_size']}"
    else:
        contract["hx"] = f"{leading} hidden={state}"
    return contract


def _cell(layer: str, s: Settings, ranks: Mapping[str, int]) -> dict[str, str]:
    batch = "batch " if ranks.get("input", 2) != 1 else ""
    state = f"{batch}hidden={s['hidden_size']}"
    names = ("hx[0]", "hx[1]") if layer == "LSTMCell" else ("hx",)
    return {"input": f"{batch}input_size={s['input_size']}"} | dict.fromkeys(names, state)


def _linear(layer: str, s: Settings, ranks: Mapping[str, int]) -> dict[str, str]:
    return {"input": f"... in_features={s['in_features']}"}


def _convolution(layer: str, s: Settings, ranks: Mapping[str, int]) -> dict[str, str]:
    space = _SPACE[int(layer[-2])]
    batch = "batch " if ranks.get("input", 0) != len(space.split()) + 1 else ""
    return {"input": f"{batch}in_channels={s['in_channels']} {space}"}


def _batch_norm(layer: str, s: Settings, ranks: Mapping[str, int]) -> dict[str, str]:
    space = _SPACE[int(layer[-2])]
    if layer == "BatchNorm1d":
        space = "length" if ranks.get("input") == 3 else ""
    return {"input": f"batch num_features={s['num_features']} {space}".strip()}


def _layer_norm(layer: str, s: Settings, ranks: Mapping[str, int]) -> dict[str, str]:
    return {"input": "... " + " ".join(f"normalized={size}" for size in s["normalized_shape"])}


def _attention(layer: str, s: Settings, ranks: Mapping[str, int]) -> dict[str, str]:
    order = "batch {}" if s.get("batch_first") else "{} batch"
    batched = ranks.get("query") != 2
    if not batched:
        order = "{}"
    sizes = (s["embed_dim"], s.get("kdim", s["embed_dim"]), s.get("vdim", s["embed_dim"]))
    places = ("target", "source", "source")
    contract = {
        name: f"{order.format(place)} embed={size}"
        for name, place, size in zip(("query", "key", "value"), places, sizes, strict=True)
    }
    contract["key_padding_mask"] = "batch source" if batched else "source"
    if ranks.get("attn_mask") == 2:
        contract["attn_mask"] = "target source"
    return contract


def _class_numbers(layer: str, s: Settings, ranks: Mapping[str, int]) -> dict[str, str]:
    """Losses that read the classes at axis 1 of the scores, where targets are class numbers."""
    if ranks.get("input", 0) < 2 or ranks.get("input") == ranks.get("target"):
        return {}  # one sample alone; a probability for each class
    rest = " *places" if ranks["input"] > 2 else ""
    return {"input": f"batch classes{rest}", "target": f"batch{rest}"}


_SPACE = {1: "length", 2: "height width", 3: "depth height width"}
_FAMILIES: dict[tuple[str, ...], Callable[[str, Settings, Mapping[str, int]], dict[str, str]]] = {
    RECURRENT: _recurrent,
    CELLS: _cell,
    ("Linear",): _linear,
    tuple(f"Conv{t}{n}d" for t in ("", "Transpose") for n in (1, 2, 3)): _convolution,
    ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d"): _batch_norm,
    ("LayerNorm",): _layer_norm,
    ("MultiheadAttention",): _attention,
    ("CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss"): _class_numbers,
}
