"""Laws: how an output axis may depend on an input axis, by declaration or by the axis's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from shapecheck.core.axis import Role, role_of, says_batch

F = TypeVar("F", bound=Callable[..., Any])

LAWS = ("independent", "causal", "anticausal", "mixes")
_ATTRIBUTE = "__shapecheck_axes__"
_PROBE = "__shapecheck_probe__"


def axes(*, probe: bool = True, **laws: str) -> Callable[[F], F]:
    """Declare how a function's outputs may depend on an axis.

    `@axes(time="causal")`: output index t depends on input indices up to t only.
    `"anticausal"` is the reverse, `"independent"` the law that batch axes have by default, and
    `"mixes"` takes an axis out of every law (`batch="mixes"`). With `probe=False` the function is
    checked, but never called again. Attaches metadata and changes nothing else. Raises ValueError
    for a law that does not exist.
    """
    for axis, law in laws.items():
        if law not in LAWS:
            raise ValueError(f"{axis}={law!r}: a law is one of {', '.join(LAWS)}")

    def attach(function: F) -> F:
        setattr(function, _ATTRIBUTE, {**declared_laws(function), **laws})
        if not probe:
            setattr(function, _PROBE, False)
        return function

    return attach


def declared_laws(function: object) -> dict[str, str]:
    """The laws that `axes` attached to a function, by axis name."""
    found = getattr(function, _ATTRIBUTE, None)
    return dict(found) if isinstance(found, Mapping) else {}


def may_be_probed(function: object) -> bool:
    """False where `axes(probe=False)` was said of a function."""
    return getattr(function, _PROBE, True) is not False


_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_OPPOSITES = frozenset(("non", "not", "a", "anti", "un", "no"))


def called_causal(name: str) -> bool:
    """True where a name says it: `CausalSelfAttention.forward`, `causal_conv`; not `non_causal`."""
    words = [word.lower() for word in _WORD.findall(name)]
    at = [i for i, word in enumerate(words) if word == "causal"]
    return bool(at) and all(i == 0 or words[i - 1] not in _OPPOSITES for i in at)


def law_of(axis: str, declared: Mapping[str, str], *, confirmed: bool) -> str:
    """The law an axis is held to, or "" where there is none.

    A telling batch name (`batch`, `bsz`) is independent by itself; one letter (`B`, `N`) only
    where it is `confirmed` by something else. What samples may be called is no law by itself.
    """
    if axis in declared:
        return declared[axis]
    hint = role_of(axis)
    letter = hint is not None and hint.role is Role.BATCH and hint.weak
    return "independent" if says_batch(axis) or (letter and confirmed) else ""
