"""class-axis: whether the target is among the best of each sample, asked along the wrong axis."""

from __future__ import annotations

from typing import Any

DATA = """
torch.manual_seed(0)
scores, target = torch.randn(12, 9), torch.randint(0, 9, (12,))
best = scores.topk(5, dim=1).indices
"""


def test_a_hit_of_anyone_at_each_rank_is_told(seen: Any) -> None:
    program = "hits = (best == target[:, None]).any(dim=0)\nhits.float().mean()"
    (finding,) = seen(DATA + program)
    assert (finding.slug, finding.remedy) == ("class-axis", "dim=1")


def test_hits_of_each_sample_and_of_each_rank_are_right(seen: Any) -> None:
    program = """
hits = (best == target[:, None]).any(dim=1)
by_rank = (best == target[:, None]).float().mean(dim=0)
(best == 3).any(), (scores > 0).any(dim=0)
"""
    assert seen(DATA + program) == []
