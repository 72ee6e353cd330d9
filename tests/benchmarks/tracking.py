"""What watching costs a training loop: under `shapecheck run`'s tracker against plain, in turns.

    python tests/benchmarks/tracking.py [ROUNDS]

Prints for each loop the median processor time of a step either way, their ratio, and what trying
its calls again took once it had ended (that is a sum, not a share: 5 s a program at most). The
first steps, in which everything is met for the first time, are timed apart.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from shapecheck.check.session import Session

STEPS, FIRST = 60, 5
Step = Callable[[torch.Tensor, torch.Tensor], None]


class Tagger(nn.Module):
    """An LSTM and a head for each step."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.head = nn.LSTM(8, 16, batch_first=True), nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, time, 8) to (batch, 4)."""
        out, _ = self.lstm(x)
        return self.head(out[:, -1])


class ByHand(nn.Module):
    """A recurrent cell written out: many small operations."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.head = nn.Linear(8 + 16, 16), nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, time, 8) to (batch, 4)."""
        h = torch.zeros(x.size(0), 16)
        for t in range(x.size(1)):
            h = torch.tanh(self.cell(torch.cat([x[:, t], h], dim=1)))
        return self.head(h)


def perceptron() -> nn.Module:
    """Three small layers on flat inputs."""
    return nn.Sequential(nn.Flatten(), nn.Linear(96, 32), nn.ReLU(), nn.Linear(32, 4))


def transformer() -> nn.Module:
    """One encoder layer."""
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return nn.Sequential(layer, nn.Flatten(), nn.Linear(96, 4))


def convolutions() -> nn.Module:
    """Two convolutions on wider inputs: the operations themselves take their time."""
    return nn.Sequential(
        nn.Conv1d(12, 64, 3, padding=1), nn.BatchNorm1d(64), nn.ReLU(),
        nn.Conv1d(64, 64, 3, padding=1), nn.Flatten(), nn.Linear(512, 4),
    )  # fmt: skip


LOOPS = {
    "perceptron": perceptron,
    "LSTM": Tagger,
    "cell by hand": ByHand,
    "transformer": transformer,
    "convolutions": convolutions,
}


def run(make: Callable[[], nn.Module], session: Session | None) -> tuple[float, float, float]:
    """Seconds of the first steps together, of a later step, and of the trials."""
    torch.manual_seed(0)
    if session is not None:
        session.start()
    model = make()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    data = TensorDataset(torch.randn(16 * STEPS, 12, 8), torch.randint(0, 4, (16 * STEPS,)))
    marks = [time.thread_time()]
    for x, y in DataLoader(data, batch_size=16):
        loss = nn.functional.cross_entropy(model(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        marks.append(time.thread_time())
    if session is not None:
        session.stop()
    ended = time.thread_time()
    if session is not None:
        session.calls.conclude()
    later = (marks[-1] - marks[FIRST]) / (STEPS - FIRST)
    return marks[FIRST] - marks[0], later, time.thread_time() - ended


def main(rounds: int) -> None:
    """Take turns and print the table."""
    torch.set_num_threads(1)
    head = ("loop", "plain µs", "watched µs", "ratio", "first steps", "trials s")
    sys.stdout.write("{:<14}{:>10}{:>12}{:>8}{:>13}{:>10}\n".format(*head))
    for name, make in LOOPS.items():
        run(make, None)
        pairs = [(run(make, None), run(make, Session(5.0))) for _ in range(rounds)]
        plain = statistics.median(p[1] for p, _ in pairs)
        watched = statistics.median(w[1] for _, w in pairs)
        ratio = statistics.median(w[1] / p[1] for p, w in pairs)
        first = statistics.median(w[0] / p[0] for p, w in pairs)
        trials = statistics.median(w[2] for _, w in pairs)
        sys.stdout.write(
            f"{name:<14}{plain * 1e6:>10.0f}{watched * 1e6:>12.0f}{ratio:>8.2f}"
            f"{first:>12.1f}x{trials:>10.2f}\n"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
