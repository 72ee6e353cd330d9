import torch

torch.manual_seed(33)
b, n, h, d = 2, 6, 2, 6
q, k, v = (torch.randn(b, n, h, d) for _ in range(3))
scores = torch.einsum("bihd,bjhd->bhij", q, k) / d ** 0.5
out = torch.einsum("bhij,bjhd->bihd", scores.softmax(dim=-1), v)
merged = out.flatten(2)
linear = torch.einsum("bnhd,bnhe->bhde", k.softmax(dim=1), v)
out2 = torch.einsum("bnhd,bhde->bnhe", q.softmax(dim=-1), linear)
axial = torch.einsum("...ij,...jk->...ik", scores.softmax(-1), scores.softmax(-1))
print("RESULT", round(merged.sum().item(), 5), round(out2.sum().item(), 5), round(axial.sum().item(), 4))
