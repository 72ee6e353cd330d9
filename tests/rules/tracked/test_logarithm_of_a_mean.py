"""mean-by-other-count: the logarithm of a mean, `logsumexp(x, dim) - log(n)`."""

from __future__ import annotations

from typing import Any

import pytest

DATA = """
import math
import torch
import torch.nn as nn
torch.manual_seed(0)
samples, batch = {samples}, {batch}
log_w = torch.randn(samples, batch)
"""

FIRES = {
    "importance weights": (
        "(torch.logsumexp(log_w, dim=1) - math.log(samples)).mean()",
        {"samples": 5, "batch": 4},
    ),
    "as many samples as rows": (
        "(torch.logsumexp(log_w, dim=1) - math.log(samples)).mean()",
        {"samples": 4, "batch": 4},
    ),
    "by its size": (
        "log_w.logsumexp(0) - math.log(log_w.size(1))",
        {"samples": 5, "batch": 4},
    ),
}

SILENT = {
    "over what was counted": """
(torch.logsumexp(log_w, dim=0) - math.log(samples)).mean()
log_w.logsumexp(1) - math.log(log_w.shape[1]), log_w.logsumexp(0) - math.log(log_w.size(0))
""",
    "other numbers": """
torch.logsumexp(log_w, dim=1) - math.log(2 * math.pi), log_w.logsumexp(1) - math.log(7)
torch.logsumexp(log_w, dim=1) - 0.5, log_w.logsumexp(dim=1) - torch.logsumexp(log_w, 1)
""",
}


@pytest.mark.parametrize(("program", "sizes"), FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, sizes: dict[str, int], seen: Any) -> None:
    assert [f.slug for f in seen(DATA.format(**sizes) + program)] == ["mean-by-other-count"]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert seen(DATA.format(samples=5, batch=4) + program) == []
