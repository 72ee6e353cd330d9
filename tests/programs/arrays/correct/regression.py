import numpy as np, torch, torch.nn as nn
rng = np.random.default_rng(3); torch.manual_seed(3)
N = 40
x = np.linspace(-2, 2, N); y = x ** 3 + rng.normal(0, 0.3, N)
A = np.vander(x, 4); w, *_ = np.linalg.lstsq(A, y, rcond=None); fit = A @ w
A1 = np.column_stack([x, np.ones(N)]); w1 = np.linalg.inv(A1.T @ A1) @ A1.T @ y
xt = torch.tensor(x[:, None], dtype=torch.float32); yt = torch.FloatTensor(y).view(-1, 1)
net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
pred = net(xt).detach().numpy()
mse = np.mean((pred.squeeze() - y) ** 2); mse2 = np.mean((pred - y[:, None]) ** 2); mse3 = ((pred[:, 0] - y) ** 2).mean(); mse4 = np.mean((pred - yt.numpy()) ** 2)
y_mean, y_std = y.mean(), y.std(); ys = (y - y_mean) / y_std
X2 = np.hstack([x.reshape(-1, 1), (x ** 2).reshape(-1, 1)]); X3 = np.c_[x, x ** 2]; X4 = np.stack([x, x ** 2], axis=1)
assert np.allclose(X2, X3) and np.allclose(X2, X4)
order = np.argsort(x); xs, p = x[order], pred[order]
boot = np.array([fit[rng.integers(0, N, N)].mean() for _ in range(10)])
samples = np.stack([fit + rng.normal(0, 1, N) for _ in range(5)]); lo, hi = np.percentile(samples, [5, 95], axis=0)
band = (y > lo) & (y < hi)
surface = np.sin(x)[:, None] * np.cos(x)[None, :]; s2 = np.outer(np.sin(x), np.cos(x)); s3 = np.sin(x).reshape(N, 1) * np.cos(x)
acf = np.array([np.corrcoef(y[:-k], y[k:])[0, 1] for k in range(1, 4)])
toeplitz = y[np.abs(np.arange(N)[:, None] - np.arange(N)[None, :])]
poly = x[:, np.newaxis] ** np.arange(4)
rbf = np.exp(-((x[:, None] - np.linspace(-2, 2, 5)) ** 2))
rbf_n = np.exp(-((x[:, None] - x) ** 2)); rbf_m = np.exp(-((x.reshape(-1, 1) - x.reshape(1, -1)) ** 2))
print("RESULT", round(float(mse), 5), np.isclose(mse, mse2), np.isclose(mse, mse3), np.isclose(mse2, mse4), w1.round(3).tolist(), boot.shape, band.mean(), np.allclose(surface, s2), s3.shape, acf.round(3).tolist(), toeplitz.shape, poly.shape, rbf.shape, rbf_n.shape, rbf_m.shape, p.shape, xs.shape, ys.std().round(3), A1.shape)
