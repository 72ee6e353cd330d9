"""Commands timed against one another, in turns, by the processor time of their processes."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv" / "peers"
TYPEGUARD_2 = ROOT / ".venv" / "peers-typeguard2"


@dataclass(frozen=True)
class Taken:
    """Seconds (or nanoseconds) of each round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.rounds)

    def over(self, bare: Taken) -> Taken:
        """What is added to a bare run, round by round; not less than nothing."""
        pairs = zip(self.rounds, bare.rounds, strict=True)
        return Taken(tuple(max(mine - its, 0.0) for mine, its in pairs))


@dataclass(frozen=True)
class Command:
    """One command; `folders` are put in front of what can be imported."""

    words: tuple[str, ...]
    folder: Path = ROOT
    folders: tuple[Path, ...] = ()


def environment(folders: Sequence[Path] = ()) -> dict[str, str]:
    """This process' environment with one thread and these folders importable.

    Byte code is kept, as it is for users: else each run would compile our modules, not torch's.
    """
    path = os.pathsep.join([*map(str, folders), str(ROOT)])
    kept = {name: v for name, v in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONPATH": path}


def seconds(command: Command) -> float:
    """Processor seconds of one run of a command and its children. Raises where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def printed(command: Command) -> float:
    """The number that a command prints last: what it measured itself. Raises where it fails."""
    return float(output(command).split()[-1])


def output(command: Command) -> str:
    """What a command prints. Raises where it fails."""
    done = subprocess.run(
        [sys.executable, *command.words],
        cwd=command.folder,
        env=environment(command.folders),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command.words)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def in_turns(
    commands: Mapping[str, Command],
    rounds: int,
    timed: Callable[[Command], float] = seconds,
    *,
    unseen: int = 1,
) -> dict[str, Taken]:
    """Each command once a round, after `unseen` rounds that do not count (they fill caches)."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(unseen + rounds):
        for name, command in commands.items():
            once = timed(command)
            if number >= unseen:
                taken[name].append(once)
    return {name: Taken(tuple(rounds_of)) for name, rounds_of in taken.items()}
