import numpy as np, torch
np.random.seed(1)
n_classes, n = 5, 50
labels = np.random.randint(0, n_classes, n); preds = np.random.randint(0, n_classes, size=n)
onehot = (labels[:, None] == np.arange(n_classes)).astype(np.float32)
eye = np.eye(n_classes)[labels]
cm = ((labels[:, None] == np.arange(n_classes))[:, :, None] & (preds[:, None] == np.arange(n_classes))[:, None, :]).sum(axis=0)
cm2 = np.zeros((n_classes, n_classes), dtype=int)
for t, p in zip(labels, preds):
    cm2[t, p] += 1
assert (cm == cm2).all()
norm_rows = cm / cm.sum(axis=1, keepdims=True)
norm_cols = cm / cm.sum(axis=0)
precision = np.diag(cm) / cm.sum(axis=0); recall = np.diag(cm) / cm.sum(axis=1)
f1 = 2 * precision * recall / (precision + recall)
points, centres = np.random.randn(30, 2), np.random.randn(4, 2)
d = np.sqrt(((points[:, None, :] - centres[None]) ** 2).sum(-1))
d2 = (points ** 2).sum(1)[:, None] + (centres ** 2).sum(1) - 2 * points @ centres.T
d3 = ((points[:, np.newaxis] - points[np.newaxis]) ** 2).sum(axis=-1)
sq = (points ** 2).sum(axis=1, keepdims=True); d4 = sq + sq.T - 2 * points @ points.T
x = np.linspace(-3, 3, 30); diffs = x.reshape(-1, 1) - x
kernel = np.exp(-0.5 * diffs ** 2)
same = labels[:, None] == labels
assign = d.argmin(axis=1)
new = np.array([points[assign == k].mean(axis=0) for k in range(4)])
cov = (points - points.mean(0)).T @ (points - points.mean(0)) / (len(points) - 1)
corr = cov / np.outer(points.std(0), points.std(0))
u, s, vt = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
proj = (points - points.mean(axis=0)) @ vt.T
pos = np.arange(12)[:, None] / np.power(10000, 2 * (np.arange(8)[None, :] // 2) / 8)
xx, yy = np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 1, 6)); grid = np.stack([xx.ravel(), yy.ravel()], axis=1)
print("RESULT", f1.round(3).tolist(), assign.tolist()[:5], torch.tensor(onehot).sum().item(), eye.shape, d4.shape, kernel.shape, same.sum(), proj.shape, pos.shape, grid.shape, norm_rows.sum(), norm_cols.shape, corr.shape, new.shape, d3.shape, d2.shape)
