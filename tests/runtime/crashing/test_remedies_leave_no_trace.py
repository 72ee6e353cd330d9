"""What is tried for a crash touches nothing of the program's, and runs nothing of its code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from shapecheck.core.evidence import Crash
from shapecheck.runtime.crash import gather_crash
from shapecheck.runtime.tracker import Tracker


def crash(run: Callable[[], Any]) -> Crash:
    with pytest.raises((RuntimeError, ValueError, AssertionError)) as raised:
        run()
    found = gather_crash(raised.value)
    assert found is not None
    return found


def test_state_random_numbers_and_hooks_stay_as_they_were() -> None:
    heard: list[str] = []
    norm = nn.BatchNorm1d(5)
    norm.register_forward_hook(lambda *_: heard.append("hook"))
    norm.register_forward_pre_hook(lambda *_: heard.append("pre hook"))
    x = torch.randn(4, 6, 5, 1)
    with pytest.raises(ValueError, match="expected 2D or 3D input") as raised:
        norm(x)
    heard.clear()
    before = {name: value.clone() for name, value in norm.state_dict().items()}
    numbers = torch.get_rng_state()
    found = gather_crash(raised.value)
    assert found is not None
    assert found.tried
    assert heard == []
    assert torch.equal(torch.get_rng_state(), numbers)
    assert all(torch.equal(before[name], value) for name, value in norm.state_dict().items())


def test_hooks_inside_a_layer_are_not_called() -> None:
    heard: list[str] = []
    layer = nn.TransformerEncoderLayer(8, 2, 16)
    layer.self_attn.register_forward_pre_hook(lambda *_: heard.append("hook"))
    layer.linear1.register_forward_hook(lambda *_: heard.append("hook"))
    padding = torch.zeros(5, 3, dtype=torch.bool)
    with pytest.raises(AssertionError) as raised:
        layer(torch.zeros(5, 3, 8), src_key_padding_mask=padding)
    heard.clear()
    found = gather_crash(raised.value)
    assert found is not None
    assert [one.name for one in found.tried if one.kind == "setting"] == ["batch_first"]
    assert heard == []


def test_a_layer_that_is_built_again_draws_no_number_of_the_programs() -> None:
    layer, x = nn.Linear(4, 2), torch.zeros(3, 5)
    with pytest.raises(RuntimeError) as raised:
        layer(x)
    numbers = torch.get_rng_state()
    found = gather_crash(raised.value)
    assert found is not None
    assert [one.code for one in found.tried] == ["in_features=5"]
    assert torch.equal(torch.get_rng_state(), numbers)


def test_the_users_own_modules_and_functions_are_not_called() -> None:
    calls: list[int] = []

    def activation(x: Tensor) -> Tensor:
        calls.append(1)
        return x.relu()

    layer = nn.TransformerEncoderLayer(8, 2, activation=activation)
    x = torch.zeros(5, 3, 8)
    found = crash(lambda: layer(x, src_key_padding_mask=torch.zeros(5, 3, dtype=torch.bool)))
    assert found.tried == ()
    assert calls == []


def test_tensors_of_the_users_own_kind_are_left_alone() -> None:
    class Own(Tensor):
        pass

    a, b = torch.zeros(3, 4).as_subclass(Own), torch.zeros(3, 4)
    assert crash(lambda: a @ b).tried == ()


def test_what_does_not_fail_alone_is_mended_by_no_change() -> None:
    """Values were wrong, not shapes: on stand-ins the operation goes through."""
    layer = nn.Embedding(4, 2)
    with pytest.raises(RuntimeError) as raised:
        layer.forward(torch.zeros(3, 2))
    raised.value.args = ("size mismatch of another kind",)
    found = gather_crash(raised.value)
    assert found is not None
    assert found.tried == ()


def test_properties_of_the_users_objects_are_not_read() -> None:
    class Holder:
        read = 0

        @property
        def weight(self) -> Tensor:
            self.read += 1
            return torch.zeros(5, 4)

    holder, x = Holder(), torch.zeros(3, 4)
    found = crash(lambda: x @ holder.weight)
    assert holder.read == 1  # by the program itself
    assert found.tried == ()


def test_large_tensors_are_tried_by_their_sizes_alone() -> None:
    """Three billion numbers, of which one exists."""
    x, weight = torch.zeros(1).expand(50_000, 60_000), torch.zeros(1).expand(10, 60_000)
    found = crash(lambda: x @ weight)
    assert [one.code for one in found.tried if one.kind == "order"] == ["weight.T"]


def test_operands_that_meet_are_not_made_to_grow() -> None:
    out, images = torch.zeros(64, 784), torch.zeros(64, 1, 28, 28)
    loss = nn.MSELoss()
    with pytest.warns(UserWarning, match="target size"):
        found = crash(lambda: loss(out, images))
    assert all(len(one.shape) <= 4 for one in found.tried)
    assert "images.flatten(1)" in [one.code for one in found.tried]


def test_a_failure_under_vmap_is_no_failure_of_ours() -> None:
    tracker = Tracker()

    def pick(row: Tensor) -> Tensor:
        return row.view(7, 7)

    with tracker, pytest.raises(RuntimeError):
        torch.vmap(pick)(torch.zeros(4, 6, dtype=torch.long))
    assert tracker.errors == []
