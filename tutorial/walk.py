"""The walk-through: data, model, training, with the shapes and the names of their axes."""

from functools import partial
from pathlib import Path

import torch
from jaxtyping import Float
from rich.console import Console
from rich.text import Text
from torch import Tensor

from tutorial import picture
from tutorial.data import one_wave, time_steps, waves
from tutorial.family import Recurrent, both_forms, build, hidden_over_time
from tutorial.shapes import Shape, calls_inside, shape_of
from tutorial.training import Run, train_as_in_the_section, train_until_it_learns


def walk(
    console: Console,
    cell: str = "lstm",
    batch: int = 1,
    steps: int | None = None,
    seed: int = 0,
    plot: Path | None = None,
) -> Run:
    """Show every stage in turn; the run that learnt is returned.

    ``steps`` is the length of both training runs, 100 and 200 if it is None.
    """
    show_data(console, batch)
    x, y = waves(batch)
    torch.manual_seed(seed)
    show_model(console, build(cell), x)
    torch.manual_seed(seed)
    show_both_forms(console, cell.removesuffix("cell"), x)
    torch.manual_seed(seed)
    show_section_run(console, build(cell), x, y, steps or 100)
    torch.manual_seed(seed)
    run = show_learning_run(console, build(cell), x, y, steps or 200)
    if plot is not None:
        picture.draw(plot, time_steps(), y, run.prediction)
        _say(console, f"\nThe picture is in {plot}.")
    return run


def show_data(console: Console, batch: int) -> None:
    """Ten numbers become (batch, seq, feature)."""
    _title(console, "1. Data: read a sine, write a cosine")
    time = time_steps()
    flat = torch.from_numpy(time).sin()
    x, y = one_wave()
    lines = [
        shape_of("np.linspace(0, 2π, 10)", time, "seq"),
        shape_of("torch.from_numpy(sin)", flat, "seq"),
        shape_of("  .unsqueeze(0)", flat.unsqueeze(0), "batch seq"),
        shape_of("  .unsqueeze(-1)", x, "batch seq feature"),
        shape_of("y, made from cos", y, "batch seq feature"),
    ]
    if batch > 1:
        lines.append(shape_of(f"x of waves({batch})", waves(batch)[0], "batch seq feature"))
    _table(console, lines)


def show_model(console: Console, model: Recurrent, x: Float[Tensor, "batch seq feature"]) -> None:
    """What goes into each part of the model and what comes out of it."""
    _title(console, "2. Model: one forward pass")
    for call in calls_inside(model, x, model.init_hidden(x.size(0))):
        times = f", called {call.times} times" if call.times > 1 else ""
        console.print(Text(f"{call.part}{times}", style="bold"))
        takes = [shape._replace(code=f"  takes {shape.code}") for shape in call.takes]
        gives = [shape._replace(code=f"  gives {shape.code}") for shape in call.gives]
        _table(console, takes + gives)


def show_both_forms(console: Console, kind: str, x: Float[Tensor, "batch seq feature"]) -> None:
    """The hidden state after every time step, layer beside cell."""
    layer, by_hand = both_forms(kind)
    names = type(layer).__name__, type(by_hand).__name__
    _title(console, f"3. {names[0]} and {names[1]} with the same weights")
    with torch.no_grad():
        one: Float[Tensor, "seq batch hidden"] = hidden_over_time(layer, x)
        two: Float[Tensor, "seq batch hidden"] = hidden_over_time(by_hand, x)
    _table(console, [shape_of("h over time", one, "seq batch hidden")])
    _say(console, "The first three hidden units of sample 0, time step by time step:")
    _say(console, f"  t  {names[0]:<24}{names[1]}")
    for t in range(one.size(0)):
        _say(console, f"{t:3}  {_numbers(one[t, 0])}  {_numbers(two[t, 0])}")
    same = torch.allclose(one, two, atol=1e-6)
    _say(console, "Equal to float tolerance." if same else "They differ.")


def show_section_run(
    console: Console,
    model: Recurrent,
    x: Float[Tensor, "batch seq feature"],
    y: Float[Tensor, "batch seq 1"],
    steps: int,
) -> None:
    """The run of the section, and why it stalls."""
    _title(console, f"4. Training as in section 6.5: SGD at 0.001, {_steps(steps)}")
    run = train_as_in_the_section(model, x, y, steps, report=partial(_say, console))
    first, last = run.losses[0], run.losses[-1]
    downhill = sum(0.001 * norm**2 for norm in run.gradient_norms[:-1])
    constant = (y - y.mean()).square().mean()
    _say(console, f"From {first:.3f} to {last:.3f}; {constant:.3f} is what the best constant gets.")
    _say(console, "A step gains about 0.001 times the square of the gradient's length, which is")
    shortest, longest = min(run.gradient_norms), max(run.gradient_norms)
    _say(console, f"{shortest:.2f} to {longest:.2f} here: {downhill:.3f} over the whole run.")


def show_learning_run(
    console: Console,
    model: Recurrent,
    x: Float[Tensor, "batch seq feature"],
    y: Float[Tensor, "batch seq 1"],
    steps: int,
) -> Run:
    """The run that learns."""
    _title(console, f"5. Training that learns: Adam at 0.02, {_steps(steps)}")
    run = train_until_it_learns(model, x, y, steps, report=partial(_say, console))
    first = next((i for i, loss in enumerate(run.losses) if loss < 0.01), None)
    _table(
        console,
        [
            shape_of("prediction", run.prediction, "batch seq feature"),
            shape_of("target", y, "batch seq feature"),
        ],
    )
    _say(
        console,
        f"The loss is below 0.01 at step {first} for the first time."
        if first is not None
        else f"The loss never came below 0.01: {_steps(steps)} will not do.",
    )
    return run


def _title(console: Console, text: str) -> None:
    console.print(Text(f"\n{text}", style="bold cyan"))


def _say(console: Console, text: str) -> None:
    console.print(Text(text))


def _table(console: Console, shapes: list[Shape]) -> None:
    code, size = (max(len(shape[column]) for shape in shapes) for column in (0, 1))
    for shape in shapes:
        line = Text(f"{shape.code:<{code}}  {shape.size:<{size}}  ")
        console.print(line.append(shape.named, style="green"), soft_wrap=True)


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"


def _numbers(hidden: Float[Tensor, "hidden"]) -> str:
    return "  ".join(f"{number:+.3f}" for number in hidden[:3].tolist())
