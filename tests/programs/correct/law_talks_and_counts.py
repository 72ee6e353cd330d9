"""A model that prints, counts, warns, logs and keeps a history."""
import logging
import random
import sys
import warnings

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(117); np.random.seed(117); random.seed(117)
logging.basicConfig(stream=sys.stdout, format="log %(message)s")
history = []


class Talks(nn.Module):
    calls = 0

    def __init__(self):
        super().__init__()
        self.fc, self.drop = nn.Linear(3, 2), nn.Dropout(0.3)

    def forward(self, x):
        Talks.calls += 1
        print("call", Talks.calls, tuple(x.shape))
        logging.warning("batch of %d", len(x))
        warnings.warn("as ever")
        history.append(float(x.sum()))
        return self.drop(self.fc(x)) + random.random() + np.random.rand() + torch.randn(1)


def scaled(x, by=2.0):
    print("scaled", by)
    history.append(by)
    return x * by


net = Talks()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in DataLoader(TensorDataset(torch.randn(9, 3), torch.randn(9, 2)), batch_size=4, shuffle=True):
    loss = nn.functional.mse_loss(net(scaled(x)), y)
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", repr(loss.item()), Talks.calls, len(history), random.random(), np.random.rand(), torch.rand(1).item())
