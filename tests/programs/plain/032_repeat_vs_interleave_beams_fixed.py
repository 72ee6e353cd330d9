import torch

torch.manual_seed(11)
batch, beam, vocab = 3, 2, 7
W = torch.randn(5, vocab)
memory = torch.randn(batch, 5)

def score(tokens_scores, beam):
    # every sentence needs `beam` copies of its memory, side by side
    expanded = memory.repeat_interleave(beam, dim=0)
    logp = torch.log_softmax(expanded @ W, dim=-1).view(batch, beam, vocab)
    total = tokens_scores.unsqueeze(-1) + logp
    return total.view(batch, -1).topk(beam, dim=-1)

scores = torch.tensor([[0.0, -1.0], [0.0, -2.0], [0.0, -0.5]])
top, idx = score(scores, beam)
print("tokens", (idx % vocab).tolist())
print("RESULT", [[round(v, 4) for v in row] for row in top.tolist()])
