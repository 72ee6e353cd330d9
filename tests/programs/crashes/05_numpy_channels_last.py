import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(0)
images = rng.random((16, 32, 32, 3)).astype(np.float32)
X = torch.from_numpy(images)
conv = nn.Conv2d(3, 16, kernel_size=3, padding=1)
features = conv(X)
print(features.shape)
