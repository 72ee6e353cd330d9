"""What laws cost: the tutorial's tests with probing against without, in one run.

    python tests/benchmarks/probing.py [ROUNDS]

Prints the median processor time of each, their spread and the ratio. The two take turns, so that
whatever else the machine does falls on both.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/tutorial"]
WAYS = {"without laws": ["--shapecheck-no-probe"], "with laws": []}


def seconds(flags: list[str]) -> float:
    """Processor seconds of one run of the tutorial's tests."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([*PYTEST, *flags], cwd=ROOT, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(rounds: int) -> None:
    """Take turns and print the table."""
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, flags in WAYS.items():
            times[name].append(seconds(flags))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    for name, taken in times.items():
        sys.stdout.write(
            f"{name:<14} {medians[name]:6.1f} s  ({min(taken):.1f} to {max(taken):.1f})\n"
        )
    ratio = medians["with laws"] / medians["without laws"]
    sys.stdout.write(f"ratio          {ratio:6.2f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
