"""The ledger in a terminal: a table by file, what is not verified, and what noticed the rest."""

from __future__ import annotations

import io
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from shapecheck.core.ledger import Entry, Ledger, Pin, Verdict
from shapecheck.core.site import Site

_STYLES = {
    Verdict.VERIFIED: "green",
    Verdict.UNVERIFIED: "red",
    Verdict.VIOLATED: "bold red",
    Verdict.NOT_REACHED: "yellow",
    Verdict.NOT_VERIFIABLE: "yellow",
    Verdict.EQUIVALENT: "dim",
}
_MEANS = {
    Pin.LAW: "known to be right in shape",
    Pin.DECLARATION: "known to be right in shape",
    Pin.RULE: "a rule of shapecheck finds it",
    Pin.ASSERTION: "a test looks at the result",
    Pin.ERROR: "known not to crash, no more",
    Pin.DEATH: "the process ended, or had to be ended",
}
_OPEN = (Verdict.VIOLATED, Verdict.UNVERIFIED, Verdict.NOT_REACHED, Verdict.NOT_VERIFIABLE)


def as_table(ledger: Ledger, root: Path, width: int = 80, color: bool = False) -> str:
    """The ledger as text, of at most so many columns; files are shown from `root` on."""
    return _printed(Group(*_parts(ledger, root)), width, color)


def violations(ledger: Ledger, root: Path, width: int = 80, color: bool = False) -> str:
    """The sites that there is a finding at; empty where there is none."""
    return _printed(Group(*_section(ledger, Verdict.VIOLATED, root)), width, color).lstrip("\n")


def _printed(what: RenderableType, width: int, color: bool) -> str:
    target = io.StringIO()
    console = Console(
        file=target,
        width=max(width, 60),
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print(what)
    return "".join(f"{line.rstrip()}\n" for line in target.getvalue().splitlines())


def _parts(ledger: Ledger, root: Path) -> list[RenderableType]:
    parts: list[RenderableType] = [_by_file(ledger, root)]
    for verdict in _OPEN:
        parts += _section(ledger, verdict, root)
    if ledger.left_out:
        parts.append(Text("\nnot rerunnable: these tests pin nothing", style="yellow"))
        for left in ledger.left_out:
            parts.append(_indented(f"{left.item}: {left.reason}"))
    parts.append(Text("\n" + _pinned_by(ledger)))
    parts.append(Text(_sentence(ledger)))
    return parts


def _section(ledger: Ledger, verdict: Verdict, root: Path) -> list[RenderableType]:
    entries = [e for e in ledger.entries if e.verdict is verdict]
    if not entries:
        return []
    title = Text(f"\n{verdict.value}", style=_STYLES[verdict])
    return [title, *(line for entry in entries for line in _lines(entry, root))]


def _by_file(ledger: Ledger, root: Path) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_footer=True)
    files = ledger.files()
    table.add_column("file", footer="total", overflow="fold")
    table.add_column("sites", justify="right", footer=str(len(ledger.entries)))
    for verdict in Verdict:
        if ledger.count()[verdict]:
            total = str(ledger.count()[verdict])
            table.add_column(verdict.value, justify="right", footer=total, style=_STYLES[verdict])
    table.add_column("%", justify="right", footer=_percent(ledger))
    for file in files:
        part = ledger.in_file(file)
        counts = [str(part.count()[v]) for v in Verdict if ledger.count()[v]]
        table.add_row(shown(file, root), str(len(part.entries)), *counts, _percent(part))
    return table


def _percent(ledger: Ledger) -> str:
    """Rounded down, so that 100 % means all."""
    return f"{int(ledger.percent * 10) / 10:g} %"


def _lines(entry: Entry, root: Path) -> list[RenderableType]:
    site = entry.site
    first = Text(f"  {_where(site, root)}  ", style="bold")
    first.append(_short(site.text), style="")
    lines: list[RenderableType] = [first]
    if entry.verdict is Verdict.UNVERIFIED:
        survivor = entry.mutants[-1]
        lines.append(_indented(f"survives, {survivor.mutation.change}: {entry.survivor}", 4))
        lines.append(_indented(entry.suggestion, 4))
    elif entry.reason:
        lines.append(_indented(entry.reason, 4))
    return lines


def _indented(text: str, by: int = 2) -> RenderableType:
    table = Table.grid(padding=0)
    table.add_column(width=by)
    table.add_column(overflow="fold")
    table.add_row("", Text(text))
    return table


def _where(site: Site, root: Path) -> str:
    function = f" in {site.place.function}" if site.place.function else ""
    return f"{shown(site.place.file, root)}:{site.place.line}{function}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def shown(file: str, root: Path) -> str:
    """A file from `root` on, where it lies below it."""
    return os.path.relpath(file, root) if Path(file).is_relative_to(root) else file


def _pinned_by(ledger: Ledger) -> str:
    pins = ledger.pins()
    words = [f"{pins[pin]} by {pin.value} ({_MEANS[pin]})" for pin in Pin if pins[pin]]
    return "verified: " + (", ".join(words) if words else "none")


def _sentence(ledger: Ledger) -> str:
    rate = ledger.mutants / ledger.seconds if ledger.seconds else 0.0
    return (
        f"{ledger.mutants} mutants in {ledger.seconds:.1f} s ({rate:.1f} a second); "
        f"{_percent(ledger)} of {len(ledger.counted)} sites verified"
    )


def every_site(ledger: Ledger, root: Path, width: int = 80, color: bool = False) -> str:
    """One line for each site, with what pinned it: the ledger by name."""
    target = io.StringIO()
    console = Console(file=target, width=max(width, 60), force_terminal=color, highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("site", "code", "verdict", "pinned by"):
        table.add_column(heading, overflow="fold")
    for entry in ledger.entries:
        pin = entry.pin.value if entry.pin is not None else ""
        verdict = Text(entry.verdict.value, style=_STYLES[entry.verdict])
        place = f"{shown(entry.site.place.file, root)}:{entry.site.place.line}"
        table.add_row(Text(place), Text(_short(entry.site.text)), verdict, Text(pin))
    console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in target.getvalue().splitlines())


class Working(Protocol):
    """How far the work has come."""

    @property
    def done_of(self) -> tuple[str, int, int]:
        """(what is being done, how many are done, of how many)."""


class Progress:
    """A bar with the time that is left, where there is a terminal to draw it on."""

    def __init__(self, stream: IO[str]) -> None:
        console = Console(file=stream)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, int] = {}

    def show(self, working: Working) -> None:
        """Draw what there is to tell now."""
        what, done, total = working.done_of
        if what not in self._tasks:
            for earlier in self._tasks.values():
                self._bar.remove_task(earlier)  # type: ignore[arg-type]  # an int by another name
            self._tasks = {what: self._bar.add_task(what, total=total)}
        self._bar.update(self._tasks[what], completed=done, total=total)  # type: ignore[arg-type]

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
