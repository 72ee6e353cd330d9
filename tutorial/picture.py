"""A picture of what was learnt: target and prediction over time, one panel a sample.

Needs matplotlib, which nothing else here does.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32
from torch import Tensor


class CannotDraw(Exception):
    """The picture cannot be made; the message says what to do about it."""


def check(file: Path) -> None:
    """Raise CannotDraw now rather than after the training."""
    try:
        from matplotlib.backend_bases import FigureCanvasBase
    except ImportError as error:
        raise CannotDraw("a picture needs matplotlib: pip install matplotlib") from error
    known = sorted(FigureCanvasBase.get_supported_filetypes())
    if file.suffix.removeprefix(".").lower() not in known:
        raise CannotDraw(f"'{file}' should end in a kind of picture: {', '.join(known)}.")
    if not file.parent.is_dir():
        raise CannotDraw(f"there is no folder '{file.parent}'.")


def draw(
    file: Path,
    time: Float32[np.ndarray, "seq"],
    target: Float[Tensor, "batch seq 1"],
    prediction: Float[Tensor, "batch seq 1"],
) -> None:
    """Write one panel for each sample, at most four of them, to ``file``."""
    from matplotlib.figure import Figure

    panels = min(target.size(0), 4)
    figure = Figure(figsize=(3.2 * panels + 1.6, 3.2), layout="constrained")
    row = figure.subplots(1, panels, sharey=True, squeeze=False)[0]
    for sample, panel in enumerate(row):
        truth: Float[Tensor, "seq 1"] = target[sample]
        guess: Float[Tensor, "seq 1"] = prediction[sample]
        panel.plot(time, truth, "r-", label="target")
        panel.plot(time, guess, "b--", label="prediction")
        panel.set(title=f"sample {sample}", xlabel="time")
    row[0].legend()
    figure.savefig(file)
