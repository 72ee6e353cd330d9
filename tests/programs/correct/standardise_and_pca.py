import torch

torch.manual_seed(63)
X = torch.randn(12, 12) @ torch.randn(12, 12)
mean, std = X.mean(dim=0), X.std(dim=0)
Z = (X - mean) / std
rows = (X - X.mean(dim=1, keepdim=True)) / X.std(dim=1, keepdim=True)
lo, hi = X.min(dim=0).values, X.max(dim=0).values
scaled = (X - lo) / (hi - lo)
U, S, Vh = torch.linalg.svd(Z, full_matrices=False)
scores = Z @ Vh[:3].T
corr = Z.T @ Z / 11
white = (X - mean) @ torch.linalg.inv(torch.linalg.cholesky(torch.cov(X.T) + 1e-3 * torch.eye(12))).T
print("RESULT", round(scores.abs().sum().item(), 3), round(corr.diagonal().mean().item(), 4),
      round((scaled.sum() + rows.abs().sum()).item(), 3), round(white.std().item(), 3))
