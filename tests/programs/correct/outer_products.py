import torch

torch.manual_seed(23)
a, b = torch.randn(5), torch.randn(5)
outer = a.unsqueeze(1) * b.unsqueeze(0)
assert torch.allclose(outer, torch.outer(a, b))
assert torch.allclose(a[:, None] + b[None, :], torch.stack([x + b for x in a]))
cov = (outer - outer.mean(0)).t() @ (outer - outer.mean(0)) / 4
batch = torch.randn(3, 5)
per_sample = torch.einsum("bi,bj->bij", batch, batch)
assert torch.allclose(per_sample, batch.unsqueeze(2) * batch.unsqueeze(1))
print("RESULT", round(cov.trace().item(), 5), round(per_sample.sum().item(), 4))
