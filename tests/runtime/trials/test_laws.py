"""Laws: declared by `axes`, or following from the name of an axis."""

import pytest

from shapecheck.runtime.trials.laws import axes, called_causal, declared_laws, law_of


def test_axes_attaches_metadata_and_nothing_else() -> None:
    def f(x: int) -> int:
        return x + 1

    assert axes(time="causal")(f) is f
    assert f(1) == 2
    assert declared_laws(f) == {"time": "causal"}


def test_several_declarations_add_up() -> None:
    @axes(time="causal")
    @axes(batch="mixes")
    def f() -> None: ...

    assert declared_laws(f) == {"time": "causal", "batch": "mixes"}


def test_a_law_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"time='casual'.*causal"):
        axes(time="casual")


@pytest.mark.parametrize(
    ("axis", "declared", "confirmed", "law"),
    [
        ("batch", {}, False, "independent"),
        ("batch_size", {}, False, "independent"),
        ("B", {}, False, ""),
        ("B", {}, True, "independent"),
        ("N", {}, True, "independent"),
        ("time", {}, True, ""),
        ("feature", {}, True, ""),
        ("nodes", {}, True, ""),
        ("batch", {"batch": "mixes"}, True, "mixes"),
        ("time", {"time": "causal"}, False, "causal"),
        ("N", {"N": "independent"}, False, "independent"),
    ],
)
def test_the_law_of_an_axis(axis: str, declared: dict[str, str], confirmed: bool, law: str) -> None:
    assert law_of(axis, declared, confirmed=confirmed) == law


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CausalSelfAttention.forward", True),
        ("causal_conv1d", True),
        ("Net.causal", True),
        ("NonCausalBlock.forward", False),
        ("acausal_filter", False),
        ("anti_causal", False),
        ("Causality.forward", False),
        ("Attention.forward", False),
    ],
)
def test_a_name_that_says_causal(name: str, expected: bool) -> None:
    assert called_causal(name) is expected
