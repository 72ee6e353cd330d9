import numpy as np, torch, torch.nn as nn
torch.manual_seed(0)
n = 5
model = nn.Linear(4, 5); x = torch.randn(n, 4)
scores = model(x).detach().numpy()
e = np.exp(scores - scores.max(axis=1, keepdims=True))
probs = e / e.sum(axis=1)
print("RESULT", probs.sum(axis=1).tolist())
