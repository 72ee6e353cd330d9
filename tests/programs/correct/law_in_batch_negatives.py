"""A two-tower recommender: the items of the other users in the batch are the negatives."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(103)


class TwoTower(nn.Module):
    def __init__(self, users, items, d=6):
        super().__init__()
        self.users, self.items = nn.Embedding(users, d), nn.Embedding(items, d)

    def forward(self, user, item):
        u, i = self.users(user), self.items(item)
        positive = (u * i).sum(1)
        rolled = (u * i.roll(1, 0)).sum(1)
        shuffled = (u * i[torch.randperm(i.size(0))]).sum(1)
        return -F.logsigmoid(positive - rolled) - F.logsigmoid(positive - shuffled)


def hardest(u, i):
    """For each user the item of another user that comes closest."""
    scores = u @ i.t()
    scores = scores.masked_fill(torch.eye(len(u), dtype=torch.bool), float("-inf"))
    return scores.max(dim=1).values


data = TensorDataset(torch.randint(0, 10, (24,)), torch.randint(0, 15, (24,)))
model = TwoTower(10, 15)
opt = torch.optim.Adam(model.parameters(), lr=0.02)
for user, item in DataLoader(data, batch_size=8):
    loss = model(user, item).mean() + 0.1 * F.relu(hardest(model.users(user), model.items(item))).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
