import numpy as np, torch
np.random.seed(2)
n = 6
A = np.random.rand(n, n)
for _ in range(20):  # Sinkhorn
    A = A / A.sum(axis=1, keepdims=True)
    A = A / A.sum(axis=0, keepdims=True)
adj = (np.random.rand(n, n) > 0.5).astype(float); adj = np.maximum(adj, adj.T) + np.eye(n)
deg = adj.sum(axis=1)
norm = adj / np.sqrt(deg)[:, None] / np.sqrt(deg)[None, :]
sym = np.diag(deg ** -0.5) @ adj @ np.diag(deg ** -0.5)
walk = adj / deg                       # columns: symmetric matrix, column-stochastic
P = np.random.rand(n, n); P = P / P.sum(axis=0)
v = np.ones(n) / n
for _ in range(10):
    v = 0.85 * P @ v + 0.15 / n
gram = np.random.randn(n, 3); gram = gram @ gram.T
H = np.eye(n) - np.ones((n, n)) / n
centred = gram - gram.mean(axis=0) - gram.mean(axis=1, keepdims=True) + gram.mean()
c2 = gram - gram.mean(0)[None, :] - gram.mean(1)[:, None] + gram.mean()
print("RESULT", A.sum().round(6), v.sum().round(6), norm.shape, sym.shape, walk.sum(0).round(3).tolist(), np.allclose(centred, H @ gram @ H), np.allclose(c2, centred), torch.tensor(norm).shape)
