import numpy as np, torch, torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
np.random.seed(0); torch.manual_seed(0)
X = np.random.randn(64, 6).astype(np.float32); y = X.sum(axis=1) + 0.1 * np.random.randn(64).astype(np.float32)
loader = DataLoader(TensorDataset(torch.from_numpy(X), torch.from_numpy(y)), batch_size=16)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1)); opt = torch.optim.Adam(net.parameters(), 1e-2)
preds, targets = [], []
for xb, yb in loader:
    out = net(xb); loss = nn.functional.mse_loss(out, yb[:, None]); opt.zero_grad(); loss.backward(); opt.step()
    preds.append(out.detach().numpy()); targets.append(yb.numpy())
preds, targets = np.concatenate(preds), np.concatenate(targets)
ss_res = np.sum((targets - preds[:, 0]) ** 2); ss_tot = np.sum((targets - targets.mean()) ** 2)
print("RESULT", 1 - ss_res / ss_tot)
