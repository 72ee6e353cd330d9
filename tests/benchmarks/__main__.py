"""Measure everything that shapecheck costs, beside its peers, and write docs/benchmarks.md.

    python -m tests.benchmarks [--rounds 3] [--only calls,imports,…] [--page docs/benchmarks.md]

`make bench` installs the peers (the dependency group `peers`) into a folder of their own first. A
row whose peer is missing says so.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import PathDistribution, distributions, version
from pathlib import Path

import click

from tests.benchmarks import project, tables
from tests.benchmarks.timing import (
    PEERS,
    ROOT,
    TYPEGUARD_2,
    Command,
    Taken,
    environment,
    in_turns,
    printed,
)

CALL_PEERS = ["jaxtyping + beartype", "jaxtyping + typeguard 2", "dltype", "check_shapes"]
HOOK = "jaxtyping's hook + beartype"
_PASSES = 3  # of two rounds each
Section = Callable[[Path, int], list[str]]


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Rounds of each measurement.")
@click.option("--only", default="", help="Sections, with commas.")
@click.option("--page", default=str(ROOT / "docs" / "benchmarks.md"), help="Where to write.")
def main(rounds: int, only: str, page: str) -> None:
    """Measure, print and write the page."""
    wanted = only.split(",") if only else list(SECTIONS)
    with tempfile.TemporaryDirectory() as outside:
        for name in wanted:
            click.echo(f"measuring {name} …", err=True)
            folder = Path(outside, name)
            folder.mkdir()
            before = os.getloadavg()[0]
            title, *lines = SECTIONS[name](folder, rounds)
            load = f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after"
            measured = [title, "", f"*{datetime.date.today()}, {rounds} rounds, {load}*", *lines]
            click.echo("\n".join(measured))
            _written(Path(page), measured)  # at once: a later section may be broken off


def _written(page: Path, section: list[str]) -> None:
    """Put one section into the page; the others stay as they are."""
    old = page.read_text(encoding="utf-8").split("\n## ")[1:] if page.exists() else []
    sections = {f"## {text}".splitlines()[0]: f"## {text}".rstrip() for text in old}
    sections.pop(section[0], None)  # the order is that of the last whole run
    sections[section[0]] = "\n".join(section)
    text = "\n\n".join(["\n".join(_head()), *sections.values()])
    page.write_text(text + "\n", encoding="utf-8")


def _head() -> list[str]:
    peers = ", ".join(f"{d.name} {d.version}" for d in _installed()) or "none"
    return [
        "# What it costs",
        "",
        "Written by `make bench`; do not edit. Each row is measured in the same run as its peer,",
        "in turns (calls in six rounds): the median, and the least and the most in brackets.",
        "Times are processor time, so that other work on the machine counts less; how much of it",
        "there was stands below each heading (the load of a machine with nothing to do is 0).",
        "",
        f"- {_processor()}, {os.cpu_count()} cores",
        (
            f"- Python {platform.python_version()}, torch {version('torch')}, "
            f"jaxtyping {version('jaxtyping')}, shapecheck {version('pytest-shapecheck')}"
        ),
        f"- peers: {peers}",
    ]


def _installed() -> list[PathDistribution]:
    names = {"beartype", "dltype", "check-shapes", "check_shapes", "typeguard"}
    found = distributions(path=[str(PEERS), str(TYPEGUARD_2)])
    return sorted((d for d in found if d.name in names), key=lambda d: d.name)  # type: ignore[return-value,arg-type]  # as found on a path


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def calls(folder: Path, rounds: int) -> list[str]:
    """What a check adds to one call."""
    taken: dict[str, dict[str, Taken]] = {}
    for _ in range(_PASSES):  # in turns: a machine that is slow for a minute is slow for all
        for name in ["shapecheck", *CALL_PEERS]:
            for case, added in _added(name).items():
                before = taken.setdefault(name, {}).get(case, Taken(()))
                taken[name][case] = Taken(before.rounds + added.rounds)
    return [
        "## One call",
        "",
        "What a check adds to a call that is right; in bold, how many times ours a peer adds. The",
        "functions are empty, but for the layer.",
        "",
        *tables.table(
            ["call", "shapecheck adds", *CALL_PEERS], tables.call_rows(taken, CALL_PEERS)
        ),
        "",
        "beartype looks at one item of a list and at one value of a dict, shapecheck at all.",
    ]


def _added(name: str) -> dict[str, Taken]:
    """What one implementation adds in each case, in nanoseconds; nothing where it is missing."""
    path = [TYPEGUARD_2] if name.endswith("typeguard 2") else [PEERS]
    done = subprocess.run(
        [sys.executable, "tests/benchmarks/calls.py", name, "2"],
        cwd=ROOT,
        env=environment(path),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        cases = json.loads(done.stdout.splitlines()[-1])
        return {
            c: Taken(tuple(b["checked"])).over(Taken(tuple(b["bare"]))) for c, b in cases.items()
        }
    if "ModuleNotFoundError" in done.stderr or "ImportError" in done.stderr:
        return {}
    raise RuntimeError(done.stderr[-2000:])


def imports(folder: Path, rounds: int) -> list[str]:
    """What imports cost: the library alone, and what checking needs beside torch."""

    def python(text: str) -> Command:
        return Command(("-c", text), folder, (PEERS,))

    texts = {
        "nothing (Python starts)": "pass",
        "`import shapecheck`": "import shapecheck",
        "`import jaxtyping`": "import jaxtyping",
        "`import torch`": "import torch",
        "`import torch, jaxtyping`": "import torch, jaxtyping",
        "torch and `shapecheck.checked`": "import torch, shapecheck; shapecheck.checked",
    }
    missing = []
    for name in ("beartype", "dltype"):
        if (PEERS / name).exists():
            texts[f"`import torch, jaxtyping, {name}`"] = f"import torch, jaxtyping, {name}"
        else:
            missing.append(f"`import torch, jaxtyping, {name}`")
    taken = in_turns({name: python(text) for name, text in texts.items()}, rounds)
    rows = tables.command_rows(taken, "`import torch`", missing=missing)
    return ["## Imports", "", *tables.table(["import", "seconds", "of torch alone"], rows)]


def hooks(folder: Path, rounds: int) -> list[str]:
    """Importing a module of many functions under a hook, and calling each of them once."""
    rows = []
    for count in (10, 1000):
        taken = in_turns(_hooked(folder, count), rounds, timed=printed)
        bare = taken.pop("bare")
        theirs = taken.get(HOOK)
        for name, t in taken.items():
            against = tables.ratio2(t.over(bare), theirs.over(bare)) if theirs else tables.MISSING
            added = tables.spread(t.over(bare), "ms", 1e3, 0)
            rows.append([f"{count} functions, {name}", added, against])
    head = ["module", "added to importing it and calling each once", f"of {HOOK}"]
    return ["## Growth with functions: the import hook", "", *tables.table(head, rows)]


def _hooked(folder: Path, count: int) -> dict[str, Command]:
    """The ways of importing a module; where nothing is to come from a cache, nothing is written."""
    cold, warm = folder / f"cold{count}", folder / f"warm{count}"
    for place in (cold, warm):
        place.mkdir()
        project.functions(place, count)
    run = f"t = time.process_time(); import many{count}; many{count}.call_all()"
    ends = "; print(time.process_time() - t)"
    begins = "import time, torch, jaxtyping, shapecheck.check"
    ours = f"{begins}\nwith shapecheck.check.install('many{count}'): {run}{ends}"
    commands = {
        "bare": Command(("-c", f"{begins}\n{run}{ends}"), warm, (PEERS,)),
        "ours, first time": Command(("-B", "-c", ours), cold, (PEERS,)),
        "ours, from the cache": Command(("-c", ours), warm, (PEERS,)),
    }
    if (PEERS / "beartype").exists():
        hook = f"jaxtyping.install_import_hook('many{count}', 'beartype.beartype')"
        text = f"{begins}, beartype\nwith {hook}: {run}{ends}"
        commands[HOOK] = Command(("-c", text), warm, (PEERS,))
    return commands


def collecting(folder: Path, rounds: int) -> list[str]:
    """What the plugin costs where it is installed and not used: `pytest --co`."""
    (folder / "test_many.py").write_text(
        "\n".join(f"def test_{i}(): pass" for i in range(200)) + "\n", encoding="utf-8"
    )
    words = ("-m", "pytest", "--co", "-q", "-p", "no:cacheprovider", "-p", "no:jaxtyping")
    commands = {
        "without any plugin of these": Command((*words, "-p", "no:shapecheck"), folder),
        "shapecheck installed": Command(words, folder),
        "jaxtyping installed": Command((*words[:-2], "-p", "no:shapecheck"), folder),
    }
    taken = in_turns(commands, rounds * 2)
    rows = tables.command_rows(taken, "without any plugin of these")
    return [
        "## `pytest --co` of 200 tests where nothing is switched on",
        "",
        *tables.table(["plugins", "seconds", "of without"], rows),
    ]


def tests(folder: Path, rounds: int) -> list[str]:
    """A project of 200 tests, each of which trains a little, in each way of checking it."""
    place = project.write(folder / "project")
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    ours = "--shapecheck=mixing"
    commands = {
        "nothing": Command(words, place, (PEERS,)),
        "shapecheck, no laws": Command((*words, ours, "--shapecheck-no-probe"), place, (PEERS,)),
        "shapecheck with laws": Command((*words, ours), place, (PEERS,)),
    }
    if (PEERS / "beartype").exists():
        asked = "--jaxtyping-packages=mixing,beartype.beartype"
        commands[HOOK] = Command((*words, asked), place, (PEERS,))
    taken = in_turns(commands, rounds)
    bare = taken["nothing"]
    against = taken[HOOK].over(bare) if HOOK in taken else None
    rows = [
        [
            name,
            tables.spread(t, "s", 1.0, 1),
            tables.ratio2(t, bare),
            tables.MISSING if against is None else tables.ratio2(t.over(bare), against),
        ]
        for name, t in taken.items()
    ]
    head = ["way", "seconds", "of nothing", "added, of what jaxtyping's hook adds"]
    return [f"## A project of {project.TESTS} tests", "", *tables.table(head, rows)]


def tracking(folder: Path, rounds: int) -> list[str]:
    """A training loop of small operations under `shapecheck run`."""
    file = str(project.script(folder))
    commands = {
        "`python train.py`": Command((file,), folder),
        "`shapecheck run train.py`": Command(("-m", "shapecheck", "run", file), folder),
    }
    taken = in_turns(commands, rounds)
    return [
        "## Tracking: 1,500 steps of a small network, the start included",
        "",
        *tables.table(
            ["command", "seconds", "of Python"], tables.command_rows(taken, "`python train.py`")
        ),
        "",
        "No peer follows axes through a program; the ratio is to Python itself.",
    ]


def ledger(folder: Path, rounds: int) -> list[str]:
    """The ledger of the example project beside one run of its tests."""
    weather = ROOT / "tests" / "projects" / "weather"
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    report = f"--shapecheck-ledger={folder / 'ledger.json'}"
    commands = {
        "its tests once": Command(words, weather),
        "the ledger": Command((*words, "--shapecheck-verify", report), weather),
    }
    taken = in_turns(commands, 1, unseen=0)  # it takes as long as many runs
    mutants = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))["mutants"]
    rows = tables.command_rows(taken, "its tests once")
    return [
        "## The ledger of `tests/projects/weather`",
        "",
        f"{mutants} mutants.",
        "",
        *tables.table(["command", "seconds", "of one run"], rows),
        "",
        "Beside cosmic-ray, on the same mutants: `tests/benchmarks/ledger/README.md`.",
    ]


SECTIONS: dict[str, Section] = {
    "calls": calls,
    "hooks": hooks,
    "imports": imports,
    "collecting": collecting,
    "tests": tests,
    "tracking": tracking,
    "ledger": ledger,
}

if __name__ == "__main__":
    main()
