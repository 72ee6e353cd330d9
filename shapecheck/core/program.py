"""One run of a user's program: how it ended, what was found, what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding
from shapecheck.core.plain import from_plain, to_plain
from shapecheck.core.trace import TraceEvidence

Ending = Literal["completed", "raised", "timeout", "exited"]
PartEnding = Literal["ran", "raised", "left out", "not reached"]


@dataclass(frozen=True)
class Raised:
    """The exception that ended a program: its class, its text, and the user's line."""

    type: str
    message: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class PartReport:
    """A cell of a notebook or a block of a Markdown file, and how it went.

    `name` is what its author calls it (`cell 7`, `line 12`), `file` as places name it. Its code
    has the lines from `first_line` to `last_line`; `raised_at` is the one an exception left.
    """

    name: str
    file: str
    first_line: int = 1
    last_line: int = 1
    outcome: PartEnding = "ran"
    raised_at: int = 0


@dataclass(frozen=True)
class ProgramReport:
    """What came of one file.

    `outcome` is *completed* (it ran to its end), *raised* (an exception left it), *exited*
    (`sys.exit`, `os._exit`, a signal: `exit_code` says which) or *timeout*. `ours` are failures
    of shapecheck itself, none of which touched the program's run. `parts` are the cells or blocks
    of a chapter, in order; `trace` is there if asked for.
    """

    file: str
    outcome: Ending
    exit_code: int = 0
    exception: Raised | None = None
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    ours: tuple[str, ...] = ()
    parts: tuple[PartReport, ...] = ()
    trace: TraceEvidence | None = None

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON's types."""
        data: dict[str, Any] = to_plain(self)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ProgramReport:
        """The report that `to_dict` was called on."""
        return from_plain(cls, data)
