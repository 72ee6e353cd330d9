"""Values as observations: type, shape and dtype, never contents."""

from __future__ import annotations

from typing import Any

from shapecheck.core.evidence import Observation


def observe(value: object) -> Observation:
    """What can be said of a value without reading it."""
    name = type(value).__name__
    try:
        shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
        if shape is None or dtype is None or isinstance(value, type):
            return Observation(name)
        return Observation(name, tuple(int(size) for size in shape), dtype_name(dtype))
    except Exception:  # a shape that is lazy, symbolic or not there yet has no sizes to show
        return Observation(name)


def dtype_name(dtype: Any) -> str:
    """`float32` for torch's, numpy's and any other library's float32."""
    name = getattr(dtype, "name", None)
    return name if isinstance(name, str) else str(dtype).rsplit(".", 1)[-1]


def parts(value: object, depth: int = 2) -> str:
    """A value in a few words: tensors as shapes, containers as what they hold."""
    seen = observe(value)
    if seen.shape is not None or depth == 0:
        return str(seen)
    if isinstance(value, (tuple, list)):
        inner = ", ".join(parts(item, depth - 1) for item in value[:4])
        more = f", … {len(value)} items" if len(value) > 4 else ""
        return f"{seen.type} of ({inner}{more})"
    if isinstance(value, dict):
        inner = ", ".join(f"{k!r}: {parts(v, depth - 1)}" for k, v in list(value.items())[:4])
        return f"{seen.type} of {{{inner}}}"
    return "None" if value is None else seen.type
