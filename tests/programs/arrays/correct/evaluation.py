import numpy as np, torch, torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0); rng = np.random.RandomState(0)
N, T, D, C = 48, 7, 4, 3
X = rng.randn(N, T, D).astype("float32"); Y = rng.randint(0, C, size=(N,))
loader = DataLoader(TensorDataset(torch.tensor(X), torch.tensor(Y)), batch_size=16)
net = nn.Sequential(nn.Flatten(), nn.Linear(T * D, C))
all_logits, all_y, losses = [], [], []
for xb, yb in loader:
    logits = net(xb)
    losses.append(nn.functional.cross_entropy(logits, yb).item())
    all_logits.append(logits.detach().cpu().numpy()); all_y.append(yb.numpy())
logits, y = np.concatenate(all_logits), np.concatenate(all_y)
pred = logits.argmax(axis=1)
acc = (pred == y).mean(); acc_n = np.sum(pred == y) / len(y)
top2 = np.argsort(-logits, axis=1)[:, :2]
top2_acc = (top2 == y[:, None]).any(axis=1).mean()
per_class = [(pred[y == c] == c).mean() for c in range(C)]
p = np.exp(logits - logits.max(1, keepdims=True)); p /= p.sum(1, keepdims=True)
nll = -np.log(p[np.arange(N), y]).mean()
brier = ((p - np.eye(C)[y]) ** 2).sum(axis=1).mean()
ens = np.stack([p, p, p]); mean_p = ens.mean(axis=0); vote = ens.argmax(-1)
maj = np.array([np.bincount(vote[:, i], minlength=C).argmax() for i in range(N)])
thr = np.linspace(0, 1, 11)
tpr = ((p[:, 1][:, None] > thr) & (y == 1)[:, None]).sum(0) / (y == 1).sum()
tpr2 = (p[:, 1] > thr[:, None])[:, y == 1].mean(axis=1)
flat = X.reshape(N * T, D); flat = (flat - flat.mean(0)) / flat.std(0); back = flat.reshape(N, T, D)
mu = X.mean(axis=(0, 1), keepdims=True); Z = (X - mu) / X.std(axis=(0, 1), keepdims=True)
inst = (X - X.mean(axis=1, keepdims=True)) / (X.std(axis=1, keepdims=True) + 1e-6)
inst2 = X - X.mean(axis=1)[:, None, :]
tm = X.transpose(1, 0, 2); t2 = np.moveaxis(X, 1, 0); assert (tm == t2).all()
running = np.cumsum(losses) / np.arange(1, len(losses) + 1)
smooth = np.convolve(losses, np.ones(2) / 2, mode="valid")
lens = rng.randint(1, T + 1, size=N); mask = np.arange(T)[None, :] < lens[:, None]
masked = (X * mask[:, :, None]).sum(axis=1) / lens[:, None]
np.testing.assert_allclose(acc, acc_n)
print("RESULT", acc, round(float(nll), 5), round(float(brier), 5), top2_acc, per_class, maj.shape, tpr.round(2).tolist() == tpr2.round(2).tolist(), back.shape, Z.shape, inst.shape, inst2.shape, running.shape, smooth.shape, masked.shape, mean_p.shape)
