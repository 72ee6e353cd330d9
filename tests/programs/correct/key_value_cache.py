import torch
import torch.nn as nn

torch.manual_seed(64)
B, D, V, H = 2, 8, 11, 2


class CachedAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)

    def forward(self, x, cache=None):
        b, t, _ = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, H, D // H).permute(2, 0, 3, 1, 4)
        past = 0
        if cache is not None:
            past = cache[0].size(2)
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = torch.arange(past + t)[None, :] <= torch.arange(past, past + t)[:, None]
        y = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out(y.transpose(1, 2).reshape(b, t, D)), (k, v)


emb, attn, head = nn.Embedding(V, D), CachedAttention(), nn.Linear(D, V)
prompt = torch.randint(0, V, (B, 3))
with torch.no_grad():
    y, cache = attn(emb(prompt))
    tokens, step = [prompt], head(y[:, -1:]).argmax(-1)
    for _ in range(4):
        tokens.append(step)
        y, cache = attn(emb(step), cache)
        step = head(y[:, -1:]).argmax(-1)
    sequence = torch.cat(tokens, dim=1)
    full, _ = attn(emb(sequence))
assert torch.allclose(full[:, -1:], y, atol=1e-5)
print("RESULT", sequence.tolist())
