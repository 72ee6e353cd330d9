import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(29)
torch.manual_seed(29)
photos = rng.integers(0, 255, size=(4, 6, 6, 3), dtype=np.uint8)
x = torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 255
mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
a = (x - mean.view(3, 1, 1)) / std.view(3, 1, 1)
b = (x - mean[None, :, None, None]) / std[None, :, None, None]
assert torch.equal(a, b)
last = (torch.from_numpy(photos).float() / 255 - mean) / std          # channels last
assert torch.allclose(last.permute(0, 3, 1, 2), a)
own = (x - x.mean(dim=(0, 2, 3), keepdim=True)) / x.std(dim=(0, 2, 3), keepdim=True)
print("RESULT", round((nn.Conv2d(3, 2, 3)(a).mean() + own.abs().mean()).item(), 5))
