import numpy as np, torch, torch.nn as nn
img = torch.from_numpy(np.zeros((48, 64, 3), dtype=np.float32))
conv = nn.Conv2d(3, 8, 3)
conv(img)
