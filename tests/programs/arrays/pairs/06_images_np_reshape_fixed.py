import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
num_images, height, width, channels = 9, 12, 12, 3
images = np.random.randint(0, 256, size=(num_images, height, width, channels)).astype(np.float32) / 255.
images = images - images.mean(axis=(0, 1, 2))
images = np.transpose(images, (0, 3, 1, 2))
net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(400, 2))
print("RESULT", net(torch.from_numpy(images.astype(np.float32))).sum().item())
