import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--bs", type=int, default=20)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args([])

torch.manual_seed(2)
centers = torch.randn(4, 10) * 2
labels = torch.randint(0, 4, (80,))
data = centers[labels] + torch.randn(80, 10)
loader = DataLoader(TensorDataset(data, labels), batch_size=args.bs)
model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 4))
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)

for epoch in range(args.epochs):
    model.train()
    for xb, yb in loader:
        loss = F.cross_entropy(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

model.eval()
correct = 0
with torch.no_grad():
    for xb, yb in loader:
        out = model(xb)
        pred = out.argmax(dim=1, keepdim=True)
        correct += (pred == yb).sum().item()  # BUG: (bs, 1) == (bs,) compares every prediction with every label
print("RESULT", correct, "/", len(loader.dataset))
