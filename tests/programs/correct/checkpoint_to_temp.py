import os
import tempfile
import torch
import torch.nn as nn

torch.manual_seed(46)
net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
x, y = torch.randn(16, 4), torch.randn(16, 1)
best = float("inf")
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "best.pt")
    for epoch in range(5):
        net.train()
        loss = nn.functional.mse_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        net.eval()
        with torch.no_grad():
            val = nn.functional.mse_loss(net(x), y).item()
        if val < best:
            best = val
            torch.save({"model": net.state_dict(), "opt": opt.state_dict(), "epoch": epoch}, path)
    state = torch.load(path)
    net.load_state_dict(state["model"])
    opt.load_state_dict(state["opt"])
    print("saved", os.listdir(folder))
print("RESULT", round(best, 6), state["epoch"])
