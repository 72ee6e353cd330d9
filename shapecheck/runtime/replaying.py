"""Which threads replay a call at this moment: there nothing is checked, recorded or probed."""

from __future__ import annotations

from _thread import get_ident

replaying_threads: set[int] = set()
"""The threads that replay a call at this moment."""


def replaying() -> bool:
    """True while this thread replays a call."""
    return get_ident() in replaying_threads
