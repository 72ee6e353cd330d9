# a character stream cut into rows for a small GPT
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)
B, T = 4, 8
n_head, n_embd = 2, 8
text = "to be or not to be that is the question whether tis nobler in the mind to suffer"
vocab = sorted(set(text))
tokens = torch.tensor([vocab.index(c) for c in text])


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(n_embd), nn.LayerNorm(n_embd)
        self.c_attn, self.c_proj = nn.Linear(n_embd, 3 * n_embd), nn.Linear(n_embd, n_embd)
        self.mlp = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd))
        self.register_buffer("bias", torch.tril(torch.ones(T, T)).view(1, 1, T, T))

    def attn(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(n_embd, dim=2)
        q = q.view(B, T, n_head, C // n_head).transpose(1, 2)
        k = k.view(B, T, n_head, C // n_head).transpose(1, 2)
        v = v.view(B, T, n_head, C // n_head).transpose(1, 2)
        att = (q @ k.transpose(-2, -1)) * (C // n_head) ** -0.5
        att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))
        y = F.softmax(att, dim=-1) @ v
        return self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C))

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


wte, wpe, block = nn.Embedding(len(vocab), n_embd), nn.Embedding(T, n_embd), Block()
params = [*wte.parameters(), *wpe.parameters(), *block.parameters()]
opt = torch.optim.AdamW(params, lr=1e-2)
for i in range(6):
    buf = tokens[i:i + B * T + 1]
    x, y = buf[:-1].view(B, T), buf[1:].view(B, T)
    h = block(wte(x) + wpe(torch.arange(T)))
    logits = h @ wte.weight.t()
    loss = F.cross_entropy(logits.view(-1, logits.size(-1)), y.view(-1))
    opt.zero_grad(set_to_none=True)
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
