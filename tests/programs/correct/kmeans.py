import torch

torch.manual_seed(5)
N, D, K = 30, 2, 3
x = torch.cat([torch.randn(10, D) + c for c in (0.0, 5.0, -5.0)])
centers = x[torch.randperm(N)[:K]]
for _ in range(8):
    dist = ((x[:, None] - centers[None]) ** 2).sum(dim=2)
    labels = dist.argmin(dim=1)
    centers = torch.stack([
        x[labels == k].mean(dim=0) if (labels == k).any() else centers[k] for k in range(K)
    ])
sizes = torch.bincount(labels, minlength=K)
print("RESULT", sorted(sizes.tolist()), round(dist.min(dim=1).values.mean().item(), 4))
