import torch

img = torch.rand(28, 28)
chw = img.permute(2, 0, 1)
