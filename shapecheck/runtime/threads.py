"""torch's thread pool: how many threads it runs, and a limit where one was asked for."""

from __future__ import annotations

import torch


def torch_threads() -> int:
    """The number of threads torch uses within one operation in this process."""
    return torch.get_num_threads()


def limit_torch_threads(most: int) -> None:
    """Let torch use at most `most` threads within one operation in this process."""
    torch.set_num_threads(most)
