"""The other modes PyTorch runs in: judged by their sizes, or passed through untouched and said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.distributed.tensor import DTensor, Shard, distribute_tensor
from torch.fx.experimental.symbolic_shapes import ShapeEnv
from torch.nn.parameter import UninitializedParameter

from shapecheck import ShapeError
from shapecheck.runtime.guard import Guard

Doubled = Callable[[Any], Any]
ROWS = [torch.ones(2, 3), torch.ones(4, 3)]


def refused(call: Callable[[], Any]) -> None:
    with pytest.raises(ShapeError):
        call()


def test_autocast_and_inference_mode(guard: Guard) -> None:
    @guard.checked
    def f(x: Float[Tensor, "n k"], y: Float[Tensor, "k m"]) -> Float[Tensor, "n m"]:
        return x @ y

    x, y = torch.ones(2, 3), torch.ones(3, 4)
    with torch.autocast("cpu", torch.bfloat16):
        assert f(x, y).dtype is torch.bfloat16
        refused(lambda: f(x, y.T))
    with torch.inference_mode():
        assert f(x, y).is_inference()
        refused(lambda: f(x, y.T))


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # jvp's own
def test_functorch_sees_one_sample(doubled: Doubled) -> None:
    x = torch.ones(2, 3)
    assert torch.equal(torch.func.grad(lambda x: doubled(x).sum())(x), torch.full((2, 3), 2.0))
    assert torch.func.jacrev(doubled)(x).shape == (2, 3, 2, 3)
    assert torch.func.jvp(doubled, (x,), (x,))[1].sum() == 12
    assert torch.vmap(doubled)(torch.ones(5, 2, 3)).shape == (5, 2, 3)
    refused(lambda: torch.vmap(doubled)(torch.ones(2, 3)))


class Wrapped(torch.Tensor):
    """A wrapper subclass, as DTensor and quantisation libraries make them."""

    inner: Tensor

    @staticmethod
    def __new__(cls, inner: Tensor) -> Wrapped:
        made: Wrapped = torch.Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype)
        made.inner = inner
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        inner = [a.inner if isinstance(a, Wrapped) else a for a in args]
        return Wrapped(func(*inner, **(kwargs or {})))


class Named(torch.Tensor):
    pass


@pytest.mark.filterwarnings("ignore:Sparse CSR")
@pytest.mark.parametrize(
    "made",
    [
        Wrapped,
        lambda x: x.as_subclass(Named),
        lambda x: x.to_sparse(),
        lambda x: x.to_sparse_csr(),
        lambda x: x.to("meta"),
        lambda x: FakeTensorMode().from_tensor(x),
        nn.Parameter,
    ],
    ids=["wrapper", "subclass", "sparse", "csr", "meta", "fake", "parameter"],
)
def test_tensors_that_have_sizes_are_judged(doubled: Doubled, made: Callable[..., Any]) -> None:
    value = made(torch.ones(2, 3))
    assert type(doubled(value)) is type(value * 2)
    refused(lambda: doubled(made(torch.ones(2, 4))))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: torch.nested.nested_tensor(ROWS), "nested tensors, whose rows differ in size"),
        (
            lambda: torch.nested.nested_tensor(ROWS, layout=torch.jagged),
            "nested tensors, whose rows differ in size",
        ),
        (
            lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
            "quantised tensors, whose dtype stands for another",
        ),
        (UninitializedParameter, "parameters that have no shape yet"),
    ],
    ids=["nested", "jagged", "quantised", "lazy"],
)
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors", "ignore:.*quantiz")
def test_what_has_no_plain_sizes_passes_through_and_is_said_once(
    guard: Guard, made: Callable[[], Any], words: str
) -> None:
    @guard.checked
    def f(x: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch 3"]:
        return x

    value = made()
    for _ in range(3):
        assert f(value) is value
    (entry,) = guard.record.skipped
    assert (entry.reason, entry.function) == (words, "f")


def test_a_dtensor_is_judged_by_its_global_sizes(doubled: Doubled, tmp_path: Path) -> None:
    dist = torch.distributed
    store = f"file://{tmp_path / 'store'}"
    dist.init_process_group("gloo", init_method=store, rank=0, world_size=1)
    try:
        mesh = dist.device_mesh.init_device_mesh("cpu", (1,))

        def spread(shape: tuple[int, ...]) -> Any:
            return distribute_tensor(torch.ones(shape), mesh, [Shard(0)])

        assert isinstance(doubled(spread((2, 3))), DTensor)
        refused(lambda: doubled(spread((2, 4))))
    finally:
        dist.destroy_process_group()


def test_symbols_for_sizes_are_not_compared(guard: Guard, doubled: Doubled) -> None:
    mode = FakeTensorMode(shape_env=ShapeEnv())
    fake = mode.from_tensor(torch.ones(5, 7), static_shapes=False)
    with mode:
        doubled(fake)
    assert mode.shape_env.guards == []
    (entry,) = guard.record.skipped
    assert entry.reason == "tensors whose sizes are symbols"
