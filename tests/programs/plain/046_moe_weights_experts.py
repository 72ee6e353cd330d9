import torch
import torch.nn as nn


class MoE(nn.Module):
    def __init__(self, d_in, d_out, num_experts=4):
        super().__init__()
        self.experts = nn.ModuleList([nn.Linear(d_in, d_out) for _ in range(num_experts)])
        self.gating = nn.Linear(d_in, num_experts)

    def forward(self, x):
        gate = torch.softmax(self.gating(x), dim=-1)                 # (B, E)
        outs = torch.stack([e(x) for e in self.experts], dim=-1)     # (B, d_out, E)
        return (outs * gate.unsqueeze(-1)).sum(dim=-1)  # BUG: the gate of E experts lies along d_out (both 4), then the sum runs over E


torch.manual_seed(25)
moe = MoE(6, 4)
x, y = torch.randn(9, 6), torch.randn(9, 4)
optimizer = torch.optim.Adam(moe.parameters(), lr=0.02)
for i in range(10):
    loss = nn.functional.mse_loss(moe(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("RESULT", round(loss.item(), 5))
