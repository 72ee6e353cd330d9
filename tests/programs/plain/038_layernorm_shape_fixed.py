import torch
import torch.nn as nn

torch.manual_seed(17)
N, T, D = 4, 8, 8


class MLPMixer(nn.Module):
    """Token mixing, then channel mixing."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(D)
        self.token_mix = nn.Sequential(nn.Linear(T, 16), nn.GELU(), nn.Linear(16, T))
        self.channel_mix = nn.Sequential(nn.Linear(D, 16), nn.GELU(), nn.Linear(16, D))

    def forward(self, x):
        y = self.norm(x)
        x = x + self.token_mix(y.transpose(1, 2)).transpose(1, 2)
        return x + self.channel_mix(self.norm(x))


mixer = MLPMixer().eval()
x = torch.randn(N, T, D)
with torch.no_grad():
    out = mixer(x)
print("RESULT", round((out * torch.linspace(-1, 1, D)).sum().item(), 4))
