import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Subset, TensorDataset

torch.manual_seed(44)
x = torch.randn(26, 3)
y = x @ torch.tensor([[1.0], [-1.0], [0.5]])
dataset = TensorDataset(x, y)
indices = np.random.RandomState(0).permutation(len(dataset))
scores = []
for fold in np.array_split(indices, 4):
    train_ids = np.setdiff1d(indices, fold)
    model = nn.Linear(3, 1)
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(2):
        for xb, yb in DataLoader(Subset(dataset, train_ids.tolist()), batch_size=6, shuffle=True):
            loss = nn.functional.mse_loss(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    xv, yv = dataset[fold.tolist()]
    with torch.no_grad():
        residual = (yv - model(xv)).pow(2).sum()
        scores.append((1 - residual / (yv - yv.mean()).pow(2).sum()).item())
print("RESULT", [round(s, 4) for s in scores])
