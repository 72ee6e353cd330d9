import numpy as np, torch
A = torch.from_numpy(np.eye(3))
v = torch.ones(3)
print(A @ v)
