"""Which role a name or a word in a comment suggests: the witnesses that spelling gives."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Sequence
from functools import lru_cache

from shapecheck.core.axis import Role, RoleHint, role_of, roles_in_order
from shapecheck.core.facts import Witness, WitnessKind
from shapecheck.core.site import Place
from shapecheck.runtime.flow.wording.expressions import dotted
from shapecheck.runtime.flow.wording.reading import words_as_name

# Names that mean one thing here and another there: tokens in a sentence or in a vocabulary, the
# size of a batch or how many batches there are, a length of anything.
_AMBIGUOUS = frozenset(
    (
        *("tokens", "token", "nbatch", "n_batch", "num_batch", "batches", "steps", "length"),
        *("sample", "n_images", "num_images", "n_docs", "n_documents"),
    )
)

# Samples of a signal follow one another in time; those of a ray or a posterior belong together.
_SAMPLED = frozenset(("samples", "n_samples", "num_samples"))
_SIGNALS = re.compile(
    r"(?<![a-z])(?:sampl(?:e|ing)_(?:rate|freq\w*)|waveforms?|wavs?|\w*audio|spectrograms?|i?stft|hz"
    r"|eeg|ecg|emg|imu|seism\w+|accelero\w+|signals?|sig|waves?"
    r"|rays?|mcmc|posterior|monte carlo)(?![a-z])",
    re.IGNORECASE,
)

# Words of legends that count samples, in the plural: an axis of images is a batch of them.
_COUNTED = (
    "images sentences examples documents users clips videos utterances records customers "
    "patients reviews trajectories episodes pictures observations"
)
_SAMPLES = frozenset(_COUNTED.split())
_RECORDS = _SAMPLES | {"transitions", "records", "rows", "pairs"}


def counts_samples(name: str) -> bool:
    """True for a list variable whose items are samples: `batch`, `sentences`, `transitions`."""
    hint = role_of(name)
    spelled = hint is not None and hint.role is Role.BATCH and not hint.weak
    return spelled or bool(set(name.lower().split("_")) & _RECORDS)


# What names of sizes end or begin with, where the whole name is none of the usual spellings.
_ENDINGS = {
    Role.FEATURE: r"(d|dim)_\w+|\w+_(dim|dims|features|feats|units|hidden|hid|in|out)",
    Role.TIME: r"\w+_(len|length|steps|frames)|len_\w+",
    Role.CLASS: r"\w+_(classes|labels|tags|vocab)",
    Role.CHANNEL: r"\w+_(channels|ch|filters)",
}


# A stretch of time in the plural: hours are time, unless it is days beside hours.
_UNITS = frozenset(
    (
        *("hours", "days", "minutes", "weeks", "months", "quarters", "years", "seconds"),
        *("ticks", "beats"),
    )
)


def _unit(name: str) -> RoleHint | None:
    """`n_hours`, `days`: time, as far as a name alone tells."""
    bare = re.sub(r"^(n|nb|num)_", "", name.rsplit(".", 1)[-1].lower())
    return RoleHint(Role.TIME, weak=True) if bare in _UNITS else None


def _by_ending(name: str) -> RoleHint | None:
    bare = name.rsplit(".", 1)[-1].lower()
    for role, pattern in _ENDINGS.items():
        if re.fullmatch(pattern, bare):
            return RoleHint(role, weak=True)
    return None


def from_name(name: str, place: Place, position: int = 0) -> Witness | None:
    """What the spelling of a size variable says; single letters are weak.

    Samples are a batch in front, and nothing certain behind another axis.
    """
    hint = role_of(name) or _by_ending(name)
    if hint is None and (unit := _unit(name)) is not None:
        return Witness(unit.role, place, f"it is called {name}", "unit", weak=True)
    if hint is None:
        return None
    bare = name.split(".")[-1].lower()
    elsewhere = bare in _SAMPLED and (position > 0 or _of_signals(place.file))
    weak = hint.weak or bare in _AMBIGUOUS or elsewhere
    return Witness(hint.role, place, f"it is called {name}", "name", weak)


def steps_in(node: ast.BinOp) -> str:
    """`seq_len` of `seq_len + 1`, and of `seq_len + horizon`: a few steps more are time still.

    "" where anything but lengths of time and small numbers is added.
    """
    terms: list[ast.expr] = [node]
    names: list[str] = []
    while terms:
        match terms.pop():
            case ast.BinOp(op=ast.Add() | ast.Sub(), left=left, right=right):
                terms += [right, left]
            case ast.Constant(value=int(number)) if number <= _FEW:
                pass
            case ast.Name() | ast.Attribute() as term if _is_time(dotted(term)):
                names.append(dotted(term))
            case _:
                return ""
    return names[0] if names else ""


_FEW = 2  # steps before or after: a token that begins, one that ends


def _is_time(name: str) -> bool:
    hint = role_of(name) or _by_ending(name) or _unit(name)
    return hint is not None and hint.role is Role.TIME and len(name) > 1


@lru_cache(maxsize=64)
def _of_signals(file: str) -> bool:
    """True for a program that speaks of signals, of rays or of draws."""
    return bool(_SIGNALS.search("".join(linecache.getlines(file))))


def from_order(names: Sequence[str], place: Place) -> tuple[Witness | None, ...]:
    """What the letters of one shape say together, in the order of its axes."""
    shown = f"({', '.join(name or '_' for name in names)})"
    return tuple(
        None if role is None else Witness(role, place, f"it is called {name} in {shown}")
        for name, role in zip(names, roles_in_order(names), strict=True)
    )


def from_words(wording: str, place: Place, kind: WitnessKind = "comment") -> Witness | None:
    """What a comment's words for an axis say. A comment may be wrong: it is weak."""
    name = words_as_name(wording)
    role = _role_of_words(name)
    if role is None and name in _UNITS:
        return Witness(Role.TIME, place, f"the comment says {wording!r}", "unit", weak=True)
    if role is None or len(name) < 2:
        return None
    return Witness(role, place, f"the comment says {wording!r}", kind, weak=True)


def _role_of_words(name: str) -> Role | None:
    for spelling in _candidates(name):
        hint = role_of(spelling)
        if hint is not None and not hint.weak:
            return hint.role
    words = set(name.split("_"))
    if words & _SAMPLES and not words & {"number", "num", "of", "in", "per"}:
        return Role.BATCH
    return None


def _candidates(name: str) -> list[str]:
    parts = name.split("_")
    found = [name, name.rstrip("s")]
    if parts[-1] in {"length", "len", "size", "dimension", "dimensionality", "dim"} and parts[1:]:
        found.append("_".join(parts[:-1]))
    if len(parts) > 2:
        found.append("_".join(parts[:2]))
    return found
