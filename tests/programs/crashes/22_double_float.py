import numpy as np
import torch
import torch.nn as nn

X = torch.from_numpy(np.random.randn(100, 5))
model = nn.Linear(5, 1)
print(model(X).shape)
