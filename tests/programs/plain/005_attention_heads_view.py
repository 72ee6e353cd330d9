import math
import torch
import torch.nn as nn

torch.manual_seed(3)


class MyMultiheadAttention(nn.Module):
    """Copied from the blog, with my own comments."""

    def __init__(self, d_model, n_head):
        super().__init__()
        assert d_model % n_head == 0
        self.d_k = d_model // n_head
        self.h = n_head
        self.w_q = nn.Linear(d_model, d_model)
        self.w_k = nn.Linear(d_model, d_model)
        self.w_v = nn.Linear(d_model, d_model)
        self.w_o = nn.Linear(d_model, d_model)

    def split(self, x):
        bsz, seq_len, d_model = x.size()
        return x.view(bsz, self.h, seq_len, self.d_k)  # BUG: the view cuts heads out of time steps; head and d_k live in the last axis

    def forward(self, x):
        q, k, v = self.split(self.w_q(x)), self.split(self.w_k(x)), self.split(self.w_v(x))
        att = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(self.d_k)
        att = att.softmax(dim=-1)
        y = torch.matmul(att, v)
        bsz, h, seq_len, d_k = y.size()
        y = y.transpose(1, 2).contiguous().view(bsz, seq_len, h * d_k)
        return self.w_o(y)


mha = MyMultiheadAttention(d_model=8, n_head=2)
x = torch.randn(2, 6, 8)
with torch.no_grad():
    print("RESULT", [round(v, 4) for v in mha(x)[0, 0].tolist()])
