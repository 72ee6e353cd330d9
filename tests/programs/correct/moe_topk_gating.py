import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(30)


class TopKMoE(nn.Module):
    def __init__(self, dim=6, experts=4, k=2):
        super().__init__()
        self.k = k
        self.gate = nn.Linear(dim, experts)
        self.w1 = nn.Parameter(torch.randn(experts, dim, 12) * 0.3)
        self.w2 = nn.Parameter(torch.randn(experts, 12, dim) * 0.3)

    def forward(self, x):
        b, t, d = x.shape
        flat = x.reshape(b * t, d)
        weight, chosen = self.gate(flat).softmax(dim=-1).topk(self.k, dim=-1)
        weight = weight / weight.sum(dim=-1, keepdim=True)
        out = torch.zeros_like(flat)
        for e in range(self.w1.size(0)):
            row, slot = (chosen == e).nonzero(as_tuple=True)
            y = F.relu(flat[row] @ self.w1[e]) @ self.w2[e]
            out.index_add_(0, row, y * weight[row, slot].unsqueeze(-1))
        importance = self.gate(flat).softmax(-1).sum(0)
        balance = importance.var() / importance.mean() ** 2
        return out.view(b, t, d), balance


class SoftMoE(nn.Module):
    def __init__(self, dim=6, slots=4):
        super().__init__()
        self.phi = nn.Parameter(torch.randn(dim, slots))
        self.mlp = nn.Linear(dim, dim)

    def forward(self, x):
        logits = x @ self.phi                             # (batch, token, slot)
        dispatch, combine = logits.softmax(dim=1), logits.softmax(dim=2)
        slots = self.mlp(torch.einsum("bts,btd->bsd", dispatch, x))
        return torch.einsum("bts,bsd->btd", combine, slots)


x = torch.randn(4, 4, 6)
y, balance = TopKMoE()(x)
print("RESULT", round(y.sum().item(), 5), round(balance.item(), 5), round(SoftMoE()(x).sum().item(), 5))
