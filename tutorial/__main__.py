"""``python -m tutorial``: arguments only; ``walk.py`` does the showing."""

from pathlib import Path

import click
from rich.console import Console

from tutorial import picture
from tutorial.family import FAMILY
from tutorial.walk import walk


@click.command(context_settings={"show_default": True})
@click.option(
    "--cell", type=click.Choice(list(FAMILY)), default="lstm", help="Which recurrent form."
)
@click.option("--batch", type=click.IntRange(min=1), default=1, help="How many waves at once.")
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    help="Steps of each training run.  [default: 100 as in section 6.5, 200 to learn]",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, help="Seed of the weights.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Draw prediction against target into FILE (needs matplotlib).",
)
def main(cell: str, batch: int, steps: int | None, seed: int, plot: Path | None) -> None:
    """Walk through an RNN from data to training, with the shapes at every step."""
    if plot is not None:
        try:
            picture.check(plot)
        except picture.CannotDraw as error:
            raise click.BadParameter(str(error), param_hint="--plot") from error
    walk(Console(), cell, batch, steps, seed, plot)


if __name__ == "__main__":
    main(prog_name="python -m tutorial")
