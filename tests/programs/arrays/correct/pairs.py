import numpy as np, torch
rng = np.random.default_rng(1)
n, m, dim = 20, 20, 3
x, y = rng.normal(size=n), rng.normal(size=n)
D = np.abs(x[:, None] - y); D2 = (x.reshape(-1, 1) - y) ** 2; D3 = np.subtract.outer(x, y)
dtw = np.full((n + 1, n + 1), np.inf); dtw[0, 0] = 0
for i in range(n):
    for j in range(n):
        dtw[i + 1, j + 1] = D[i, j] + min(dtw[i, j + 1], dtw[i + 1, j], dtw[i, j])
K = np.exp(-.5 * (x[:, np.newaxis] - y) ** 2); a, b = np.ones(n) / n, np.ones(n) / n; u = np.ones(n)
for _ in range(20):
    v = b / (K.T @ u); u = a / (K @ v)
P = u[:, None] * K * v; P2 = np.diag(u) @ K @ np.diag(v)
rank = (x[:, None] > x).sum(axis=1); conc = np.sign(x[:, None] - x) * np.sign(y[:, None] - y); tau = conc.sum() / (n * (n - 1))
scores, labels = rng.random(n), rng.integers(0, 2, n); pos, neg = scores[labels == 1], scores[labels == 0]; auc = (pos[:, None] > neg).mean()
ecdf = (x[:, None] >= np.sort(x)).mean(axis=0)
P1, Q1 = rng.normal(size=(n, dim)), rng.normal(size=(m, dim)); d = ((P1[:, None] - Q1) ** 2).sum(-1); dd = np.linalg.norm(P1[:, None, :] - Q1[None, :, :], axis=-1); cdist = (P1 ** 2).sum(1, keepdims=True) + (Q1 ** 2).sum(1) - 2 * P1 @ Q1.T
Xn, Yn = P1 / np.linalg.norm(P1, axis=1)[:, None], Q1 / np.linalg.norm(Q1, axis=1, keepdims=True); cos = Xn @ Yn.T; cos2 = (P1 @ Q1.T) / (np.linalg.norm(P1, axis=1).reshape(-1, 1) * np.linalg.norm(Q1, axis=1)); cos3 = P1 @ Q1.T / np.outer(np.linalg.norm(P1, axis=1), np.linalg.norm(Q1, axis=1))
nn_idx = d.argmin(axis=1); k = np.argsort(d, axis=1)[:, :3]; vote = labels[k].mean(axis=1) > .5; acc = (vote == labels).mean()
mat = rng.random((n, n)); sym = (mat + mat.T) / 2; lap = np.diag(sym.sum(axis=1)) - sym; z = mat - mat.mean(axis=0, keepdims=True); dc = sym - sym.mean(0) - sym.mean(1)[:, None] + sym.mean()
players = n; elo = rng.random(players); win = 1 / (1 + 10 ** ((elo - elo[:, None]) / 400))
times = np.arange(n); decay = np.tril(.9 ** np.maximum(times[:, None] - times, 0)); disc = decay @ x; causal = times[:, None] >= times; ring = (times[:, None] + 1) % n == times; vander = x[:, None] ** np.arange(4); fourier = np.exp(-2j * np.pi * times[:, None] * times / n) @ x; assert np.allclose(fourier, np.fft.fft(x))
hankel = x[times[:5, None] + times[:10]]; freq = 1 / 10000 ** (np.arange(0, 8, 2) / 8); ang = times[:, None] * freq; pe = np.concatenate([np.sin(ang), np.cos(ang)], axis=1)
gini = np.abs(x[:, None] - x).mean() / (2 * np.abs(x).mean()); mmd = K.mean() + np.exp(-.5 * (x[:, None] - x) ** 2).mean() - 2 * np.exp(-.5 * (y[:, None] - y) ** 2).mean(); energy = 2 * np.abs(x[:, None] - y).mean() - np.abs(x[:, None] - x).mean() - np.abs(y[:, None] - y).mean()
crps = np.abs(x - .3).mean() - .5 * np.abs(x[:, None] - x[None]).mean()
print("RESULT", dtw[-1, -1].round(4), tau.round(4), auc.round(4), acc, np.allclose(P, P2), pe.shape, hankel.shape, np.allclose(cos, cos2), np.allclose(cos, cos3), rank.shape, ecdf.shape, win.shape, dc.shape, disc.shape, torch.tensor(d).shape, gini.round(4), mmd.round(4), energy.round(4), lap.shape, ring.sum(), causal.sum())
