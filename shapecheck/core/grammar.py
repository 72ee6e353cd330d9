"""Text to Spec: the grammar of jaxtyping's shape strings.

Source: jaxtyping's documentation, "Array annotations". jaxtyping stays the judge of what an
annotation means; this reading of it serves explanations, and a property test holds the two
together. The `?` prefix belongs to jaxtyping's PyTree, which needs jax, and is refused.
"""

from __future__ import annotations

from shapecheck.core.axis import Axis, AxisKind
from shapecheck.core.spec import Spec


class GrammarError(ValueError):
    """A shape string that cannot be read. `element` is the part at fault."""

    def __init__(self, text: str, element: str, reason: str) -> None:
        super().__init__(f"cannot read the shape {text!r}: {reason}")
        self.text = text
        self.element = element
        self.reason = reason


_PREFIXES = "#*_?"
_PREFIX_MEANING = {"#": "broadcastable", "*": "any number of axes", "_": "anonymous", "?": "tree"}


def parse_shape(text: str, *, dtype: str = "", dtypes: tuple[str, ...] = ()) -> Spec:
    """Read a jaxtyping shape string, e.g. `"batch seq feature"`, `"*batch 3 #h {self.w}-1"`.

    Raises GrammarError naming the element at fault.
    """
    axes = tuple(_parse_element(element, text) for element in text.split())
    many = [axis.text for axis in axes if axis.spans_many]
    if len(many) > 1:
        raise GrammarError(
            text, many[1], f"{many[0]!r} and {many[1]!r} both stand for any number of axes"
        )
    return Spec(axes, text.strip(), dtype, dtypes)


def _parse_element(element: str, text: str) -> Axis:
    if "," in element and "(" not in element:
        raise GrammarError(text, element, "axes are separated by spaces, not commas")
    if element.endswith("#"):
        raise GrammarError(text, element, "`#` stands before the name, not after it")
    if "..." in element:
        if element != "...":
            raise GrammarError(text, element, "`...` stands alone")
        return Axis(element, AxisKind.ELLIPSIS)
    prefixes, label, body = _split_element(element, text)
    return _axis_of(element, prefixes, label, body, text)


def _split_element(element: str, text: str) -> tuple[frozenset[str], str, str]:
    """Prefixes, documenting label (`rows` of `rows=4`) and the rest of one element."""
    seen: set[str] = set()
    label, rest = "", element
    while rest:
        first = rest[0]
        if first in _PREFIXES:
            if first in seen:
                raise GrammarError(text, element, f"{first!r} stands twice in {element!r}")
            seen.add(first)
            rest = rest[1:]
        elif rest.count("=") == 1:
            label, rest = rest.split("=")
        else:
            break
    return frozenset(seen), label, rest


def _axis_of(element: str, prefixes: frozenset[str], label: str, body: str, text: str) -> Axis:
    if "?" in prefixes:
        raise GrammarError(
            text, element, "`?` belongs to jaxtyping's PyTree, which shapecheck leaves out"
        )
    if not body or body.isidentifier():
        return _name(element, prefixes, body, text)
    for prefix in "*_":
        if prefix in prefixes:
            raise GrammarError(
                text, element, f"`{prefix}` ({_PREFIX_MEANING[prefix]}) needs a name, not {body!r}"
            )
    broadcastable = "#" in prefixes
    try:
        size = int(body)
    except ValueError:
        return Axis(element, AxisKind.SYMBOLIC, label, expression=body, broadcastable=broadcastable)
    return Axis(element, AxisKind.FIXED, label, size=size, broadcastable=broadcastable)


def _name(element: str, prefixes: frozenset[str], body: str, text: str) -> Axis:
    broadcastable = "#" in prefixes
    if "_" in prefixes:
        if broadcastable:
            raise GrammarError(text, element, "an anonymous axis cannot be broadcastable")
        kind = AxisKind.ELLIPSIS if "*" in prefixes else AxisKind.ANONYMOUS
        return Axis(element, kind)
    kind = AxisKind.VARIADIC if "*" in prefixes else AxisKind.NAMED
    return Axis(element, kind, body, broadcastable=broadcastable)
