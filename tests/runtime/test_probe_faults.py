"""Silent faults in which every size is right: found, classified, and traced to their line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from shapecheck.core.evidence import Skipped, Trial

Probe = Callable[..., list[Trial | Skipped]]


def data(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def the_break(found: list[Trial | Skipped], kind: str = "disturbance") -> Trial:
    broken = [t for t in found if isinstance(t, Trial) and t.outcome == "broken"]
    assert [t.excuse for t in broken] == [""] * len(broken)
    assert {t.kind for t in broken} == {kind}
    return broken[0]


def line(trial: Trial) -> str:
    """The source line that a trial blames."""
    assert trial.first_break is not None
    return Path(trial.first_break.file).read_text().splitlines()[trial.first_break.line - 1].strip()


class Forgotten(nn.Module):
    def __init__(self, layer: type = nn.LSTM) -> None:
        super().__init__()
        self.rnn, self.out = layer(3, 20), nn.Linear(20, 1)

    def forward(self, x: Float[Tensor, "batch seq feature"]) -> Float[Tensor, "batch seq 1"]:
        r_out, _ = self.rnn(x)
        return self.out(r_out)


@pytest.mark.parametrize("layer", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize(("batch", "seq"), [(4, 5), (5, 5), (2, 7), (1, 5)])
def test_batch_first_forgotten_and_no_state_passed(
    probe: Probe, layer: type, batch: int, seq: int
) -> None:
    trial = the_break(probe(Forgotten(layer), data(batch, seq, 3)))
    assert (trial.axis, trial.law, trial.pattern) == ("batch", "independent", "causal")
    assert line(trial) == "r_out, _ = self.rnn(x)"
    assert trial.reads == f"nn.{layer.__name__}(batch_first=False) takes (seq, batch, feature)"
    assert trial.operation.startswith(f"nn.{layer.__name__}: ")


class AsPrinted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.out = nn.LSTM(1, 20, batch_first=True), nn.Linear(20, 1)

    def forward(
        self,
        x: Float[Tensor, "batch seq feature=1"],
        h: Float[Tensor, "layers=1 batch hidden=20"],
        c: Float[Tensor, "layers=1 batch hidden=20"],
    ) -> tuple[Float[Tensor, "batch seq 1"], Float[Tensor, "layers=1 batch hidden=20"]]:
        r_out, (h, c) = self.rnn(x, (h, c))
        prediction = self.out(r_out[0, :]).unsqueeze(0)
        return prediction, h


def test_the_first_sample_taken_for_all_is_found_at_a_batch_of_one(probe: Probe) -> None:
    zeros = torch.zeros(1, 1, 20)
    trial = the_break(probe(AsPrinted(), data(1, 10, 1), zeros, zeros.clone()), "shape")
    assert line(trial) == "prediction = self.out(r_out[0, :]).unsqueeze(0)"
    assert (trial.axis, trial.seen_sizes, trial.latent) == ("batch", (1,), True)
    assert trial.actual == (1, 10, 1)
    assert trial.expected == (*trial.after, 10, 1)


class FixedState(nn.Module):
    """Makes its state for one sample, or for as many as it was told."""

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.rnn, self.batch = nn.GRU(1, 20, batch_first=True), batch

    def init_hidden(self) -> Tensor:
        return torch.zeros(1, self.batch, 20)

    def forward(self, x: Float[Tensor, "batch seq 1"]) -> Float[Tensor, "batch seq hidden"]:
        out, _ = self.rnn(x, self.init_hidden())
        return out


@pytest.mark.parametrize("batch", [1, 4])
def test_a_state_made_for_a_fixed_number_of_samples(probe: Probe, batch: int) -> None:
    trial = the_break(probe(FixedState(batch), data(batch, 5, 1)), "shape")
    assert line(trial) == "return torch.zeros(1, self.batch, 20)"
    assert trial.latent


def written_down(x: Float[Tensor, "batch seq d"]) -> Float[Tensor, "batch d"]:
    return x.reshape(6, -1, x.size(2)).sum(1)


def raises_when_written_down(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x.view(6, 5)


def squeezed(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch"]:
    return x.sum(1, keepdim=True).squeeze()


@pytest.mark.parametrize(
    ("function", "shape", "code"),
    [
        (written_down, (6, 4, 5), "return x.reshape(6, -1, x.size(2)).sum(1)"),
        (raises_when_written_down, (6, 5), "return x.view(6, 5)"),
        (squeezed, (6, 5), "return x.sum(1, keepdim=True).squeeze()"),
    ],
)
def test_a_batch_size_that_the_code_relies_on(
    probe: Probe, function: Any, shape: tuple[int, ...], code: str
) -> None:
    assert line(the_break(probe(function, data(*shape)), "shape")) == code


class StartsForAll(nn.Module):
    """A class token copied to a batch whose size is written down; a cat misses it later."""

    def __init__(self) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.randn(1, 1, 3))

    def forward(self, x: Float[Tensor, "batch seq d"]) -> Float[Tensor, "batch longer d"]:
        start = self.start.expand(5, -1, -1)
        return torch.cat([start, x], dim=1)


def first_choice(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch e"]:
    best = x[:1].argmax(dim=-1, keepdim=True)
    return torch.cat([x, best], dim=1)


def squeezed_too_far(
    x: Float[Tensor, "batch 1 d"], w: Float[Tensor, "d"]
) -> Float[Tensor, "batch"]:
    rows = x.squeeze()
    return torch.einsum("bd,d->b", rows, w)


class Windows(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(3, 4, batch_first=True)

    def step(self, x: Float[Tensor, "batch time d"]) -> float:
        return self.gru(x, torch.zeros(1, 6, 4))[0].sum().item()


@pytest.mark.parametrize(
    ("function", "given", "blamed"),
    [
        (StartsForAll(), (data(5, 4, 3),), "start = self.start.expand(5, -1, -1)"),
        (first_choice, (data(1, 4),), "best = x[:1].argmax(dim=-1, keepdim=True)"),
        (squeezed_too_far, (data(4, 1, 3), data(3)), "rows = x.squeeze()"),
        (Windows.step, (Windows(), data(6, 4, 3)), "return self.gru(x, torch.zeros(1, 6, 4))"),
    ],
    ids=["expand", "slice", "squeeze", "no declared output"],
)
def test_what_raises_at_another_size_is_traced_to_the_line_that_lost_it(
    probe: Probe, function: Any, given: tuple[Any, ...], blamed: str
) -> None:
    trial = the_break(probe(function, *given), kind="shape")
    assert trial.latent
    assert line(trial).startswith(blamed)


def softmax_over_batch(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    y = x * 2
    return torch.softmax(y, dim=0)


def softmax_by_hand(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    e = torch.exp(x - x.max(0).values)
    return e / e.sum(0)


def mean_sent_back(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    context = x.mean(0)
    return x + context


def first_for_all(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x[0].expand(x.size(0), -1).clone()


def first_added(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x + x[0]


def flipped(x: Float[Tensor, "batch seq"]) -> Float[Tensor, "batch seq"]:
    return x.flip(0)


def rolled(x: Float[Tensor, "batch seq"]) -> Float[Tensor, "batch seq"]:
    return x.roll(1, dims=0)


def summed_along(x: Float[Tensor, "batch seq"]) -> Float[Tensor, "batch seq"]:
    return x.cumsum(0)


def viewed(x: Float[Tensor, "batch seq d"]) -> Float[Tensor, "seq batch d"]:
    b, t, d = x.shape
    return x.view(t, b, d)


def heads_merged_without_transpose(
    x: Float[Tensor, "heads batch d"],
) -> Float[Tensor, "batch heads*d"]:
    h, b, d = x.shape
    return x.reshape(b, h * d)


def wrong_normalise(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return nn.functional.normalize(x, dim=0)


def in_place_mix(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    y = x.clone()
    y[1:] += x[:-1]
    return y


def counted(labels: Int[Tensor, "batch"]) -> Int[Tensor, "batch"]:
    return labels + labels.sum()


@pytest.mark.parametrize(
    ("function", "shape", "pattern", "code"),
    [
        (softmax_over_batch, (4, 3), "full", "return torch.softmax(y, dim=0)"),
        (softmax_by_hand, (4, 3), "full", ""),
        (mean_sent_back, (4, 3), "full", "context = x.mean(0)"),
        (first_for_all, (4, 3), "one fixed index", "return x[0].expand(x.size(0), -1).clone()"),
        (first_added, (4, 3), "one fixed index", "return x + x[0]"),
        (flipped, (4, 3), "permutation", "return x.flip(0)"),
        (rolled, (4, 3), "permutation", "return x.roll(1, dims=0)"),
        (summed_along, (4, 3), "causal", "return x.cumsum(0)"),
        (viewed, (4, 3, 2), "scrambled", "return x.view(t, b, d)"),
        (heads_merged_without_transpose, (3, 4, 2), "scrambled", "return x.reshape(b, h * d)"),
        (wrong_normalise, (4, 3), "full", "return nn.functional.normalize(x, dim=0)"),
        (in_place_mix, (4, 3), "causal", "y[1:] += x[:-1]"),
    ],
)
def test_samples_that_mix(
    probe: Probe, function: Any, shape: tuple[int, ...], pattern: str, code: str
) -> None:
    trial = the_break(probe(function, data(*shape)))
    assert (trial.axis, trial.pattern) == ("batch", pattern)
    if code:
        assert line(trial) == code


def test_integers_that_mix(probe: Probe) -> None:
    assert the_break(probe(counted, torch.tensor([1, 5, 2, 0]))).pattern == "full"


def test_constant_inputs_hide_nothing(probe: Probe) -> None:
    trial = the_break(probe(mean_sent_back, torch.ones(4, 3)))
    assert trial.pattern == "full"


class SequenceFirst(nn.Module):
    """Layers of the Transformer left at batch_first=False."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Float[Tensor, "batch seq d"]) -> Float[Tensor, "batch seq d"]:
        y = self.layer(x)
        return y + 1


@pytest.mark.parametrize("train", [True, False])
def test_an_encoder_that_reads_the_batch_as_time(probe: Probe, train: bool) -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16)
    net = SequenceFirst(nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)).train(train)
    trial = the_break(probe(net, data(4, 5, 8)))
    assert trial.pattern == "full"
    assert line(trial) == "y = self.layer(x)"
    assert trial.reads == "nn.TransformerEncoder(batch_first=False) takes (seq, batch, feature)"


class AlongTheBatch(nn.Module):
    """Positions added along the batch: each sample depends on its own place alone."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("pe", torch.arange(50.0)[:, None, None].sin().expand(50, 1, 3).clone())

    def forward(self, x: Float[Tensor, "batch seq d"]) -> Float[Tensor, "batch seq d"]:
        return x + self.pe[: x.size(0)]


def test_a_sample_that_depends_on_its_place(probe: Probe) -> None:
    trial = the_break(probe(AlongTheBatch(), data(4, 5, 3)), "order")
    assert trial.axis == "batch"


def leaking(x: Float[Tensor, "batch time d"]) -> Float[Tensor, "batch time d"]:
    scores = x @ x.transpose(1, 2)
    mask = torch.tril(torch.ones(x.size(1), x.size(1)), diagonal=1)
    return scores.masked_fill(mask == 0, float("-inf")).softmax(-1) @ x


def masked(x: Float[Tensor, "batch time d"]) -> Float[Tensor, "batch time d"]:
    scores = x @ x.transpose(1, 2)
    mask = torch.tril(torch.ones(x.size(1), x.size(1)))
    return scores.masked_fill(mask == 0, float("-inf")).softmax(-1) @ x


def test_a_causal_mask_that_leaks_by_one(probe: Probe) -> None:
    trial = the_break(probe(leaking, data(2, 6, 3), laws={"time": "causal"}))
    assert (trial.axis, trial.law) == ("time", "causal")
    assert line(trial) == 'return scores.masked_fill(mask == 0, float("-inf")).softmax(-1) @ x'


def test_a_causal_mask_that_holds(probe: Probe) -> None:
    found = probe(masked, data(2, 6, 3), laws={"time": "causal"})
    outcomes = {t.axis: t.outcome for t in found if isinstance(t, Trial) and t.law == "causal"}
    assert outcomes == {"time": "held"}


def test_a_causal_function_is_not_anticausal(probe: Probe) -> None:
    assert the_break(probe(masked, data(2, 6, 3), laws={"time": "anticausal"})).axis == "time"


def test_an_axis_declared_to_mix_is_left_alone(probe: Probe) -> None:
    found = probe(mean_sent_back, data(4, 3), laws={"batch": "mixes"})
    notes = [t for t in found if isinstance(t, Trial) and t.law == "mixes"]
    assert [(t.outcome, t.excuse) for t in notes] == [("skipped", "declared to mix")]


def test_a_letter_is_a_batch_where_a_module_confirms_it(probe: Probe) -> None:
    class Letter(nn.Module):
        def forward(self, x: Float[Tensor, "B d"]) -> Float[Tensor, "B d"]:
            return x.softmax(0)

    assert the_break(probe(Letter(), data(4, 3))).axis == "B"


def test_a_letter_alone_is_no_batch(probe: Probe) -> None:
    def spread(x: Float[Tensor, "N d"]) -> Float[Tensor, "N d"]:
        return x.softmax(0)

    found = probe(spread, data(4, 3))
    assert [t for t in found if isinstance(t, Trial) and t.kind == "disturbance"] == []


class Lazy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.LazyLinear(4)

    def forward(self, x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch out"]:
        return self.linear(x).softmax(0)


def test_a_lazy_module_is_probed_once_it_has_its_shape(call: Any) -> None:
    from shapecheck.runtime.probe import Prober

    net, prober = Lazy(), Prober()
    assert prober.before(call(net, data(4, 3))) is None
    assert prober.skipped() == []
    net.forward(data(4, 3))
    pending = prober.before(call(net, data(4, 3)))
    assert pending is not None
    prober.after(pending, net.forward(data(4, 3)))
    assert the_break(prober.run(pending)).axis == "batch"


def carried(
    x: Float[Tensor, "batch d"], state: tuple[Float[Tensor, "layers batch d"], ...]
) -> list[Float[Tensor, "batch d"]]:
    return [x + part.sum(0) for part in state]


def carried_and_mixed(
    x: Float[Tensor, "batch d"], state: tuple[Float[Tensor, "layers batch d"], ...]
) -> list[Float[Tensor, "batch d"]]:
    return [x, x + state[1].mean((0, 1))]


def test_tensors_in_tuples_of_any_length_take_part(probe: Probe) -> None:
    state = (data(1, 4, 3), data(2, 4, 3))
    found = probe(carried, data(4, 3), state)
    assert {t.outcome for t in found if isinstance(t, Trial)} == {"held"}
    trial = the_break(probe(carried_and_mixed, data(4, 3), state))
    assert trial.output == "return[1]"


def turned(x: Float[Tensor, "batch time d"]) -> Float[Tensor, "batch time d"]:
    y = x * 2
    return y.transpose(0, 1)


def test_axes_of_one_size_that_were_exchanged(probe: Probe) -> None:
    found = [t for t in probe(turned, data(4, 4, 3)) if isinstance(t, Trial)]
    broken = {t.kind: line(t) for t in found if t.outcome == "broken" and not t.excuse}
    assert broken["disturbance"] == "return y.transpose(0, 1)"
    assert "shape" in broken  # at another size the two are told apart


def fitted(x: Float[Tensor, "batch d"], y: Float[Tensor, "batch 1"]) -> Float[Tensor, "batch 1"]:
    net = nn.Linear(x.size(1), 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(3):
        loss = nn.functional.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net(x).detach()


def test_a_fit_within_the_call_is_a_note(probe: Probe) -> None:
    found = probe(fitted, data(4, 3), data(4, 1))
    excuses = {t.excuse for t in found if isinstance(t, Trial) and t.outcome == "broken"}
    assert excuses == {"the call trains on all samples"}


def trained_after_mixing(x: Float[Tensor, "batch d"], net: nn.Linear) -> Float[Tensor, "batch out"]:
    out = net(x.flip(0))
    out.sum().backward()
    return out.detach()


def test_mixing_before_a_training_step_is_no_note(probe: Probe) -> None:
    trial = the_break(probe(trained_after_mixing, data(4, 3), nn.Linear(3, 2)))
    assert line(trial) == "out = net(x.flip(0))"


class Looks(nn.Module):
    """Attention behind a triangular mask; `past` says which triangle is seen."""

    def __init__(self, past: bool) -> None:
        super().__init__()
        self.past = past

    def forward(self, x: Float[Tensor, "batch target d"]) -> Float[Tensor, "batch target d"]:
        seen = torch.ones(x.size(1), x.size(1), dtype=torch.bool)
        seen = seen.tril() if self.past else seen.triu()
        return (x @ x.mT).masked_fill(~seen, -1e9).softmax(dim=-1) @ x


class LooksBackward(Looks):
    def forward(self, x: Float[Tensor, "batch target d"]) -> Float[Tensor, "batch target d"]:
        return super().forward(x)


def test_a_mask_that_hides_the_past_is_found_on_an_axis_of_any_name(probe: Probe) -> None:
    trial = the_break(probe(Looks(past=False), data(2, 5, 3)), kind="dependency")
    assert (trial.axis, trial.pattern) == ("target", "anticausal")
    assert line(trial) == "seen = seen.tril() if self.past else seen.triu()"


@pytest.mark.parametrize("net", [Looks(past=True), LooksBackward(past=False)])
def test_a_mask_that_hides_the_future_or_says_that_it_looks_back(
    probe: Probe, net: nn.Module
) -> None:
    found = probe(net, data(2, 5, 3))
    assert not any(t.outcome == "broken" for t in found if isinstance(t, Trial))


class CausalConv(nn.Module):
    def __init__(self, left: int, right: int, causal: bool = True) -> None:
        super().__init__()
        self.padding, self.causal = (left, right), causal
        self.conv = nn.Conv1d(3, 4, 3)

    def forward(self, x: Float[Tensor, "batch d time"]) -> Float[Tensor, "batch out time"]:
        return self.conv(nn.functional.pad(x, self.padding))


def test_what_is_called_causal_is_held_to_it(probe: Probe) -> None:
    trial = the_break(probe(CausalConv(0, 2), data(2, 3, 6)))
    assert (trial.law, trial.law_by) == ("causal", "name")
    for net in (CausalConv(2, 0), CausalConv(1, 1, causal=False)):
        found = probe(net, data(2, 3, 6))
        assert not any(t.outcome == "broken" for t in found if isinstance(t, Trial))


def scaled_otherwise(x: Float[Tensor, "batch time d"]) -> Float[Tensor, "batch time d"]:
    return (x - x.mean(dim=0, keepdim=True)) / x.std(dim=1, keepdim=True)


def scaled_for_all(x: Float[Tensor, "batch time d"]) -> Float[Tensor, "batch time d"]:
    return (x - x.mean(dim=(0, 1))) / x.std()


def test_a_mean_and_a_deviation_over_axes_at_odds_are_no_statistics_of_the_batch(
    probe: Probe,
) -> None:
    assert line(the_break(probe(scaled_otherwise, data(4, 5, 3)))).startswith("return (x - x.mean")
    found = [t for t in probe(scaled_for_all, data(4, 5, 3)) if isinstance(t, Trial)]
    assert {t.excuse for t in found if t.outcome == "broken"} != {""}
