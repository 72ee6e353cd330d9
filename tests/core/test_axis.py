"""Names of axes suggest roles; one letter only suggests."""

from __future__ import annotations

import pytest

from shapecheck.core.axis import Axis, AxisKind, Role, RoleHint, role_of


@pytest.mark.parametrize(
    ("name", "role", "weak"),
    [
        ("batch", Role.BATCH, False),
        ("batch_size", Role.BATCH, False),
        ("batchSize", Role.BATCH, False),
        ("B", Role.BATCH, True),
        ("self.seq_len", Role.TIME, False),
        ("args.seq_length", Role.TIME, False),
        ("T", Role.TIME, True),
        ("d_model", Role.FEATURE, False),
        ("_hidden", Role.FEATURE, False),
        ("NUM_CLASSES", Role.CLASS, False),
        ("num_layers", Role.LAYER, False),
        ("n_heads", Role.HEAD, False),
        ("height", Role.HEIGHT, False),
        (" W ", Role.WIDTH, True),
    ],
)
def test_a_spelling_suggests_a_role(name: str, role: Role, weak: bool) -> None:
    assert role_of(name) == RoleHint(role, weak)


@pytest.mark.parametrize("name", ["B*T", "rows", "", "3", "x.shape[0]", "n_seq", "batch+1"])
def test_what_names_no_single_role_has_none(name: str) -> None:
    assert role_of(name) is None


def test_which_axes_span_many() -> None:
    assert Axis("...", AxisKind.ELLIPSIS).spans_many
    assert Axis("*b", AxisKind.VARIADIC, "b").spans_many
    assert not Axis("_", AxisKind.ANONYMOUS).spans_many
