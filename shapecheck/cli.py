"""`shapecheck`: arguments and exit codes."""

from __future__ import annotations

import difflib
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import IO

import click

from shapecheck import __version__
from shapecheck.core.finding import Severity
from shapecheck.core.program import ProgramReport
from shapecheck.report.github import as_github
from shapecheck.report.pages import page_text, rules_json, rules_text
from shapecheck.report.programs import as_text, progress
from shapecheck.report.record import as_json
from shapecheck.report.sarif import as_sarif
from shapecheck.report.trace_text import trace_text
from shapecheck.rules import catalogue, page
from shapecheck.run import TRIAL_SECONDS
from shapecheck.run.files import NoProgram, programs
from shapecheck.run.launch import launch
from shapecheck.run.update import update as write_outputs

FOUND, OUR_FAILURE = 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="shapecheck")
def main() -> None:
    """Tensor shapes in PyTorch code: checked, explained, learned."""


def _slugs(context: click.Context, parameter: click.Parameter, value: Sequence[str]) -> list[str]:
    slugs = [slug for text in value for slug in text.split(",") if slug]
    for slug in slugs:
        if slug not in catalogue():
            raise click.BadParameter(_no_rule(slug))
    return slugs


def _no_rule(slug: str) -> str:
    """What is said of a slug that names no rule: those it may have meant."""
    meant = difflib.get_close_matches(slug.lower().replace("_", "-"), catalogue(), n=3, cutoff=0.5)
    hint = f"is it one of {', '.join(meant)}? " if meant else ""
    return f"there is no rule {slug!r}; {hint}`shapecheck rules` lists them"


def _writable(
    context: click.Context, parameter: click.Parameter, value: IO[str] | None
) -> IO[str] | None:
    """Whether the report can be written is known before a program has run for an hour."""
    if value is not None and value.name != "-":
        file = Path(value.name)
        if file.is_dir() or not file.parent.is_dir():
            what = "is a folder" if file.is_dir() else "lies in a folder that is not there"
            raise click.BadParameter(f"{file} {what}")
    return value


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
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="For people; for programs; for GitHub's log; for code scanning.",
)
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8", errors="backslashreplace"),
    callback=_writable,
    help="Write the report here.",
)
@click.option("--trace", is_flag=True, help="Show the shapes that each line made, beside it.")
@click.option(
    "--trace-html",
    type=click.File("w", encoding="utf-8", errors="backslashreplace"),
    callback=_writable,
    metavar="PAGE",
    help="Write them here, as a page on which axes can be followed.",
)
@click.option("--update", is_flag=True, help="Write output anew that a chapter shows and is stale.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds each file may run."
)
@click.option(
    "--trial-seconds",
    type=click.FloatRange(min=0),
    default=TRIAL_SECONDS,
    show_default=True,
    help="Processor time for calls that are tried again when a file has ended; 0 tries none.",
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
    trace: bool,
    trace_html: IO[str] | None,
    update: bool,
    timeout: float | None,
    trial_seconds: float,
    select: list[str],
    ignore: list[str],
    fail_on: str,
) -> None:
    """Run FILES as Python would, and report the shape bugs that show.

    Running a file runs its code. Notebooks (.ipynb) and Markdown (.md) run cell by cell, block by
    block. A folder stands for the Python files and notebooks in it.
    """
    arguments = context.meta.get("program arguments", [])
    # In text the program keeps its stdout; a report on stdout has it for itself.
    stdout = None if style == "text" or output is not None else sys.stderr
    traced = trace or trace_html is not None
    settings = {
        "select": select,
        "ignore": ignore,
        "trace": traced,
        "update": update,
        "trial_seconds": trial_seconds,
    }
    try:
        named = programs(files)
    except NoProgram as error:
        raise click.UsageError(str(error), context) from None
    reports = [
        launch(file, arguments, settings=settings, timeout=timeout, stdout=stdout)
        for file in progress(named)
    ]
    if update:
        reports = [_updated(report) for report in reports]
    if trace_html is not None:
        from shapecheck.report.trace_html import trace_page  # templates: only where they are used

        trace_html.write(trace_page(reports))
    reports = reports if trace else [replace(report, trace=None) for report in reports]
    text = _rendered(reports, style, color=_colors(output))
    if output is not None:
        output.write(text)
    elif style == "text":
        sys.stderr.write(text)
    else:  # read by programs, as UTF-8 whatever the terminal's encoding
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    context.exit(_status(reports, Severity(fail_on)))


def _updated(report: ProgramReport) -> ProgramReport:
    report, written = write_outputs(report)
    if written:
        what = "1 output" if written == 1 else f"{written} outputs"
        click.echo(f"shapecheck: {what} of {report.file} written anew", err=True)
    return report


def _rendered(reports: Sequence[ProgramReport], style: str, *, color: bool) -> str:
    if style == "json":
        return as_json(reports) + "\n"
    if style == "github":
        return as_github(reports, _root())
    if style == "sarif":
        pages = {slug: page(slug) for slug in catalogue()}
        return as_sarif(reports, list(catalogue().values()), pages, _root(), _site())
    width = shutil.get_terminal_size().columns if color else 80
    return trace_text(reports, color=color, width=width) + as_text(reports, color=color)


def _root() -> str:
    """Where paths in a report for GitHub begin: at its checkout, where this is one."""
    here = Path.cwd()
    workspace = os.environ.get("GITHUB_WORKSPACE")
    inside = workspace and here.is_relative_to(os.path.realpath(workspace))
    return os.path.realpath(workspace) if workspace and inside else str(here)


def _site() -> str:
    """Where the documentation stands, as the package's own metadata tell; empty if they do not."""
    try:
        urls = metadata("pytest-shapecheck").get_all("Project-URL") or []
    except PackageNotFoundError:  # run from a folder, not installed
        return ""
    known: dict[str, str] = dict(url.split(", ", 1) for url in urls)
    return known.get("Documentation", "")


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
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
def rules(style: str) -> None:
    """List the rules: slug, severity, what each finds."""
    listed = catalogue().values()
    if style == "json":
        click.echo(rules_json(listed), nl=False)
    elif sys.stdout.isatty():
        click.echo(rules_text(listed, color=True, width=_width()), nl=False)
    else:  # one line each, for grep
        click.echo(rules_text(listed), nl=False)


@main.command()
@click.argument("slug")
def explain(slug: str) -> None:
    """Show the page of the rule SLUG: what it finds, why it is bad, what to write instead."""
    if slug not in catalogue():
        raise click.UsageError(_no_rule(slug))
    click.echo(page_text(page(slug), color=sys.stdout.isatty(), width=_width()), nl=False)


def _width() -> int:
    return shutil.get_terminal_size().columns
