import numpy as np, torch, torch.nn as nn
from torch.utils.data import Dataset, DataLoader
rng = np.random.default_rng(0); torch.manual_seed(0)
class Series(Dataset):
    def __init__(self, n_samples=64, seq_len=12, n_features=3):
        t = np.arange(seq_len); phase = rng.random((n_samples, 1)) * 6
        self.X = np.stack([np.sin(t * .3 + phase), np.cos(t * .3 + phase), np.broadcast_to(t / seq_len, (n_samples, seq_len))], axis=-1).astype(np.float32)
        self.y = np.sin(seq_len * .3 + phase).astype(np.float32)
        self.mean, self.std = self.X.reshape(-1, n_features).mean(axis=0), self.X.reshape(-1, n_features).std(axis=0)
    def __len__(self):
        return len(self.X)
    def __getitem__(self, i):
        x = (self.X[i] - self.mean) / self.std
        return torch.from_numpy(x), torch.from_numpy(self.y[i])
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.rnn = nn.GRU(3, 8, batch_first=True); self.out = nn.Linear(8, 1)
    def forward(self, x):
        h, _ = self.rnn(x); return self.out(h[:, -1])
data = Series(); net = Net(); opt = torch.optim.Adam(net.parameters(), 1e-2)
history = {"loss": [], "val": []}
for epoch in range(3):
    losses, outs, targets = [], [], []
    for x, y in DataLoader(data, batch_size=20, shuffle=True):
        p = net(x); loss = nn.functional.mse_loss(p, y); opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item()); outs.append(p.detach().numpy()); targets.append(y.numpy())
    outs, targets = np.concatenate(outs), np.concatenate(targets)
    history["loss"].append(np.mean(losses)); history["val"].append(float(np.abs(outs - targets).mean()))
P, Y = outs.ravel(), targets.ravel(); r2 = 1 - ((P - Y) ** 2).sum() / ((Y - Y.mean()) ** 2).sum(); order = np.argsort(Y); bins = np.digitize(Y, np.linspace(-1, 1, 5)); by_bin = [np.abs(P[bins == b] - Y[bins == b]).mean() for b in np.unique(bins)]
window = data.X[0][None]; preds = []
with torch.no_grad():
    for _ in range(5):
        nxt = net(torch.from_numpy((window - data.mean) / data.std)).numpy(); preds.append(nxt[0, 0]); row = np.concatenate([nxt, window[:, -1, 1:]], axis=1); window = np.concatenate([window[:, 1:], row[:, None]], axis=1)
W = net.rnn.weight_ih_l0.detach().numpy(); gates = W.reshape(3, 8, 3); norms = np.linalg.norm(gates, axis=(1, 2)); sal = np.abs(gates).sum(axis=1); sal = sal / sal.sum(axis=1, keepdims=True); h = net.rnn(torch.from_numpy(data.X[:6]))[0].detach().numpy(); heat = h[0].T; flat = h.reshape(-1, 8); u, s, vt = np.linalg.svd(flat - flat.mean(0), full_matrices=False); traj = (u[:, :2] * s[:2]).reshape(6, -1, 2); act = h.mean(axis=(0, 1)); top = act.argsort()[::-1][:3]; corr = np.corrcoef(flat.T); dead = (np.abs(h) < 1e-3).all(axis=(0, 1)); by_time = h.std(axis=0).mean(axis=-1); delta = np.abs(np.diff(h, axis=1)).mean(axis=(0, 2)); lastn = h[:, -1]; sims = lastn @ lastn.T / np.outer(np.linalg.norm(lastn, axis=1), np.linalg.norm(lastn, axis=1))
curve = np.array([history["loss"], history["val"]]).T; best = curve[:, 1].argmin(); ema = [curve[0, 0]]
for v in curve[1:, 0]: ema.append(.9 * ema[-1] + .1 * v)
print("RESULT", [round(float(v), 4) for v in history["val"]], round(float(r2), 4), len(by_bin), len(preds), norms.shape, traj.shape, corr.shape, dead.sum(), by_time.shape, delta.shape, sims.shape, best, heat.shape, sal.shape, top.shape)
