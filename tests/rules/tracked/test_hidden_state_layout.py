"""hidden-state-layout: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "beams put in another order along the layers": """
rnn = nn.GRU(8, 8, 2, batch_first=True)
out, hidden = rnn(torch.randn(2, 1, 8))
best = out[:, -1].reshape(-1).topk(2)[1]
hidden = hidden.index_select(0, best // 8)
""",
    "sequences brought back in order along the layers": """
lengths, order = torch.tensor([5, 3]).sort(descending=True)
_, (hidden, _) = nn.LSTM(3, 4, num_layers=2)(torch.randn(5, 2, 3))
hidden[order.argsort()][-1]
""",
    "the first layer of a stack": """
_, h = nn.GRU(3, 6, num_layers=2, batch_first=True)(torch.randn(4, 5, 3))
nn.Linear(6, 2)(h[0])
""",
    "both directions of the first layer": """
_, (h, _) = nn.LSTM(3, 6, 2, bidirectional=True)(torch.randn(5, 4, 3))
torch.cat((h[0], h[1]), dim=1)
""",
    "one direction alone": """
_, h = nn.GRU(3, 6, bidirectional=True, batch_first=True)(torch.randn(4, 5, 3))
nn.Linear(6, 2)(h[-1])
""",
    "reshaped by batch": """
x = torch.randn(4, 5, 3)
_, h = nn.GRU(3, 6, num_layers=2, batch_first=True)(x)
h.view(x.size(0), 12)
""",
    "reshaped by its features alone": """
_, (h, _) = nn.LSTM(3, 5, bidirectional=True)(torch.randn(7, 6, 3))
h.view(-1, 10, 1)
""",
    "reshaped by its features alone, where groups of three fit by chance": """
class Pooled(nn.Module):
    def forward(self, final_state):
        return final_state.reshape(-1, 2 * 5)
_, h = nn.GRU(3, 5, num_layers=2, bidirectional=True)(torch.randn(7, 6, 3))
Pooled()(h), Pooled()(h[-2:])
""",
    "directions before layers": """
x = torch.randn(4, 7, 5)
_, h = nn.GRU(5, 6, num_layers=3, bidirectional=True, batch_first=True)(x)
h.view(2, 3, x.shape[0], 6)[:, -1]
""",
    "directions before layers, exchanged with the batch": """
_, (h, _) = nn.LSTM(5, 6, 3, bidirectional=True)(torch.randn(7, 4, 5))
h.transpose(0, 1).reshape(4, 2, 3, 6)
""",
    "directions before layers, by name": """
num_layers, num_directions = 2, 2
_, h = nn.GRU(5, 6, num_layers, bidirectional=True)(torch.randn(7, 4, 5))
h.view(num_directions, num_layers, 4, 6)[:, -1]
""",
    "last of the batch": """
batch = 4
_, (h, _) = nn.LSTM(3, 6, batch_first=True)(torch.randn(batch, 5, 3))
h[:, -1]
""",
    "made batch first": """
batch_size, n_layers = 2, 2
h0 = torch.zeros(batch_size, n_layers, 6)
nn.GRU(3, 6, n_layers, batch_first=True)(torch.randn(batch_size, 5, 3), h0)
""",
}

ENCODED = """
layers, batch = 2, 4
_, h = nn.GRU(3, 6, layers, bidirectional=True)(torch.randn(5, batch, 3))
_, (hl, cl) = nn.LSTM(3, 6, layers, bidirectional=True)(torch.randn(5, batch, 3))
y = torch.randn(7, batch, 3)
"""
FIRES |= {
    "the first entries as layers": ENCODED + "nn.GRU(3, 6, layers)(y, h[:layers])",
    "the last entries as layers": ENCODED + "nn.LSTM(3, 6, 2)(y, (hl[-2:], cl[-2:]))",
    "entries of another layer alone, made contiguous": ENCODED
    + "start = h[:2].contiguous()\nnn.GRU(3, 6, 2)(y, start)",
}

FIRES["sized by the batch of the input"] = """
def encode(x):
    h0 = torch.zeros(x.size(0), 2, 6)
    return nn.GRU(3, 6, 2, batch_first=True)(x, h0)
encode(torch.randn(2, 5, 3))
"""

SILENT = {
    "as many samples as layers, in their place": """
def encode(x):
    h0 = torch.zeros(2, x.size(0), 6)
    return nn.GRU(3, 6, 2, batch_first=True)(x, h0)
encode(torch.randn(2, 5, 3))
""",
    "one number for layers and samples": """
n = 2
nn.GRU(3, 6, n, batch_first=True)(torch.randn(n, 5, 3), torch.zeros(n, n, 6))
""",
    "samples in another order": """
lengths, order = torch.tensor([5, 3]).sort(descending=True)
_, (hidden, cell) = nn.LSTM(3, 4, num_layers=2)(torch.randn(5, 2, 3))
hidden[:, order], cell.index_select(1, order.argsort()), hidden.transpose(0, 1)[order]
""",
    "layers and directions chosen by their number": """
_, hidden = nn.GRU(3, 4, num_layers=2, bidirectional=True)(torch.randn(5, 2, 3))
hidden[torch.tensor([2, 3])], hidden.index_select(0, torch.arange(0, 4, 2)), hidden[[0, 1]]
""",
    "the layer that each sample weighs most": """
_, hidden = nn.GRU(3, 4, num_layers=3)(torch.randn(5, 2, 3))
best = nn.Linear(4, 1)(hidden).squeeze(-1).argmax(dim=0)
hidden[best, torch.arange(2)]
""",
    "the layers that weigh most": """
_, hidden = nn.GRU(3, 4, num_layers=4)(torch.randn(5, 3, 3))
hidden[hidden.pow(2).mean(dim=(1, 2)).topk(2).indices]
""",
    "a forecast of one series by one layer, fed back in": """
hidden_size, layers = 8, 1
lstm, window = nn.LSTM(1, hidden_size, layers, batch_first=True), torch.randn(1, 12, 1)
for _ in range(3):
    h_0, c_0 = (torch.zeros(layers, window.size(0), hidden_size) for _ in "hc")
    _, (h_n, _) = lstm(window, (h_0, c_0))
    after = h_n.view(-1, hidden_size)[:, :1]
    window = torch.cat([window[:, 1:], after.unsqueeze(1)], dim=1)
""",
    "a direction of each layer": ENCODED
    + """
nn.GRU(3, 6, layers)(y, h[::2]), nn.GRU(3, 6, layers)(y, h[::2] + h[1::2])
nn.LSTM(3, 6, 2)(y, (hl[1::2], cl[1::2]))
nn.GRU(3, 6, layers)(y, h.view(layers, 2, batch, 6)[:, 0].contiguous())
""",
    "both directions of the last layer go on in both directions": ENCODED
    + """
nn.GRU(3, 6, 1, bidirectional=True)(y, h[-2:]), nn.GRU(3, 6, 2, bidirectional=True)(y, h)
""",
    "the upper layers of one direction": """
_, h = nn.GRU(3, 6, 4)(torch.randn(5, 4, 3))
nn.GRU(3, 6, 2)(torch.randn(7, 4, 3), h[-2:])
""",
    "both directions of the last layer": """
_, (h, c) = nn.LSTM(3, 6, 2, bidirectional=True)(torch.randn(5, 4, 3))
torch.cat((h[-2], h[-1]), dim=1), torch.cat((c[2], c[3]), dim=1), torch.cat(tuple(h[-2:]), 1)
""",
    "every layer": """
_, h = nn.GRU(3, 6, num_layers=3)(torch.randn(5, 4, 3))
for i in range(3):
    nn.Linear(6, 2)(h[i])
""",
    "one direction beside the outputs": """
out, h = nn.GRU(3, 6, bidirectional=True)(torch.randn(5, 4, 3))
torch.cat((h[0], out[0, :, 6:]), dim=1)
""",
    "a state that goes on, of which one is shown": """
rnn = nn.GRU(3, 6, 2)
_, h = rnn(torch.randn(5, 4, 3))
shown = h[0]
_, h = rnn(torch.randn(5, 4, 3), h)
""",
    "a shape that is asked for": """
_, h = nn.GRU(3, 6, 2)(torch.randn(5, 4, 3))
h[0].shape, h[0].size(1)
""",
    "the last layer": """
batch = 4
_, (h, _) = nn.LSTM(3, 6, 2, batch_first=True)(torch.randn(batch, 5, 3))
last = h[-1]
both = torch.cat((h[-2], h[-1]), dim=1)
""",
    "one layer dropped": """
batch = 4
_, h = nn.GRU(3, 6, batch_first=True)(torch.randn(batch, 5, 3))
h.squeeze(0)
""",
    "one layer, in one direction": """
_, h = nn.GRU(3, 5)(torch.randn(7, 6, 3))
h.view(-1, 5), h.view(6, -1), h.view(-1, 5, 1), h.reshape(2, 3, 5)
""",
    "features after an exchange of axes": """
_, h = nn.GRU(3, 5, bidirectional=True)(torch.randn(7, 6, 3))
h.transpose(0, 1).reshape(-1, 10, 1), h.permute(1, 0, 2).contiguous().view(-1, 10)
""",
    "layers and samples merged, beams taken apart": """
_, h = nn.GRU(3, 5, num_layers=2)(torch.randn(7, 6, 3))
h.view(-1, 5), h.view(2, -1), h.view(2, 3, 2, 5), h.view(2, 3, 10), h.flatten()
""",
    "layers and directions": """
x = torch.randn(4, 5, 3)
_, h = nn.GRU(3, 6, 2, batch_first=True, bidirectional=True)(x)
h.view(2, 2, x.size(0), 6)[-1].transpose(0, 1).reshape(x.size(0), -1)
""",
    "layers and directions by name, and by an attribute": """
class Encoder(nn.Module):
    def __init__(self, num_layers=2, bidirectional=True):
        super().__init__()
        self.num_layers, self.dirs = num_layers, 2 if bidirectional else 1
        self.rnn = nn.GRU(5, 6, num_layers, bidirectional=bidirectional)
    def forward(self, x):
        _, h = self.rnn(x)
        return h.view(self.num_layers, self.dirs, x.size(1), 6)[-1]
Encoder()(torch.randn(7, 4, 5)), Encoder(3)(torch.randn(7, 4, 5))
Encoder(3, False)(torch.randn(7, 4, 5)), Encoder(1)(torch.randn(7, 4, 5))
""",
    "both directions of the upper layers": """
_, h = nn.GRU(5, 6, 4, bidirectional=True)(torch.randn(7, 4, 5))
h.view(2, 4, 4, 6)[1], h.view(4, 2, 4, 6)[-1], h.view(2, 2, 2, 4, 6)[1, 1]
""",
    "the layers of one direction, as rows and columns": """
_, h = nn.GRU(5, 6, 6)(torch.randn(7, 4, 5))
h.view(2, 3, 4, 6), h.view(3, 2, 4, 6)
""",
    "features split in two": """
_, h = nn.GRU(5, 6, 1, bidirectional=True)(torch.randn(7, 4, 5))
h.view(2, 4, 2, 3), h.view(1, 2, 4, 6)
""",
    "made as it should be": """
batch_size, n_layers = 2, 2
h0 = torch.zeros(n_layers, batch_size, 6)
nn.GRU(3, 6, n_layers, batch_first=True)(torch.randn(batch_size, 5, 3), h0)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "hidden-state-layout" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
