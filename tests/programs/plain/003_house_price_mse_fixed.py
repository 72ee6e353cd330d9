import torch, torch.nn as nn
import numpy as np

# Boston-like toy housing data
rng = np.random.RandomState(0)
features = rng.rand(60, 4).astype("float32")
weights = np.array([3.0, -2.0, 0.5, 1.0], dtype="float32")
price = features @ weights + 0.1 * rng.randn(60).astype("float32")

x_train = torch.from_numpy(features)
y_train = torch.from_numpy(price).reshape(-1, 1)

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for epoch in range(60):
    pred = net(x_train)
    loss = ((pred - y_train) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 20 == 0:
        print(f"epoch {epoch:3d}  loss {loss.item():.4f}")
print("RESULT", round(loss.item(), 4))
