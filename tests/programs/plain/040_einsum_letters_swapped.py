import torch

torch.manual_seed(19)
B, H, S, D = 2, 2, 5, 5
q = torch.randn(B, S, H, D)
k = torch.randn(B, S, H, D)
v = torch.randn(B, S, H, D)
scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / D ** 0.5
probs = scores.softmax(-1)
out = torch.einsum("bhqk,bqhd->bkhd", probs, v)  # BUG: sums over the queries (q) although the weights are normalised over the keys (k)
print("RESULT", tuple(out.shape), [round(x, 4) for x in out[0, 0, 0].tolist()])
