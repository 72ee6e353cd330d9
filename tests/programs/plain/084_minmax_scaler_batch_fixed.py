import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(63)
torch.manual_seed(63)
# spectra from different devices: each one must be scaled by its own range
spectra = rng.rand(12, 30) * rng.uniform(0.5, 20, size=(12, 1))
labels = (spectra.argmax(axis=1) > 15).astype(np.int64)

lo, hi = spectra.min(axis=1, keepdims=True), spectra.max(axis=1, keepdims=True)
X = torch.tensor((spectra - lo) / (hi - lo), dtype=torch.float32)
y = torch.from_numpy(labels)
model = nn.Sequential(nn.Linear(30, 10), nn.ReLU(), nn.Linear(10, 2))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(10):
    loss = nn.functional.cross_entropy(model(X), y)
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
