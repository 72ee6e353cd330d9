"""A remedy in words: what to write, and the shape that it was seen to give."""

from __future__ import annotations

from collections.abc import Callable

from shapecheck.core.evidence import Crash
from shapecheck.core.site import Place
from shapecheck.core.tracked import Operand
from shapecheck.core.tried import Tried
from shapecheck.rules._axes import line
from shapecheck.rules._mending import chosen

_REDUCTIONS = frozenset(["sum", "mean", "amax", "amin", "prod", "std", "var", "norm", "logsumexp"])


def remedy(crash: Crash) -> str:
    """The remedies to tell of a crash, at most two; empty where none was seen to work."""
    return ", or ".join(filter(None, (_text(crash, one) for one in chosen(crash)[:2])))


def _text(crash: Crash, one: Tried) -> str:
    operand = crash.operands[one.operand] if one.operand >= 0 else None
    if operand is not None and not operand.text and one.kind in ("order", "missing", "extra"):
        name = crash.names[one.operand]
        code = one.code.replace(name, "x", 1)
        return (
            f"{code} gives {one.shape}, x being the {name} of {crash.built_as or crash.operation}"
        )
    if one.kind in _TELL:
        return _TELL[one.kind](crash, one)
    if one.name == "undone":
        return f"{one.code} as it is, {one.shape}"
    if one.name == "halves":
        return f"take its halves, {one.code}, each {one.shape}"
    shape = one.result if one.kind == "exchange" else one.shape
    return f"{one.code} gives {shape}" if shape else one.code


def _setting(crash: Crash, one: Tried) -> str:
    return f"build {_layer(crash)} with {one.code}{_built(crash)}"


def _cast(crash: Crash, one: Tried) -> str:
    return f"{one.code} gives {DTYPES[one.name]}"


def _reach(crash: Crash, one: Tried) -> str:
    return f"{one.code} counts the classes from 0"


def _missing(crash: Crash, one: Tried) -> str:
    return f"{one.code} gives {one.shape}{_kept(crash, one)}"


def _argument(crash: Crash, one: Tried) -> str:
    if one.name == "dim":
        return f"pass {one.code}" + (" (the last axis)" if one.value == -1 else "")
    if one.name == "equation":
        return f"write the equation as {one.code}"
    return f"{one.code} gives {one.shape}"


DTYPES = {"float": "float32", "long": "int64", "bool": "bool", "double": "float64"}


def _layer(crash: Crash) -> str:
    """The layer as the code calls it, where it is not called at the line by that name alone."""
    return crash.built_as if "[" in crash.built_as else "the layer"


def _built(crash: Crash) -> str:
    return _elsewhere(crash, crash.built_at)


def _elsewhere(crash: Crash, at: Place | None) -> str:
    """` (line 9)`, for what was made at another line than the one that raised."""
    if at is None or not at.line or (at.file, at.line) == (crash.place.file, crash.place.line):
        return ""
    return f" ({line(at, crash.place)})"


def _merged(crash: Crash, one: Tried) -> str:
    operand = crash.operands[one.operand]
    said = f"{one.code} gives {one.shape}"
    if not operand.text and crash.built_as:
        said = f"put nn.Flatten() before {crash.built_as}: it gives {one.shape}"
    if one.second is not None:
        said += f", with {one.second.code} in {_layer(crash)}{_built(crash)}"
    return said


def _made(crash: Crash, one: Tried) -> str:
    operand = crash.operands[one.operand]
    if one.name == "classes":
        last = (one.value or 1) - 1
        return f"{_scores(crash, operand)} for each of {one.value} classes, 0 to {last}"
    at = _elsewhere(crash, operand.made_at)
    what = f"{one.value} {one.name}" if one.name == "layers" else f"{one.name} {one.code}"
    return f"make {operand.text or 'the state'}{at} with {what}, as {one.shape}"


def _scores(crash: Crash, operand: Operand) -> str:
    axis = operand.axes[1] if len(operand.axes) > 1 else None
    where = ""
    if axis is not None and axis.origin.startswith("nn."):
        at = line(axis.place, crash.place) or line(operand.made_at, crash.place)
        where = f" ({axis.origin}{', ' if at else ''}{at})"
    return f"give {operand.text or 'the scores'} a score{where}"


def _earlier(crash: Crash, one: Tried) -> str:
    there = f"{one.code}{_elsewhere(crash, one.at)} gives {one.shape}"
    if one.name == "batch":
        return f"{there}, a batch of one"
    if one.name == "rows":
        return f"{there}, a row for each sample; what reads it is built for {one.shape[-1]}"
    return there


def _instead(crash: Crash, one: Tried) -> str:
    if one.name == "pad_sequence":
        loaded = not any(operand.text for operand in crash.operands)
        how = "pad them in a collate_fn: " if loaded else ""
        code = one.code.replace("(samples", "(list of samples") if loaded else one.code
        return f"{how}{code} gives {one.result}"
    if one.name.startswith("BatchNorm"):
        return f"build {_layer(crash)} as {one.code}{_built(crash)}"
    return f"{one.code} gives {one.result}"


def _kept(crash: Crash, one: Tried) -> str:
    """What keeps the axis where it was lost: `keepdim=True`, for an operand just reduced."""
    operand = crash.operands[one.operand]
    if operand.made_by not in _REDUCTIONS or operand.made_at is None or len(one.axes) < 2:
        return ""
    others = [o for i, o in enumerate(crash.operands) if i != one.operand]
    meets = others[0].axes if others else ()
    if len(meets) != len(one.axes) or len(operand.axes) != len(operand.shape):
        return ""
    for olds, axis in zip(one.axes, meets, strict=True):
        if any(operand.axes[old].identity != axis.identity or not axis.identity for old in olds):
            return ""
    return f", as {operand.made_by}(…, keepdim=True) does ({line(operand.made_at, crash.place)})"


_TELL: dict[str, Callable[[Crash, Tried], str]] = {
    "setting": _setting,
    "merged": _merged,
    "made": _made,
    "instead": _instead,
    "cast": _cast,
    "reach": _reach,
    "argument": _argument,
    "earlier": _earlier,
    "missing": _missing,
}
