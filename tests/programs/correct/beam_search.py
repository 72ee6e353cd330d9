import torch
import torch.nn as nn

torch.manual_seed(18)
bsz, beam, V, H = 2, 3, 8, 5
emb, gru, out = nn.Embedding(V, H), nn.GRU(H, H), nn.Linear(H, V)


@torch.no_grad()
def search(h, steps):
    h = h.repeat_interleave(beam, dim=1)                        # (1, bsz * beam, H)
    tokens = torch.zeros(bsz, beam, 1, dtype=torch.long)
    scores = torch.full((bsz, beam), float("-inf"))
    scores[:, 0] = 0
    offset = (torch.arange(bsz) * beam).unsqueeze(1)
    for _ in range(steps):
        o, h = gru(emb(tokens[:, :, -1].reshape(1, -1)), h)
        logp = out(o.squeeze(0)).log_softmax(-1).view(bsz, beam, V)
        total = (scores.unsqueeze(2) + logp).view(bsz, beam * V)
        scores, flat = total.topk(beam, dim=1)
        origin, word = torch.div(flat, V, rounding_mode="floor"), flat % V
        h = h.index_select(1, (origin + offset).view(-1))
        tokens = torch.cat([tokens.gather(1, origin.unsqueeze(2).expand(-1, -1, tokens.size(2))), word.unsqueeze(2)], dim=2)
    return tokens, scores


tokens, scores = search(torch.randn(1, bsz, H), 4)
print("RESULT", tokens[0, 0].tolist(), [round(s, 4) for s in scores[:, 0].tolist()])
