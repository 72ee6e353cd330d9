import math
import torch
import torch.nn as nn

torch.manual_seed(24)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=30):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(position * div_term)
        pe[:, 0, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):                        # [seq_len, batch_size, embedding_dim]
        return x + self.pe[:x.size(0)]


def timestep_embedding(t, dim):
    half = dim // 2
    freqs = torch.exp(-math.log(10000) * torch.arange(half) / half)
    args = t[:, None].float() * freqs[None]
    return torch.cat([args.cos(), args.sin()], dim=-1)


def rotary(x):
    b, t, d = x.shape
    angles = torch.arange(t)[:, None] * (10000 ** (-torch.arange(0, d, 2) / d))
    x1, x2 = x[..., 0::2], x[..., 1::2]
    return torch.stack([x1 * angles.cos() - x2 * angles.sin(), x1 * angles.sin() + x2 * angles.cos()], -1).flatten(-2)


batch_size, seq_len, d = 8, 8, 8
x = torch.randn(seq_len, batch_size, d)
out = PositionalEncoding(d)(x)
print("RESULT", round(out.sum().item(), 4), round(timestep_embedding(torch.arange(batch_size), d).sum().item(), 4),
      round(rotary(x.transpose(0, 1)).abs().sum().item(), 4))
