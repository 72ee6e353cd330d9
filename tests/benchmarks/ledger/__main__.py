"""Mutants per second of the ledger and of cosmic-ray: one package, the same mutants, one run.

See README.md for how to run it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

HERE = Path(__file__).parent
WEATHER = HERE.parents[1] / "projects/weather"
Mutants = dict[str, list[dict[str, Any]]]


@click.command()
@click.argument("cosmic_ray", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--every", default=1, help="Give cosmic-ray every so manieth mutant only.")
@click.option("--laws", is_flag=True, help="Let both try laws (without, --shapecheck-no-probe).")
def main(cosmic_ray: Path, every: int, laws: bool) -> None:
    """Measure both; COSMIC_RAY is the program, in an environment of its own."""
    options = [] if laws else ["--shapecheck-no-probe"]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "weather"
        shutil.copytree(WEATHER, project, ignore=shutil.ignore_patterns("__pycache__"))
        ledger = verify(project, options)
        mutants = mutants_of(ledger, every)
        seconds, outcomes = cosmic(cosmic_ray.absolute(), project, options, mutants)
    click.echo(f"shapecheck  {rate(ledger['mutants'], ledger['seconds'])}")
    click.echo(f"cosmic-ray  {rate(len(outcomes), seconds)}")
    told = [(file, m) for file, some in mutants.items() for m in some]
    differ = [(m, o) for (_, m), o in zip(told, outcomes, strict=True) if m["outcome"] != o]
    click.echo(f"{len(outcomes) - len(differ)} of {len(outcomes)} judged alike")
    for mutant, outcome in differ:
        line, after = mutant["span"][0], mutant["after"]
        click.echo(f"line {line}, {after}: {mutant['outcome']} here, {outcome} by cosmic-ray")


def rate(mutants: int, seconds: float) -> str:
    """So many mutants, so many seconds."""
    return f"{mutants} mutants in {seconds:.1f} s: {mutants / seconds:.2f} a second"


def verify(project: Path, options: list[str]) -> dict[str, Any]:
    """The ledger of the project."""
    words = ["--shapecheck-verify", "--shapecheck-ledger=ledger.json", *options]
    run([sys.executable, "-m", "pytest", "-q", *words], project, os.environ)
    data: dict[str, Any] = json.loads((project / "ledger.json").read_text(encoding="utf-8"))
    return data


def mutants_of(ledger: dict[str, Any], every: int) -> Mutants:
    """What the ledger ran, by the text of the file, in the order in which cosmic-ray goes."""
    ran = [
        (entry["site"], mutant)
        for entry in ledger["entries"]
        for mutant in entry["mutants"]
        if mutant["outcome"] in ("killed", "survived")
    ]
    found: Mutants = {}
    for site, mutant in ran[::every]:
        span = [site["span"][k] for k in ("line", "column", "end_line", "end_column")]
        after = mutant["mutation"]["after"]
        text = Path(site["place"]["file"]).read_text(encoding="utf-8")
        given = {"span": span, "after": after, "outcome": mutant["outcome"]}
        found.setdefault(text, []).append(given)
    return found


def cosmic(
    program: Path, project: Path, options: list[str], mutants: Mutants
) -> tuple[float, list[str]]:
    """The seconds that cosmic-ray's `exec` takes, and its outcomes in the mutants' order."""
    plugin = project.parent / "plugin"
    about = plugin / "same_mutants-0.dist-info"
    about.mkdir(parents=True)
    shutil.copy(HERE / "same_mutants.py", plugin)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: same-mutants\nVersion: 0\n")
    (about / "entry_points.txt").write_text(
        "[cosmic_ray.operator_providers]\nsame = same_mutants:Provider\n"
    )
    (project.parent / "mutants.json").write_text(json.dumps(mutants), encoding="utf-8")
    command = " ".join([sys.executable, "-m", "pytest", "-x", "-q", *options])
    (project / "cosmic.toml").write_text(
        f'[cosmic-ray]\nmodule-path = "weather"\ntimeout = 120.0\nexcluded-modules = []\n'
        f'test-command = "{command}"\n[cosmic-ray.distributor]\nname = "local"\n'
        '[cosmic-ray.filters.operators-filter]\nexclude-operators = ["core/.*"]\n'
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(plugin),
        "SAME_MUTANTS": str(project.parent / "mutants.json"),
        "XDG_CACHE_HOME": str(project.parent / "cache"),  # entry points are cached there
        # A mutant of the same length within the same second would run from the last one's cache.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    run([str(program), "init", "cosmic.toml", "session"], project, environment)
    only_ours = program.with_name("cr-filter-operators")
    run([str(only_ours), "session", "cosmic.toml"], project, environment)
    began = time.perf_counter()
    run([str(program), "exec", "cosmic.toml", "session"], project, environment)
    seconds = time.perf_counter() - began
    dumped = run([str(program), "dump", "session"], project, environment)
    judged: dict[tuple[str, int], str] = {}
    for item, result in map(json.loads, dumped.splitlines()):
        (mutation,) = item["mutations"]
        if mutation["operator_name"].startswith("same/"):
            outcome = result["test_outcome"].lower().removeprefix("testoutcome.")
            text = (project / mutation["module_path"]).read_text(encoding="utf-8")
            judged[text, mutation["occurrence"]] = outcome
    return seconds, [judged[text, i] for text, some in mutants.items() for i in range(len(some))]


def run(words: list[str], folder: Path, environment: Any) -> str:
    """What a program says. Ends the benchmark where the program fails."""
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(f"{' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
