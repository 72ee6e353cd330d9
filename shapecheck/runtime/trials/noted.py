"""Calls made where a test measures time: noted there, their state taken when the test is over.

Copying a model can take longer than a hypothesis deadline, or than all that a benchmark times. So
nothing is copied in such a body: the call is kept by reference. What has changed by the end of the
test shows in the first replay, which then returns something else, and nothing is judged.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapecheck.runtime.contract import Contract
from shapecheck.runtime.state.deny import Watch, end_watch, start_watch
from shapecheck.runtime.state.surroundings import Surroundings, why_not_here


@dataclass
class Noted:
    """One call. `seconds` is the processor time it took, `seen` the side effect it had.

    `why_not` says why it cannot be replayed, "" where it can.
    """

    contract: Contract
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    laws: Mapping[str, str]
    result: object = None
    why_not: str = ""
    seen: str = ""
    seconds: float = 0.0
    surroundings: Surroundings = field(default_factory=Surroundings.now)
    _watch: Watch = field(default_factory=start_watch)

    def __post_init__(self) -> None:
        self.why_not = why_not_here([*self.args, *self.kwargs.values()])
        self.seconds = -time.thread_time()

    def returned(self, result: object) -> None:
        """The call is over: end watching it."""
        self.seconds += time.thread_time()
        end_watch(self._watch)
        self.seen = self._watch.seen
        self.result = result

    def failed(self) -> None:
        """The call raised: end watching it."""
        end_watch(self._watch)
