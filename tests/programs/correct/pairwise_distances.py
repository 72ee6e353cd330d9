import torch

torch.manual_seed(4)
x, y = torch.randn(6, 3), torch.randn(6, 3)
by_hand = ((x[:, None, :] - y[None, :, :]) ** 2).sum(-1).sqrt()
sq = (x * x).sum(1, keepdim=True) + (y * y).sum(1) - 2 * x @ y.t()
expanded = sq.clamp(min=0).sqrt()
unsq = (x.unsqueeze(1) - y.unsqueeze(0)).norm(dim=2)
assert torch.allclose(by_hand, expanded, atol=1e-4) and torch.allclose(by_hand, unsq, atol=1e-5)
rbf = torch.exp(-by_hand ** 2 / 2)
rbf = rbf / rbf.sum(dim=1, keepdim=True)
print("RESULT", round((rbf @ y).sum().item(), 5))
