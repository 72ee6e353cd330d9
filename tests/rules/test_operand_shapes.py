"""operand-shapes: torch's error about an operation, told by the user's own expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from shapecheck import checked
from shapecheck.check import explain_crash
from shapecheck.check.session import Session, with_operands
from shapecheck.core.evidence import Crash
from shapecheck.core.finding import Finding
from shapecheck.rules.operand_shapes import check
from shapecheck.runtime.crash import gather_crash
from shapecheck.runtime.running.traces import clean
from shapecheck.runtime.tracker import Tracker


def crash(run: Callable[[], Any]) -> Finding:
    with pytest.raises((RuntimeError, ValueError, IndexError)) as raised:
        run()
    finding = explain_crash(raised.value)
    assert finding is not None
    assert finding.slug == "operand-shapes"
    return finding


def test_a_product_offers_the_transpose_that_fits() -> None:
    x, weight = torch.zeros(3, 4), torch.zeros(5, 4)
    finding = crash(lambda: x @ weight)
    assert finding.remedy == "weight.T gives (4, 5)"
    assert (x @ weight.T).shape == (3, 5)


def test_a_sum_offers_the_axis_that_makes_it_broadcast() -> None:
    scores, scale = torch.zeros(3, 4), torch.zeros(3)
    finding = crash(lambda: scores + scale)
    assert finding.remedy == "scale.unsqueeze(1) gives (3, 1)"
    assert (scores + scale.unsqueeze(1)).shape == (3, 4)


def test_no_remedy_where_none_fits() -> None:
    a, b = torch.zeros(3, 4), torch.zeros(5)
    assert crash(lambda: a + b).remedy == ""


def test_the_line_is_the_users_and_torchs_words_are_kept() -> None:
    a = torch.zeros(3, 4)
    finding = crash(lambda: a.view(5, 5))
    assert finding.place.file == __file__
    assert finding.cause == "3·4 = 12 values cannot be laid out as 5·5 = 25"
    assert finding.notes == ("torch says: shape '[5, 5]' is invalid for input of size 12",)
    assert finding.message == "torch refused the shapes in `a.view(5, 5)`"


def test_values_carry_the_names_of_their_declared_axes(golden: Callable[[str, str], None]) -> None:
    @checked
    def attend(
        query: Float[Tensor, "batch target feature"], key: Float[Tensor, "batch source feature"]
    ) -> Float[Tensor, "batch target source"]:
        return query @ key

    golden(
        "operand-shapes-named.txt",
        str(crash(lambda: attend(torch.zeros(2, 5, 8), torch.zeros(2, 7, 8)))),
    )


def test_a_failure_of_the_compiler_is_not_about_shapes() -> None:
    def compiled(x: Tensor) -> Tensor:
        torch._dynamo.graph_break("shape of size 3")
        return x

    with pytest.raises(torch._dynamo.exc.TorchDynamoException) as raised:
        torch.compile(compiled, backend="eager", fullgraph=True)(torch.zeros(3))
    assert "size" in str(raised.value)
    assert explain_crash(raised.value) is None


def test_joined_tensors_with_axes_exchanged() -> None:
    embedded, context = torch.zeros(1, 5, 12), torch.zeros(5, 1, 20)
    finding = crash(lambda: torch.cat((embedded, context), dim=2))
    assert finding.cause == "axes 0 and 1 of context stand the other way round in embedded"
    assert finding.remedy == (
        "embedded.transpose(0, 1) gives (5, 1, 12), or context.transpose(0, 1) gives (1, 5, 20)"
    )
    assert torch.cat((embedded.transpose(0, 1), context), dim=2).shape == (5, 1, 32)


def test_a_joined_tensor_that_lacks_an_axis() -> None:
    steps, last = torch.zeros(4, 6, 3), torch.zeros(4, 3)
    finding = crash(lambda: torch.cat([steps, last], 1))
    assert finding.cause == "steps has 3 axes, last has 2"
    assert finding.remedy == "last.unsqueeze(1) gives (4, 1, 3)"
    assert torch.cat([steps, last.unsqueeze(1)], 1).shape == (4, 7, 3)


def test_rows_that_do_not_come_out_even() -> None:
    x = torch.zeros(8, 16, 4, 4)
    finding = crash(lambda: x.view(-1, 400))
    assert finding.cause == "8·16·4·4 = 2048 values cannot be laid out in rows of 400"
    assert finding.remedy == "x.flatten(1) gives (8, 256)"


def test_an_index_into_a_number() -> None:
    loss = torch.zeros(())
    assert crash(lambda: loss[0]).remedy == "loss.item()"


def test_what_tracking_saw_names_axes_and_where_they_came_from() -> None:
    """The operands that are no names stand there too, each axis with the line that made it."""
    tracker = Tracker()
    batch_size = 4
    with tracker:
        imgs = torch.zeros(batch_size, 1, 28, 28)
        with pytest.raises(RuntimeError) as raised:
            F.avg_pool2d(imgs, 3, 1) - imgs[:, :, :, :27]
    clean(raised.value)
    found = gather_crash(raised.value)
    assert found is not None
    (finding,) = check(with_operands(found, tracker.facts()))
    assert "imgs[:, :, :, :27] (batch_size=4, 1, 28, 27) float32" in finding.actual
    assert "(batch_size=4, 1, 26, 26)" in finding.actual
    assert finding.notes[0].startswith("torch says: The size of tensor a (26)")


def test_one_axis_apart_is_told_with_its_line() -> None:
    tracker = Tracker()
    with tracker:
        z, table = torch.zeros(4, 17, 24), torch.zeros(16, 24)
        with pytest.raises(RuntimeError) as raised:
            z.relu() + table
    clean(raised.value)
    found = gather_crash(raised.value)
    assert found is not None
    (finding,) = check(with_operands(found, tracker.facts()))
    line = found.place.line - 2
    assert finding.cause == (
        f"axis 1 of z.relu() has size 17, made by zeros (line {line}); "
        f"axis 0 of table has size 16, made by zeros (line {line})"
    )


def tracked(run: Callable[[], Any]) -> Finding:
    """The finding of a crash that the tracker saw."""
    session = Session()
    session.start()
    try:
        with pytest.raises(RuntimeError) as raised:
            run()
    finally:
        session.stop()
    clean(raised.value)
    (found,) = [one for one in session.evidence(raised.value) if isinstance(one, Crash)]
    (finding,) = check(found)
    return finding


def test_of_two_factors_that_could_be_turned_samples_are_not_summed_over() -> None:
    batch_size, n_features = 3, 4

    def multiply() -> Tensor:
        x, weight = torch.zeros(batch_size, n_features), torch.zeros(batch_size, n_features)
        return x @ weight

    def unnamed() -> Tensor:
        x, weight = torch.zeros(3, 4), torch.zeros(3, 4)
        return x @ weight

    assert tracked(unnamed).remedy == "weight.T gives (4, 3), or x.T gives (4, 3)"
    assert tracked(multiply).remedy == "weight.T gives (4, 3)"


def test_what_was_joined_along_the_wrong_axis_is_told_at_its_line() -> None:
    weight = torch.zeros(8, 3)

    def project() -> Tensor:
        left, right = torch.zeros(6, 4), torch.zeros(6, 4)
        both = torch.cat((left, right))
        return both @ weight

    remedy = tracked(project).remedy
    line = project.__code__.co_firstlineno + 2
    assert remedy == f"torch.cat(…, dim=1) (line {line}) gives (6, 8)"
    assert (torch.cat((torch.zeros(6, 4), torch.zeros(6, 4)), dim=1) @ weight).shape == (6, 3)


def test_spatial_sizes_that_are_apart_have_no_remedy() -> None:
    skip, up = torch.zeros(2, 16, 65, 65), torch.zeros(2, 16, 64, 64)
    assert crash(lambda: torch.cat([skip, up], dim=1)).remedy == ""


def test_a_step_of_the_programs_own_that_is_the_fault_is_left_out() -> None:
    x, weight = torch.zeros(20, 5), torch.zeros(5, 3)
    assert tracked(lambda: x @ weight.T).remedy == "weight as it is, (5, 3)"
    assert tracked(lambda: x @ weight.t()).remedy == "weight as it is, (5, 3)"
    assert tracked(lambda: x[None] @ weight[None].transpose(1, 2)).remedy == (
        "weight[None] as it is, (1, 5, 3)"
    )


def test_a_mask_is_given_the_axes_between_its_own() -> None:
    scores, mask = torch.zeros(2, 4, 5, 7), torch.zeros(2, 7, dtype=torch.bool)
    finding = crash(lambda: scores.masked_fill(mask, 0.0))
    assert finding.remedy == "mask[:, None, None] gives (2, 1, 1, 7)"
    assert scores.masked_fill(mask[:, None, None], 0.0).shape == scores.shape


def test_what_a_worker_of_a_loader_raised_is_told_by_its_own_words() -> None:
    said = (
        "Caught RuntimeError in DataLoader worker process 0.\nOriginal Traceback:\n"
        "RuntimeError: stack expects each tensor to be equal size, but got [3] and [4]"
    )

    def load() -> Tensor:
        return torch.stack([torch.zeros(3), torch.zeros(4)])

    with pytest.raises(RuntimeError) as raised:
        load()
    raised.value.args = (said,)
    found = gather_crash(raised.value)
    assert found is not None
    assert found.said == "stack expects each tensor to be equal size, but got [3] and [4]"
