import torch

torch.manual_seed(4)
points = torch.cat([torch.randn(8, 3) + 2, torch.randn(4, 3) - 2, torch.randn(5, 3)])
k = 3
centroids = points[[0, 8, 12]].clone()
for _ in range(5):
    d = torch.cdist(points, centroids)          # (n, k)
    assign = d.argmin(dim=1)
    one_hot = torch.nn.functional.one_hot(assign, k).float()
    counts = one_hot.sum(dim=0).clamp(min=1)
    centroids = (one_hot.t() @ points) / counts  # BUG: counts belong to clusters (rows of the quotient), broadcast here over the coordinates
inertia = torch.cdist(points, centroids).min(dim=1).values.pow(2).sum()
print("RESULT", round(inertia.item(), 4))
