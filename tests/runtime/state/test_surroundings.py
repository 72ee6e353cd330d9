"""Random numbers of every device are set back, as far as its generators were used."""

import pytest
import torch

from shapecheck.runtime.state.surroundings import Randomness, Surroundings


@pytest.mark.parametrize("device", ["cuda", "xpu"])
def test_each_device_has_its_numbers_back(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, held = getattr(torch, device), [torch.tensor([1]), torch.tensor([2])]
    monkeypatch.setattr(module, "is_initialized", lambda: True)
    monkeypatch.setattr(module, "get_rng_state_all", lambda: [state.clone() for state in held])
    monkeypatch.setattr(module, "set_rng_state_all", lambda states: held.__setitem__(
        slice(None), [state.clone() for state in states]
    ))  # fmt: skip
    before = Surroundings.now()
    held[1].fill_(5)
    assert not Randomness.now().same_as(before.randomness)
    with before.again():
        assert [int(state) for state in held] == [1, 2]
        held[0].fill_(7)
    assert [int(state) for state in held] == [1, 5]


def test_what_was_never_used_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def started() -> None:
        raise AssertionError("asking for its numbers starts the device")

    for module in (torch.cuda, torch.xpu):
        monkeypatch.setattr(module, "is_initialized", lambda: False)
        monkeypatch.setattr(module, "get_rng_state_all", started)
    now = Randomness.now()
    assert now.same_as(Randomness.now())
    torch.rand(1)
    assert not now.same_as(Randomness.now())
    now.restore()
    assert now.same_as(Randomness.now())
