"""`shapecheck`: arguments and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import IO

import click

from shapecheck import __version__
from shapecheck.core.finding import Severity
from shapecheck.core.program import ProgramReport
from shapecheck.report.programs import as_text, progress
from shapecheck.report.record import as_json
from shapecheck.rules import catalogue
from shapecheck.run.files import NoProgram, programs
from shapecheck.run.launch import launch

FOUND, OUR_FAILURE = 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="shapecheck")
def main() -> None:
    """Tensor shapes in PyTorch code: checked, explained, learned."""


def _slugs(context: click.Context, parameter: click.Parameter, value: Sequence[str]) -> list[str]:
    slugs = [slug for text in value for slug in text.split(",") if slug]
    for slug in slugs:
        if slug not in catalogue():
            raise click.BadParameter(f"there is no rule {slug!r}; see `shapecheck rules`")
    return slugs


class _Split(click.Command):
    """A command whose words after `--` belong to the program it runs."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            ctx.meta["program arguments"] = args[at + 1 :]
            args = args[:at]
        return super().parse_args(ctx, args)


@main.command(cls=_Split, options_metavar="[OPTIONS]", epilog="Words after -- go to the program.")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
@click.option("--output", type=click.File("w"), help="Write the report here.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds each file may run."
)
@click.option("--select", multiple=True, callback=_slugs, help="Report only these rules.")
@click.option("--ignore", multiple=True, callback=_slugs, help="Leave these rules out.")
@click.option(
    "--fail-on",
    type=click.Choice([s.value for s in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The least severe finding that makes the exit status 1.",
)
@click.pass_context
def run(
    context: click.Context,
    files: Sequence[str],
    style: str,
    output: IO[str] | None,
    timeout: float | None,
    select: list[str],
    ignore: list[str],
    fail_on: str,
) -> None:
    """Run FILES as Python would, and report the shape bugs that show.

    Running a file runs its code. A folder stands for the Python files in it.
    """
    arguments = context.meta.get("program arguments", [])
    # In text the program keeps its stdout; a report on stdout has it for itself.
    stdout = None if style == "text" or output is not None else sys.stderr
    settings = {"select": select, "ignore": ignore}
    try:
        named = programs(files)
    except NoProgram as error:
        raise click.UsageError(str(error), context) from None
    reports = [
        launch(file, arguments, settings=settings, timeout=timeout, stdout=stdout)
        for file in progress(named)
    ]
    text = as_text(reports, color=_colors(output)) if style == "text" else as_json(reports) + "\n"
    target = output or (sys.stderr if style == "text" else sys.stdout)
    target.write(text)
    context.exit(_status(reports, Severity(fail_on)))


def _status(reports: Sequence[ProgramReport], fail_on: Severity) -> int:
    """0 nothing found, 1 a finding or a program that failed, 2 a failure of our own."""
    found = [f for report in reports for f in report.findings]
    if any(f.severity.rank <= fail_on.rank for f in found):
        return FOUND
    if any(r.outcome in ("raised", "timeout") or r.exit_code for r in reports):
        return FOUND
    return OUR_FAILURE if any(report.ours for report in reports) else 0


def _colors(output: IO[str] | None) -> bool:
    return output is None and sys.stderr.isatty()


@main.command()
def rules() -> None:
    """List the rules: slug, severity, what each finds."""
    width = max(map(len, catalogue()))
    for rule in catalogue().values():
        click.echo(f"{rule.slug:<{width}}  {rule.severity.value:<7}  {rule.summary}")
