"""One axis of a declared shape, and the names people give to the roles axes play."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class AxisKind(Enum):
    """How a declared axis constrains the size it meets (jaxtyping's grammar)."""

    NAMED = "named"  # `batch`: any size, the same wherever the name stands
    FIXED = "fixed"  # `4` or `rows=4`
    SYMBOLIC = "symbolic"  # `dim-1`, `{self.hidden}`
    ANONYMOUS = "anonymous"  # `_`: any size
    VARIADIC = "variadic"  # `*batch`: any number of axes, the same wherever the name stands
    ELLIPSIS = "ellipsis"  # `...`: any number of axes


@dataclass(frozen=True)
class Axis:
    """One element of a spec.

    `text` is the element as written; `name` is set for named and variadic axes (and for
    `rows=4`, whose name only documents), `size` for fixed ones, `expression` for symbolic ones.
    A `broadcastable` axis (`#batch`) also accepts size 1.
    """

    text: str
    kind: AxisKind
    name: str = ""
    size: int | None = None
    expression: str = ""
    broadcastable: bool = False

    @property
    def spans_many(self) -> bool:
        """True where this element stands for any number of axes."""
        return self.kind in (AxisKind.VARIADIC, AxisKind.ELLIPSIS)


class Role(Enum):
    """What an axis means to an operation."""

    BATCH = "batch"
    TIME = "time"
    FEATURE = "feature"
    CHANNEL = "channel"
    CLASS = "class"
    LAYER = "layer"
    HEAD = "head"
    HEIGHT = "height"
    WIDTH = "width"


_BATCHES = (
    "batch batch_size batchsize batches bs bsz nbatch n_batch num_batch b_size minibatch mini_batch"
)
_SPELLINGS: dict[Role, str] = {
    Role.BATCH: (
        f"{_BATCHES} sample samples n_samples num_samples n_images num_images "
        "n_pairs num_pairs n_envs num_envs n_docs n_documents "
        "n_examples num_examples n_episodes n_graphs num_graphs n_patients"
    ),
    Role.TIME: (
        "time seq sequence seq_len seqlen seq_length sequence_length seq_size steps n_steps "
        "num_steps time_step time_steps timestep timesteps tokens token length src_len tgt_len "
        "trg_len source_len target_len src_length tgt_length max_len maxlen block_size "
        "context_length window window_size frames n_frames num_frames horizon n_timesteps "
        "num_timesteps sent_len sentence_len sentence_length max_length "
        "max_seq_len max_seq_length n_time time_dim lookback input_len output_len pred_len"
    ),
    Role.FEATURE: (
        "feature features feat n_features num_features dim d_model dmodel hidden hidden_size "
        "hidden_dim hid hid_dim emb embed embedding embed_dim embedding_dim emb_dim emb_size "
        "embed_size input_size input_dim in_features out_features n_embd n_embed d_ff ffn_dim "
        "latent latent_dim z_dim"
    ),
    Role.CHANNEL: (
        "channel channels n_channels num_channels in_channels out_channels chan chans ch in_ch "
        "out_ch n_filters num_filters"
    ),
    Role.CLASS: (
        "class classes n_class n_classes num_class num_classes nclass nclasses "
        "label_size vocab vocab_size n_vocab num_tokens n_tokens ntoken ntokens tags num_tags "
        "n_tags tagset_size "
        "output_size"
    ),
    Role.LAYER: "layer layers n_layer n_layers num_layers nlayers",
    Role.HEAD: "head heads n_head n_heads num_heads nhead nheads",
    Role.HEIGHT: "height",
    Role.WIDTH: "width",
}

# One letter means different things in different code (C: channels, classes; N: batch, nodes),
# so a letter only suggests a role and never proves one.
_LETTERS: dict[str, Role] = {
    "b": Role.BATCH,
    "n": Role.BATCH,
    "t": Role.TIME,
    "l": Role.TIME,
    "s": Role.TIME,
    "d": Role.FEATURE,
    "e": Role.FEATURE,
    "h": Role.FEATURE,
    "f": Role.FEATURE,
    "c": Role.CHANNEL,
    "k": Role.CLASS,
    "w": Role.WIDTH,
}

# Letters in these orders are a convention, which one letter alone is not. `n` counts samples in
# front; `c`, `d`, `e`, `h` count features at the end. A `B` in front of anything is the batch.
_ORDERS: dict[str, tuple[Role | None, ...]] = {
    "[b][tls]": (Role.BATCH, Role.TIME),
    "[tls][b]": (Role.TIME, Role.BATCH),
    "[bn][tl][cdefhkv]": (Role.BATCH, Role.TIME, None),
    "[b]s[cdefhkv]": (Role.BATCH, Role.TIME, None),
    "[tl][bn][cdefhkv]": (Role.TIME, Role.BATCH, None),
    "[s][b][cdefhkv]": (Role.TIME, Role.BATCH, None),
    "[b][n][cdefhkv]": (Role.BATCH, None, None),
    "[bn]c[tl]": (Role.BATCH, Role.CHANNEL, Role.TIME),
    "[bn]chw": (Role.BATCH, Role.CHANNEL, Role.HEIGHT, Role.WIDTH),
    "[bn]hwc": (Role.BATCH, Role.HEIGHT, Role.WIDTH, Role.CHANNEL),
    "[bn]hw": (Role.BATCH, Role.HEIGHT, Role.WIDTH),
    "[bn]c[td]hw": (Role.BATCH, Role.CHANNEL, Role.TIME, Role.HEIGHT, Role.WIDTH),
    "[bn][tf]chw": (Role.BATCH, Role.TIME, Role.CHANNEL, Role.HEIGHT, Role.WIDTH),
    "chw": (Role.CHANNEL, Role.HEIGHT, Role.WIDTH),
    "hwc": (Role.HEIGHT, Role.WIDTH, Role.CHANNEL),
    "bh[tls][dek]": (Role.BATCH, Role.HEAD, Role.TIME, None),
    "b[tls]h[dek]": (Role.BATCH, Role.TIME, Role.HEAD, None),
}

_BY_NAME: dict[str, Role] = {
    spelling: role for role, names in _SPELLINGS.items() for spelling in names.split()
}


@dataclass(frozen=True)
class RoleHint:
    """What a name suggests. A `weak` hint needs a second witness before it counts."""

    role: Role
    weak: bool


def role_of(name: str) -> RoleHint | None:
    """The role that the spelling of an axis or size variable suggests, if any.

    `batch_size`, `self.seq_len`, `N_CLASSES` are telling; one-letter names are weak.
    A product (`B*T`) names no single axis, so it has no role.
    """
    bare = re.sub(r"^(self|cls|args|cfg|config|opt|hparams|params)\.", "", name.strip())
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", bare):
        return None
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare).lower().strip("_")
    if snake in _BY_NAME:
        return RoleHint(_BY_NAME[snake], weak=False)
    if snake in _LETTERS:
        return RoleHint(_LETTERS[snake], weak=True)
    return None


def says_batch(name: str) -> bool:
    """True for what is called a batch in so many words: `batch`, `bsz`.

    Samples are something else elsewhere: those of a waveform follow one another in time, those of a
    ray or a chain belong together, and documents are searched for one query.
    """
    return name.lower().strip("_") in _BATCHES.split()


def roles_in_order(names: Sequence[str]) -> tuple[Role | None, ...]:
    """What the letters of one shape say together: `B, T, C` is batch, time and something.

    None for each name where the order is no convention, and for a name of more than a letter,
    which speaks for itself.
    """
    bare = [name.rsplit(".", 1)[-1].lower() for name in names]
    nothing: tuple[Role | None, ...] = (None,) * len(bare)
    single = [len(name) == 1 and name.isalpha() for name in bare]
    if not any(single):
        return nothing
    pairs = list(zip(bare, single, strict=True))
    letters = "".join(name if alone else _letter(name) for name, alone in pairs)
    if len(letters) != len(bare):
        return nothing
    for order, roles in _ORDERS.items():
        if re.fullmatch(order, letters):
            return tuple(r if alone else None for alone, r in zip(single, roles, strict=True))
    return (Role.BATCH, *nothing[1:]) if bare[0] == "b" and len(bare) > 1 else nothing


_INITIALS = {
    Role.BATCH: "b",
    Role.TIME: "t",
    Role.FEATURE: "d",
    Role.CLASS: "k",
    Role.CHANNEL: "c",
    Role.HEAD: "h",
    Role.HEIGHT: "h",
    Role.WIDTH: "w",
}


def _letter(name: str) -> str:
    """The letter that stands for a telling name among letters; "d" for a name that tells nothing.

    A number written out counts as such a name.
    """
    hint = role_of(name)
    return _INITIALS.get(hint.role, "") if hint is not None else "d"
