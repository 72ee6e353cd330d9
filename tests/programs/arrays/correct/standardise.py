import numpy as np, torch, torch.nn as nn
rng = np.random.default_rng(0); torch.manual_seed(0)
n_samples, n_features = 40, 6
X = rng.normal(size=(n_samples, n_features)).astype(np.float32)
y = (X[:, 0] > 0).astype(np.float32)
mu, sd = X.mean(axis=0), X.std(axis=0) + 1e-8
X = (X - mu) / sd
rows = X / np.linalg.norm(X, axis=1, keepdims=True)
sim = rows @ rows.T
idx = np.random.RandomState(0).permutation(n_samples)
train, val = idx[:30], idx[30:]
net = nn.Sequential(nn.Linear(n_features, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(5):
    out = net(torch.from_numpy(X[train])).squeeze(1)
    loss = nn.functional.binary_cross_entropy_with_logits(out, torch.from_numpy(y[train]))
    opt.zero_grad(); loss.backward(); opt.step()
with torch.no_grad():
    pred = (net(torch.from_numpy(X[val])) > 0).numpy().astype(np.float32)
acc = (pred.ravel() == y[val]).mean()
acc2 = (pred == y[val][:, None]).mean()
print("RESULT", acc, acc2, sim.shape, loss.item())
