import torch
from torch import nn, einsum
import torch.nn.functional as F


class Attention(nn.Module):
    def __init__(self, dim, heads=4, dim_head=4):
        super().__init__()
        inner = heads * dim_head
        self.heads, self.scale = heads, dim_head ** -0.5
        self.to_qkv = nn.Linear(dim, inner * 3, bias=False)
        self.to_out = nn.Linear(inner, dim)

    def forward(self, x):
        b, n, _ = x.shape
        h = self.heads
        q, k, v = map(lambda t: t.view(b, n, h, -1).transpose(1, 2), self.to_qkv(x).chunk(3, dim=-1))
        dots = einsum("b h i d, b h j d -> b h i j", q, k) * self.scale
        attn = dots.softmax(dim=-1)
        out = einsum("b h i j, b h j d -> b h i d", attn, v)
        out = out.transpose(1, 2).reshape(b, n, -1)
        return self.to_out(out)


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attn = Attention(dim)
        self.ff = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.ff(self.norm2(x))


torch.manual_seed(5)
model = nn.Sequential(Block(12), Block(12))
head = nn.Linear(12, 2)
seqs = torch.randn(6, 5, 12)
ys = torch.randint(0, 2, (6,))
opt = torch.optim.Adam([*model.parameters(), *head.parameters()], lr=3e-3)
for _ in range(10):
    logits = head(model(seqs).mean(1))
    loss = F.cross_entropy(logits, ys)
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
