import numpy as np, torch, torch.nn as nn
rng = np.random.default_rng(0); torch.manual_seed(0)
n_samples, n_features = 60, 5
X = rng.normal(size=(n_samples, n_features)).astype(np.float32)
y = (X[:, 0] + X[:, 1] > 0).astype(np.float32)
net = nn.Sequential(nn.Linear(n_features, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
xb, yb = torch.from_numpy(X), torch.from_numpy(y)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for e in range(20):
    loss = nn.functional.binary_cross_entropy(net(xb).squeeze(1), yb)
    opt.zero_grad(); loss.backward(); opt.step()
with torch.no_grad():
    probs = net(xb).numpy()
preds = (probs > 0.5).astype(np.float32)
acc = (preds == y).mean()
print("RESULT", acc)
