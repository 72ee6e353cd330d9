import torch
import torch.nn as nn
from torch.utils.data import DataLoader, IterableDataset

torch.manual_seed(37)


class Stream(IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        g = torch.Generator().manual_seed(1)
        for _ in range(self.n):
            x = torch.randn(4, generator=g)
            yield {"x": x, "y": x.sum(), "name": "row"}


model = nn.Linear(4, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for batch in DataLoader(Stream(22), batch_size=5):
    pred = model(batch["x"]).squeeze(-1)
    assert len(batch["name"]) == len(pred)
    loss = nn.functional.mse_loss(pred, batch["y"])
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
