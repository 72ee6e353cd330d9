import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
n_steps, n_features, window = 60, 3, 10
series = np.cumsum(np.random.randn(n_steps, n_features), axis=0).astype(np.float32)
series = (series - series.min(axis=0)) / (series.max(axis=0) - series.min(axis=0))
w = np.lib.stride_tricks.sliding_window_view(series, window, axis=0)
X = np.swapaxes(w[:-1], 1, 2).copy()
y = series[window:, 0]
X2 = np.array([series[i:i + window] for i in range(n_steps - window)])
X3 = np.stack([series[i:i + window].T for i in range(n_steps - window)], axis=0)
assert np.allclose(X, X2)
as_strided = np.lib.stride_tricks.as_strided(series, (n_steps - window + 1, window, n_features), (series.strides[0], series.strides[0], series.strides[1]))
frames = series.reshape(n_steps // 4, 4, n_features)
blocks = series.reshape(n_steps // 4, 4 * n_features)
means = frames.mean(axis=1)
diff = np.diff(series, axis=0)
ret = series[1:] / (series[:-1] + 1e-3) - 1
uni = series[:, 0].reshape(-1, 1)
uni_w = np.array([uni[i:i + window] for i in range(len(uni) - window)])
uni_w = uni_w.reshape(uni_w.shape[0], uni_w.shape[1], 1)
seq_first = uni_w.reshape(window, -1, 1) if False else uni_w.transpose(1, 0, 2)
lstm, fc = nn.LSTM(n_features, 6, batch_first=True), nn.Linear(6, 1)
for e in range(2):
    out, _ = lstm(torch.tensor(X)); p = fc(out[:, -1])[:, 0]
    loss = ((p - torch.tensor(y)) ** 2).mean(); loss.backward()
pred = p.detach().numpy()
rmse = np.sqrt(np.mean((pred - y) ** 2)); mape = np.mean(np.abs((y - pred) / (np.abs(y) + 1)))
pred2 = fc(out[:, -1]).detach().numpy(); truth = y.reshape(-1, 1)
r2 = 1 - ((truth - pred2) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
print("RESULT", round(float(rmse), 5), round(float(mape), 5), round(float(r2), 5), X2.shape, X3.shape, as_strided.shape, blocks.shape, means.shape, diff.shape, ret.shape, seq_first.shape)
