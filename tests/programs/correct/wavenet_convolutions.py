import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(51)


class CausalConv(nn.Module):
    def __init__(self, c, dilation):
        super().__init__()
        self.pad = dilation
        self.conv = nn.Conv1d(c, 2 * c, 2, dilation=dilation)
        self.mix = nn.Conv1d(c, c, 1)

    def forward(self, x):
        a, b = self.conv(F.pad(x, (self.pad, 0))).chunk(2, dim=1)
        z = torch.tanh(a) * torch.sigmoid(b)
        return x + self.mix(z), z


levels, c = 8, 8
embed = nn.Embedding(levels, c)
layers = nn.ModuleList(CausalConv(c, 2 ** i) for i in range(3))
out = nn.Conv1d(c, levels, 1)
wave = torch.randint(0, levels, (8, 9))
opt = torch.optim.Adam([*embed.parameters(), *layers.parameters(), *out.parameters()], lr=0.01)
for _ in range(4):
    x, skip = embed(wave[:, :-1]).transpose(1, 2), 0
    for layer in layers:
        x, z = layer(x)
        skip = skip + z
    logits = out(F.relu(skip))
    loss = F.cross_entropy(logits, wave[:, 1:])
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
