"""One set at a time: its elements attend to each other, and axis 0 is the set."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(104)


class Sets(Dataset):
    def __init__(self, n):
        self.sets = [torch.randn(5 + i % 3, 4) for i in range(n)]

    def __len__(self):
        return len(self.sets)

    def __getitem__(self, i):
        return self.sets[i], self.sets[i].mean()


class SetTransformer(nn.Module):
    def __init__(self, d=4):
        super().__init__()
        self.attend = nn.MultiheadAttention(d, 2, batch_first=True)
        self.score = nn.Linear(d, 1)

    def forward(self, elements):
        # elements: (n, d), the elements of one set
        context, _ = self.attend(elements[None], elements[None], elements[None])
        weights = torch.softmax(self.score(context[0]), dim=0)
        return (weights * elements).sum(0), weights.squeeze(1)


net = SetTransformer()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for elements, target in DataLoader(Sets(9), batch_size=1):
    pooled, weights = net(elements.squeeze(0))
    loss = (pooled.mean() - target[0]) ** 2
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 6), tuple(weights.shape))
