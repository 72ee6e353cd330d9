"""Sums that are divided by a count, sums of everything, sums of one entry, entropies."""

from __future__ import annotations

from typing import Any

import pytest

DATA = """
torch.manual_seed(0)
x = torch.rand(16, 10)
enc, dec = nn.Linear(10, 8), nn.Linear(4, 10)
mu, logvar = enc(x).chunk(2, dim=1)
logits = dec(mu)
z = torch.randn(16, 4)
"""

FIRES = {
    "a reconstruction for each sample, a divergence for each latent": (
        "loss-terms-apart",
        """
rec = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / x.size(0)
kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=0)
loss = rec + kl.mean()
""",
    ),
    "a squared error over the batch size": (
        "loss-terms-apart",
        """
batch_size = len(x)
rec = ((logits - x) ** 2).sum() / batch_size
loss = rec + 0.1 * (mu.pow(2) + logvar.exp() - 1 - logvar).sum(0).mean()
""",
    ),
    "the volume of all samples": (
        "statistic-over-all",
        """
scale = enc(x)[:, :4]
base = -0.5 * (z ** 2).sum(dim=1)
logdet = torch.zeros(z.shape[0]) + (z * scale).sum()
""",
    ),
    "those at risk, along one column": (
        "singleton-softmax",
        """
risk = nn.Linear(10, 1)(x)
(risk - torch.logcumsumexp(risk, dim=1)).mean()
""",
    ),
    "an entropy over the samples": (
        "normalised-axis-not-summed",
        """
p = torch.stack([F.softmax(enc(x), dim=-1) for _ in range(3)]).mean(0)
total = -(p * torch.log(p + 1e-12)).sum(dim=0)
total.mean() - 1.0
""",
    ),
    "an entropy by both kinds of softmax": (
        "normalised-axis-not-summed",
        """
p, log_p = F.softmax(enc(x), dim=-1), F.log_softmax(enc(x), dim=-1)
-(p * log_p).sum(0).mean()
""",
    ),
    "an entropy, bounded from below": (
        "normalised-axis-not-summed",
        """
p = enc(x).softmax(1)
(-(p * p.clamp(min=1e-9).log()).sum(0)).topk(3)
""",
    ),
}

SILENT = {
    "everything for each sample": """
rec = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / x.size(0)
kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)
loss = rec + kl.mean()
other = rec + -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / x.size(0)
""",
    "a mean of everything beside it": """
rec = F.mse_loss(logits, x, reduction="sum") / x.size(0)
loss = rec + F.l1_loss(logits, x) + mu.pow(2).mean()
""",
    "numbers of each sample, and one of each": """
logdet = torch.zeros(z.shape[0]) + (z * mu).sum(dim=1)
base = -0.5 * (z ** 2).sum(1) + z.sum(1)
others = z.sum() - z.sum(1)
regularised = z.pow(2).sum(1).mean() + 1e-3 * mu.pow(2).sum()
""",
    "sums so far along what is there": """
risk = nn.Linear(10, 1)(x)
order = risk.squeeze(1).argsort()
torch.logcumsumexp(risk[order], dim=0)
torch.ones(1, 5).cumsum(0), torch.randn(1, 6, 3).cumsum(1)
""",
    "entropies": """
p = F.softmax(enc(x), dim=-1)
h = -(p * torch.log(p + 1e-12)).sum(dim=1)
mean = p.mean(0)
h.mean(), -(mean * mean.log()).sum(), -(p * p.log()).sum(0).sum() / 16
-(p * p.log()).mean(0).sum(), F.kl_div(p.log(), p, reduction="batchmean")
""",
    "a gate times another logarithm": """
p = F.softmax(enc(x), dim=-1)
(p * torch.log(torch.rand(16, 8) + 1e-6)).sum(0).mean()
""",
}


@pytest.mark.parametrize(("slug", "program"), FIRES.values(), ids=FIRES.keys())
def test_it_fires(slug: str, program: str, seen: Any) -> None:
    assert slug in [finding.slug for finding in seen(DATA + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(DATA + program)] == []
