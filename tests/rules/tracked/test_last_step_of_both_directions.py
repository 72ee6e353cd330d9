"""last-step-of-both-directions: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

_MODEL = """
x, H = torch.randn(3, 5, 4), 6
rnn, fc = nn.GRU(4, H, batch_first=True, bidirectional=True), nn.Linear(2 * H, 2)
out, h_n = rnn(x)
"""

FIRES = {
    "batch first": _MODEL + "fc(out[:, -1, :])",
    "time first": """
lstm = nn.LSTM(4, 6, num_layers=2, bidirectional=True)
out, (h_n, c_n) = lstm(torch.randn(5, 3, 4))
print(h_n.shape, out.size(0))
nn.Linear(12, 2)(F.dropout(torch.tanh(out[-1]), 0.1))
""",
    "normalised, turned, by its own index": _MODEL
    + "fc(nn.LayerNorm(2 * H)(out).transpose(0, 1)[x.size(1) - 1])",
    "after the classifier": _MODEL
    + """
logits = fc(out)
F.cross_entropy(logits[:, -1], torch.randint(0, 2, (3,)))
""",
    "a forecast": _MODEL
    + "F.mse_loss(nn.Linear(2 * H, 1)(out)[:, -1].squeeze(-1), torch.randn(3))",
    "beside other features": _MODEL
    + "nn.Linear(2 * H + 4, 2)(torch.cat((out.select(1, -1), x.mean(1)), dim=1))",
    "of the layer above": _MODEL
    + """
out, _ = nn.GRU(2 * H, H, batch_first=True, bidirectional=True)(F.relu(out))
fc(nn.BatchNorm1d(2 * H)(out[:, -1]))
""",
}

SILENT = {
    "the forward half, halves at their ends": _MODEL
    + """
nn.Linear(H, 2)(out[:, -1, :H])
fc(torch.cat((out[:, -1, :H], out[:, 0, H:]), dim=1))
last, first = rnn(x)[0][:, -1], out[:, 0]
nn.Linear(H, 2)(last.chunk(2, dim=-1)[0]), nn.Linear(H, 2)(last.view(3, 2, H)[:, 0])
""",
    "both ends": _MODEL + "fc(out[:, -1] + out[:, 0]), fc(out[:, -1])",
    "its final states": _MODEL
    + """
fc(torch.cat((h_n[-2], h_n[-1]), dim=1))
nn.Linear(4 * H, 2)(torch.cat((out[:, -1], h_n[0], h_n[1]), dim=1))
""",
    "every step as well": _MODEL
    + """
tags = fc(F.relu(out))
F.cross_entropy(tags.transpose(1, 2), torch.randint(0, 2, (3, 5)))
F.cross_entropy(fc(out[:, -1]), torch.randint(0, 2, (3,)))
""",
    "a likelihood of every step": _MODEL + "fc(out).log_softmax(-1), fc(out[:, -1])",
    "steps one by one": _MODEL
    + """
for t in range(x.size(1)):
    fc(out[:, t])
for step in out.unbind(1):
    fc(step)
""",
    "attention whose query is the last step": _MODEL
    + """
weights = F.softmax(out @ nn.Linear(2 * H, 2 * H)(out[:, -1]).unsqueeze(2), dim=1)
fc((weights * out).sum(1))
""",
    "pooled beside it": _MODEL
    + "nn.Linear(6 * H, 2)(torch.cat((out[:, -1], out.mean(1), out.amax(1)), dim=1))",
    "one step, one direction": """
out, _ = nn.GRU(4, 6, batch_first=True, bidirectional=True)(torch.randn(3, 1, 4))
nn.Linear(12, 2)(out[:, -1])
out, _ = nn.GRU(4, 6, batch_first=True)(torch.randn(3, 5, 4))
nn.Linear(6, 2)(out[:, -1])
""",
    "looked at and compared": _MODEL
    + """
print(out[:, -1].shape, out[:, -1].norm(), torch.allclose(out[:, -1], out[:, -1].clone()))
""",
    "given to what nobody follows": _MODEL
    + """
torch.histc(out)
fc(out[:, -1])
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    (found,) = seen(program)
    assert (found.slug, found.severity.value) == ("last-step-of-both-directions", "warning")


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
