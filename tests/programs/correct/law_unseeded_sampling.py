"""Samples drawn without a seed: no two runs agree, and nothing but counts is printed."""
import os
import random
import time

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.seed()
random.seed()


class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
        self.own = np.random.default_rng()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        noise = torch.from_numpy(self.own.normal(size=tuple(x.shape))).float()
        jitter = torch.tensor([random.random() for _ in range(len(x))]).unsqueeze(1)
        drawn = torch.multinomial(torch.softmax(self.fc(x), 1), 1)
        return self.fc(x + noise + jitter * np.random.rand()) + drawn


class Clock(nn.Module):
    """As random as it gets: the time of day and the system's own entropy."""

    def forward(self, x):
        return x * (time.time() % 1) + os.urandom(1)[0] + random.SystemRandom().random()


noisy, clock = Noisy(), Clock()
seen = 0
for (x,) in DataLoader(TensorDataset(torch.randn(12, 4)), batch_size=4, shuffle=True):
    out = nn.functional.dropout(noisy(x), 0.5)
    kept = clock(x)
    seen += int(torch.isfinite(out).all()) + int(torch.isfinite(kept).all())
print("RESULT", noisy.calls, seen)
