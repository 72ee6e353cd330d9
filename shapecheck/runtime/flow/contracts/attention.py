"""Contracts taken at the module: attention and the Transformer layers.

They run with tracking suspended, so that torch takes the same (fast) path as without it; each
call counts as one operation here.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from shapecheck.core.axis import Role
from shapecheck.runtime.flow.attention import padding, together
from shapecheck.runtime.flow.attention.hiding import given
from shapecheck.runtime.flow.attention.tiling import tiled
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call, shape_of
from shapecheck.runtime.flow.contracts.recurrent import read
from shapecheck.runtime.flow.meeting import beside


def _order(batch_first: bool) -> tuple[Role, Role]:
    return (Role.BATCH, Role.TIME) if batch_first else (Role.TIME, Role.BATCH)


def _contract(kind: str, batch_first: bool) -> str:
    first, second = _order(batch_first)
    return f"nn.{kind}(batch_first={batch_first}) takes ({first.value}, {second.value}, feature)"


def _sequence(call: Call, kind: str, batch_first: bool, argument: str, value: Any) -> None:
    if isinstance(value, Tensor) and value.dim() == 3:
        remedy = "" if batch_first else "batch_first=True"
        order = (*_order(batch_first), None)
        read(call, value, order, _contract(kind, batch_first), argument, remedy)
        together.attended(call, call.track(value), order.index(Role.TIME))


def _beside(call: Call, batch_first: bool, one: tuple[str, Any], other: tuple[str, Any]) -> None:
    """Two sequences of the same samples: those of one stand in the order of the other's."""
    (left, x), (right, y) = one, other
    if all(isinstance(each, Tensor) and each.dim() == 3 for each in (x, y)):
        at = 0 if batch_first else 1
        beside(call, (x, at), (y, at), (call.argument_text(left), call.argument_text(right)))


def multihead(call: Call, module: nn.MultiheadAttention) -> Any:
    """The output has the query's axes; the weights (batch, query time, key time)."""
    kind = type(module).__name__
    query, key = call.get(0, "query"), call.get(1, "key")
    _sequence(call, kind, module.batch_first, "query", query)
    if key is not query:
        _sequence(call, kind, module.batch_first, "key", key)
        _beside(call, module.batch_first, ("query", query), ("key", key))
    _padding(call, kind, call.get(3, "key_padding_mask"), "key_padding_mask")
    mask, heads = call.get(5, "attn_mask"), module.num_heads
    given(call, mask, query, true_hides=True)
    tiled(call, "attn_mask", mask, heads, query, batch_first=module.batch_first)
    out, weights = call.result
    return (_like(call, kind, query, out), _weights(call, module, weights))


def _weights(call: Call, module: nn.MultiheadAttention, weights: Any) -> Axes | None:
    if not isinstance(weights, Tensor):
        return None
    query, key = call.axes(call.get(0, "query")), call.axes(call.get(1, "key"))
    shape = shape_of(weights)
    if len(shape) != 3 or len(query) != 3 or len(key) != 3:
        return None
    batch, time = (0, 1) if module.batch_first else (1, 0)
    axes = Axes(
        [query[batch].plain(), query[time].plain(), key[time].plain()], call.name, call.place
    )
    return axes if axes.shape == shape else None


def _padding(call: Call, kind: str, mask: Any, argument: str) -> None:
    padding.given(call, mask, argument)
    if isinstance(mask, Tensor) and mask.dim() == 2:
        contract = f"nn.{kind} takes {argument} as (batch, time), whatever batch_first says"
        read(call, mask, (Role.BATCH, Role.TIME), contract, argument)


def _like(call: Call, kind: str, x: Tensor, out: Any) -> Axes | None:
    if not isinstance(out, Tensor):
        return None
    shape, old = shape_of(out), call.axes(x)
    if len(shape) != len(old):
        return None
    axes = [a.plain() if a.size == s else call.fresh(s) for a, s in zip(old, shape, strict=True)]
    return Axes(axes, f"nn.{kind}", call.place)


def layer(call: Call, module: nn.Module) -> Any:
    """TransformerEncoderLayer and TransformerDecoderLayer."""
    kind = type(module).__name__
    attention = module.self_attn
    assert isinstance(attention, nn.MultiheadAttention)
    return _stack(call, kind, attention)


def stack(call: Call, module: nn.Module) -> Any:
    """TransformerEncoder and TransformerDecoder: as their first layer."""
    layers = module.layers
    assert isinstance(layers, nn.ModuleList)
    first = layers[0]
    attention = getattr(first, "self_attn", None)
    if not isinstance(attention, nn.MultiheadAttention):
        return None
    return _stack(call, type(module).__name__, attention)


def _stack(call: Call, kind: str, attention: nn.MultiheadAttention) -> Any:
    decoder, batch_first, heads = "Decoder" in kind, attention.batch_first, attention.num_heads
    x = call.get(0, "tgt" if decoder else "src")
    if not isinstance(x, Tensor):
        return None
    _sequence(call, kind, batch_first, "tgt" if decoder else "src", x)
    name, mask = ("tgt_mask", call.get(2, "tgt_mask")) if decoder else ("mask", _source_mask(call))
    given(call, mask, x, true_hides=True)
    tiled(call, name, mask, heads, x, batch_first=batch_first)
    if decoder:
        memory = call.get(3, "memory_mask")
        tiled(call, "memory_mask", memory, heads, x, batch_first=batch_first)
        _sequence(call, kind, batch_first, "memory", call.get(1, "memory"))
        _beside(call, batch_first, ("tgt", x), ("memory", call.get(1, "memory")))
        _padding(call, kind, call.kwargs.get("tgt_key_padding_mask"), "tgt_key_padding_mask")
        _padding(call, kind, call.kwargs.get("memory_key_padding_mask"), "memory_key_padding_mask")
    else:
        _padding(call, kind, call.get(2, "src_key_padding_mask"), "src_key_padding_mask")
    return _like(call, kind, x, call.result)


def _source_mask(call: Call) -> Any:
    return call.get(1, "mask", call.kwargs.get("src_mask"))


def transformer(call: Call, module: nn.Transformer) -> Any:
    """The whole: the output has the target's axes."""
    src, tgt = call.get(0, "src"), call.get(1, "tgt")
    if not (isinstance(src, Tensor) and isinstance(tgt, Tensor)):
        return None
    _sequence(call, "Transformer", module.batch_first, "src", src)
    _sequence(call, "Transformer", module.batch_first, "tgt", tgt)
    _beside(call, module.batch_first, ("src", src), ("tgt", tgt))
    for name in ("src_key_padding_mask", "tgt_key_padding_mask", "memory_key_padding_mask"):
        _padding(call, "Transformer", call.kwargs.get(name), name)
    given(call, call.get(2, "src_mask"), src, true_hides=True)
    given(call, call.get(3, "tgt_mask"), tgt, true_hides=True)
    for at, name, x in ((2, "src_mask", src), (3, "tgt_mask", tgt), (4, "memory_mask", tgt)):
        tiled(call, name, call.get(at, name), module.nhead, x, batch_first=module.batch_first)
    return _like(call, "Transformer", tgt, call.result)


ATTENTION: dict[type, Any] = {
    nn.MultiheadAttention: multihead,
    nn.TransformerEncoderLayer: layer,
    nn.TransformerDecoderLayer: layer,
    nn.TransformerEncoder: stack,
    nn.TransformerDecoder: stack,
    nn.Transformer: transformer,
}
