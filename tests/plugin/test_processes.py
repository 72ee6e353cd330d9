"""What is found in processes that a test starts: DataLoader workers, ranks of a process group."""

from __future__ import annotations

import pytest

CODE = """
import torch
from jaxtyping import Float
from torch import Tensor

import shapecheck


@shapecheck.checked
def scaled(x: Float[Tensor, "feature"], by: Float[Tensor, "feature"]) -> Tensor:
    return x * by
"""

WORKERS = """
import pytest, torch
from scaling import scaled
from torch.utils.data import DataLoader, Dataset

import shapecheck


class Rows(Dataset):
    def __init__(self, sizes):
        self.sizes = sizes

    def __len__(self):
        return len(self.sizes)

    def __getitem__(self, i):
        return scaled(torch.ones(3), torch.ones(self.sizes[i]))


@pytest.mark.parametrize("workers", [0, 2])
def test_right(workers):
    assert len(list(DataLoader(Rows([3, 3, 3]), num_workers=workers))) == 3

@pytest.mark.parametrize("workers", [0, 2])
def test_expected(workers):
    with pytest.raises(shapecheck.ShapeError) as caught:
        list(DataLoader(Rows([3, 2]), num_workers=workers))
    assert caught.value.finding.slug == "axis-conflict"

def test_wrong():
    list(DataLoader(Rows([3, 4]), num_workers=2))

def swallowing(i, queue):
    try:
        scaled(torch.ones(3), torch.ones(5))
    except Exception:
        queue.put(i)

def test_swallowed():
    context = torch.multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    children = [context.Process(target=swallowing, args=(i, queue)) for i in (0, 1)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert queue.get() + queue.get() == 1
"""

RANKS = """
import tempfile
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from scaling import scaled


def rank(i, file):
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=i, world_size=2)
    x = torch.ones(3)
    dist.all_reduce(x)
    try:
        scaled(x, torch.ones([(4,), (1, 3)][i]))
    finally:
        dist.barrier()
        dist.destroy_process_group()


def test_ranks():
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(rank, (f"{folder}/meet",), nprocs=2)
"""


@pytest.mark.slow
def test_workers_of_a_data_loader(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(scaling=CODE, test_workers=WORKERS)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*shapecheck.ShapeError: Caught ShapeError in DataLoader worker process *.",
            "E*`by` of scaled disagrees about the size of*",
            "*shapecheck: raised in processes that tests started*",
            "test_workers.py:*: in Rows.__getitem__",
            "*return scaled(torch.ones(3), torch.ones(self.sizes[[]i]))",
            "test_workers.py:*: in swallowing",
            "shapecheck: 2 findings; *",
        ]
    )


@pytest.mark.slow
def test_every_rank_of_a_process_group(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(scaling=CODE, test_ranks=RANKS)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*shapecheck.ShapeError: `by` of scaled *",
            "*shapecheck: raised in processes that tests started*",
            "test_ranks.py:*: in rank",
            "*actual*",
            "test_ranks.py:*: in rank",
            "*actual*",
            "shapecheck: 2 findings; *",
        ]
    )
