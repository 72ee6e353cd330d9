"""What samples are called: words for things of which there are several side by side."""

from __future__ import annotations

import re

# What a thing is called of which there are several side by side and that is one sample by itself.
_SAMPLES = frozenset((
    "cloud", "pair", "image", "picture", "photo", "molecule", "graph", "clip", "video",
    "utterance", "recording", "story", "episode", "rollout", "trajectory", "document", "article",
    "review", "patient", "example", "instance", "game", "board", "puzzle", "scan", "caption",
    "prompt", "dialogue", "conversation", "session", "protein", "tree", "scene", "env",
    "environment", "song", "customer", "case", "trial", "tile", "crop", "digit", "chain", "world",
    "waveform", "simulation", "sample", "doc", "user", "series",
    "speaker", "subject", "participant", "student", "respondent", "account", "slate",
    "track", "night", "email", "tweet", "question", "signal", "recipe", "bag", "slide", "volume",
))  # fmt: skip


def stem(name: str) -> str:
    """A name of an axis or a size without what tells the two apart: `n_sensors`, `sensor`."""
    bare = re.sub(r"^(n|num|number_of)_", "", name.lower())
    bare = re.sub(r"_(size|dim|count|len|length)$", "", bare)
    if bare == "series":
        return bare
    return bare[:-1] if len(bare) > 3 and bare.endswith("s") and not bare.endswith("ss") else bare


def counts_samples(axis: str) -> bool:
    """True for what one sample may be called: `image`, `n_docs`. It needs a second witness."""
    return stem(axis) in _SAMPLES
