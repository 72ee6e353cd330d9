import torch
import torch.nn as nn

torch.manual_seed(42)
bsz, k, V, H = 2, 3, 9, 6
emb, cell, out = nn.Embedding(V, H), nn.GRUCell(H, H), nn.Linear(H, V)


@torch.no_grad()
def decode(h0, steps=4):
    h = h0.repeat_interleave(k, 0)                       # (bsz*k, H)
    tokens = torch.zeros(bsz * k, dtype=torch.long)
    total = torch.full((bsz, k), -1e9)
    total[:, 0] = 0.0
    for _ in range(steps):
        h = cell(emb(tokens), h)
        logp = out(h).log_softmax(-1).view(bsz, k, V)
        cand = (total.unsqueeze(-1) + logp).view(bsz, k * V)
        total, idx = cand.topk(k, dim=1)
        origin = idx // V                                # which beam of its own sentence
        tokens = (idx % V).view(-1)
        h = h[origin.view(-1)]  # BUG: beams are counted within a sentence: without the offset all sentences take the states of the first
    return total


best = decode(torch.randn(bsz, H))
print("RESULT", [round(v, 4) for v in best.flatten().tolist()])
