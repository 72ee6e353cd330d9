"""Operations of checked functions, watched in a replay with the axes named as declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

import shapecheck
from shapecheck.check import explain
from shapecheck.check.laws import Laws
from shapecheck.core.finding import Finding, Severity
from shapecheck.runtime.guard import Guard


def findings(function: Callable[..., Any], *args: Any) -> list[Finding]:
    """What the laws and the operations of one checked call show."""
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(function)(*args)
    found = laws.conclude()
    assert [s.reason for s in laws.skipped] == []
    return found


def slugs(function: Callable[..., Any], *args: Any) -> list[str]:
    """The findings that are more than notes."""
    found = findings(function, *args)
    return [finding.slug for finding in found if finding.severity is not Severity.NOTE]


def weighted_by_step(
    rewards: Float[Tensor, "time env"],
) -> Float[Tensor, "time env"]:
    powers = 0.9 ** torch.arange(rewards.size(0))
    return rewards * powers


def weighted_by_step_right(rewards: Float[Tensor, "time env"]) -> Float[Tensor, "time env"]:
    powers = 0.9 ** torch.arange(rewards.size(0))
    return rewards * powers.unsqueeze(1)


def test_an_axis_laid_along_another_of_its_size_is_found() -> None:
    (finding,) = findings(weighted_by_step, torch.randn(5, 5))
    assert finding.slug == "role-conflict"
    assert finding.message == "mul lays time along env"
    assert finding.cause == "rewards has time at another axis; the sizes are equal"


def test_the_same_along_its_own_axis_is_not() -> None:
    assert slugs(weighted_by_step_right, torch.randn(5, 5)) == []


def accuracy(
    logits: Float[Tensor, "batch label"], labels: Int[Tensor, "batch"]
) -> Float[Tensor, ""]:
    return (logits.argmax(dim=1, keepdim=True) == labels).float().mean()


def accuracy_right(
    logits: Float[Tensor, "batch label"], labels: Int[Tensor, "batch"]
) -> Float[Tensor, ""]:
    return (logits.argmax(dim=1) == labels).float().mean()


def test_one_name_is_one_axis_in_a_call() -> None:
    logits, labels = torch.randn(6, 4), torch.randint(0, 4, (6,))
    assert slugs(accuracy, logits, labels) == ["two-sided-broadcast"]
    assert slugs(accuracy_right, logits, labels) == []


def errors_and_labels(
    errors: Float[Tensor, "batch feature"], weights: Float[Tensor, "batch"]
) -> Float[Tensor, ""]:
    return (errors.mean(dim=1, keepdim=True) * weights.square()).mean()


def test_a_column_of_errors_that_meets_weights_is_no_pairing() -> None:
    assert slugs(errors_and_labels, torch.rand(4, 3), torch.rand(4)) == ["two-sided-broadcast"]


def masked(
    nodes: Float[Tensor, "batch node feature"], real: Float[Tensor, "batch node"]
) -> Float[Tensor, "batch feature"]:
    return (nodes * real.unsqueeze(1)).sum(dim=1)


def masked_right(
    nodes: Float[Tensor, "batch node feature"], real: Float[Tensor, "batch node"]
) -> Float[Tensor, "batch feature"]:
    return (nodes * real.unsqueeze(-1)).sum(dim=1)


def test_a_mask_over_the_wrong_axis_is_found() -> None:
    given = torch.rand(2, 5, 5), torch.ones(2, 5)
    assert slugs(masked, *given) == ["role-conflict"]
    assert slugs(masked_right, *given) == []


def loss_in_two_orders(
    values: Float[Tensor, "time env"], returns: Float[Tensor, "time env"]
) -> Float[Tensor, ""]:
    return nn.functional.mse_loss(values.flatten(), returns.T.flatten())


def test_axes_flattened_in_two_orders_are_found() -> None:
    (finding,) = findings(loss_in_two_orders, torch.rand(3, 4), torch.rand(3, 4))
    assert "flattened otherwise" in finding.message


def next_token_loss(
    logits: Float[Tensor, "batch seq char"], tokens: Int[Tensor, "batch seq"]
) -> Float[Tensor, ""]:
    predicted = logits[:, :-1].transpose(0, 1).flatten(0, 1)
    return nn.functional.cross_entropy(predicted, tokens[:, 1:].flatten())


def next_token_loss_right(
    logits: Float[Tensor, "batch seq char"], tokens: Int[Tensor, "batch seq"]
) -> Float[Tensor, ""]:
    return nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


def test_predictions_and_targets_flattened_in_two_orders_are_found() -> None:
    given = torch.rand(3, 5, 7), torch.randint(0, 7, (3, 5))
    assert slugs(next_token_loss, *given) == ["role-conflict"]
    assert slugs(next_token_loss_right, *given) == []


def soft_cross_entropy(
    logits: Float[Tensor, "batch class"], one_hot: Float[Tensor, "batch label"]
) -> Float[Tensor, ""]:
    return -(logits.log_softmax(dim=1) * one_hot).sum(dim=1).mean()


def best_tags(
    scores: Float[Tensor, "batch seq tag"], tags: Int[Tensor, "batch seq"]
) -> Float[Tensor, ""]:
    return (scores.argmax(dim=1) == tags).float().mean()


def test_two_names_for_one_axis_are_a_warning_and_never_an_error() -> None:
    found = findings(soft_cross_entropy, torch.rand(3, 4), torch.eye(4)[:3])
    assert [f.severity for f in found if f.severity is Severity.ERROR] == []


def test_axes_declared_apart_that_meet_are_told() -> None:
    found = findings(best_tags, torch.rand(3, 5, 5), torch.zeros(3, 5, dtype=torch.long))
    told = [(f.slug, f.severity) for f in found if f.slug == "role-conflict"]
    assert told == [("role-conflict", Severity.WARNING)]


def is_symmetric(table: Float[Tensor, "row column"]) -> Float[Tensor, ""]:
    return (table.flatten() == table.T.flatten()).float().mean()


def test_a_tensor_beside_its_own_view_is_asked_about_symmetry() -> None:
    assert slugs(is_symmetric, torch.rand(4, 4)) == []


def squared_distances(x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch other"]:
    sizes = x.pow(2).sum(dim=1, keepdim=True)
    return sizes + x.pow(2).sum(dim=1) - 2 * x @ x.T


def centred(x: Float[Tensor, "row column"]) -> Float[Tensor, "row column"]:
    return x - x.mean(dim=0)


def attended(x: Float[Tensor, "seq width"]) -> Float[Tensor, "seq width"]:
    scores = x @ x.T
    return (scores - scores.max(dim=-1, keepdim=True).values).softmax(dim=-1) @ x


def biased(x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch feature"]:
    return x + torch.arange(x.size(1))


def covariance_scaled(x: Float[Tensor, "feature feature"]) -> Float[Tensor, "feature feature"]:
    return x / x.diagonal().sqrt().unsqueeze(1) / x.diagonal().sqrt()


def layered(x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch feature"]:
    torch.manual_seed(0)
    return nn.Linear(x.size(1), x.size(1))(x)


@pytest.mark.parametrize(
    "function", [squared_distances, centred, attended, biased, covariance_scaled, layered]
)
def test_look_alikes_at_equal_sizes_are_silent(function: Callable[..., Any]) -> None:
    assert slugs(function, torch.rand(4, 4) + 1) == []


def test_a_failure_of_the_tracker_is_told_as_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("shapecheck.runtime.tracker.Tracker._work_out", fail)
    guard = Guard(explain)
    laws = Laws(guard)
    guard.checked(biased)(torch.rand(4, 3))
    assert laws.conclude() == []
    assert {s.reason for s in laws.skipped} == {"shapecheck failed: RuntimeError: ours"}


@shapecheck.axes(probe=False)
def left_alone(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x.softmax(dim=0)


def test_a_function_can_be_left_alone() -> None:
    guard = Guard(explain)
    laws = Laws(guard)
    checked = guard.checked(left_alone)
    for size in (2, 3):
        checked(torch.rand(size, 4))
    assert laws.conclude() == []
    assert [s.reason for s in laws.skipped] == ["turned off for this function"]


def dealt_out(text: Int[Tensor, "length"], streams: int) -> Int[Tensor, "time {streams}"]:
    return text[: len(text) // streams * streams].view(-1, streams)


def side_by_side(text: Int[Tensor, "length"], streams: int) -> Int[Tensor, "time {streams}"]:
    return text[: len(text) // streams * streams].view(streams, -1).t()


def stereo(signal: Float[Tensor, "length"]) -> Float[Tensor, "time channel"]:
    return signal.view(-1, 2)


def frames(signal: Float[Tensor, "length"], size: int) -> Float[Tensor, "frame {size}"]:
    return signal[: len(signal) // size * size].view(-1, size)


def windows(signal: Float[Tensor, "length"], count: int) -> Float[Tensor, "window {count}"]:
    return signal[: len(signal) // count * count].view(-1, count)


def test_a_text_dealt_out_token_by_token_is_no_stream_of_time() -> None:
    (finding,) = findings(dealt_out, torch.arange(41), 4)
    assert (finding.slug, finding.severity) == ("role-conflict", Severity.WARNING)
    assert finding.place.line == dealt_out.__code__.co_firstlineno + 1


def test_streams_channels_and_frames_of_one_stream_are_right() -> None:
    assert slugs(side_by_side, torch.arange(41), 4) == []
    assert slugs(stereo, torch.randn(40)) == []
    assert slugs(frames, torch.randn(41), 4) == []
    assert slugs(windows, torch.randn(41), 4) == []
